"""Tell where a model can run, without loading torch when it cannot be of use."""

import ctypes
import sys
from importlib.util import find_spec
from typing import Literal, TypeAlias

from vocpipe.errors import ModelError

Device: TypeAlias = Literal["auto", "cpu", "cuda", "torch-cpu"]
"""Where a model runs: `auto` is a GPU when there is one, `torch-cpu` is for comparing the backends."""


def has_cuda() -> bool:
    """Tell whether torch is installed and sees a GPU; torch is loaded only where there is a driver."""
    if find_spec("torch") is None or not _has_driver():
        return False
    import torch

    return torch.cuda.is_available()


def _has_driver() -> bool:
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def check_torch(wanted_by: str, *packages: str) -> None:
    """Raise `ModelError` when torch, or one of `packages` beside it, is not installed."""
    missing = [name for name in ("torch", *packages) if find_spec(name) is None]
    if missing:
        wrong = f"{wanted_by} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed"
        raise ModelError(wrong, "in vocpipe's checkout: make full (or pip install '.[gpu]')")


def check_cuda() -> None:
    """Raise `ModelError` when torch is not installed or sees no GPU."""
    check_torch("device cuda")
    import torch

    if not torch.cuda.is_available():
        raise ModelError("device cuda is asked for, and torch sees no GPU", "use device: auto or cpu, or install a torch that is built for CUDA")
