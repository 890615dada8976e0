"""What vocpipe runs on."""

import platform
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import vocpipe
from vocpipe.engines.base import cores

_BASE = ("pyarrow", "duckdb", "onnxruntime", "tokenizers", "numpy", "pydantic")
_EXTRA = ("torch", "transformers")
_FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "amx_bf16", "asimd", "i8mm")
"""What makes int8 inference faster, as Linux names it."""


def facts() -> list[tuple[str, str]]:
    """Return what there is to know, by name."""
    return [
        ("vocpipe", f"{vocpipe.__version__} in {Path(vocpipe.__file__).parent}"),
        ("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("installed", ", ".join(f"{name} {_version(name)}" for name in _BASE)),
        ("extras", ", ".join(f"{name} {_version(name)}" for name in _EXTRA)),
        ("processor", f"{cores()} cores; {_features()}"),
        ("accelerator", _accelerator()),
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _features() -> str:
    information = Path("/proc/cpuinfo")
    if not information.is_file():
        return "features unknown"
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", information.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    words = found.group(1).split() if found else []
    return ", ".join(feature for feature in _FEATURES if feature in words) or "none of the features that speed int8 up"


def _accelerator() -> str:
    command = shutil.which("nvidia-smi")
    if not command:
        return "none found; not needed"
    try:
        answer = subprocess.run([command, "--query-gpu=name,memory.total", "--format=csv,noheader"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "nvidia-smi is there, and does not answer"
    return "; ".join(answer.stdout.strip().splitlines()) or "none found; not needed"
