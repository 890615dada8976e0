"""Hear what French-speaking customers say: verbatims in, irritants on the customer journey out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vocpipe.annotator import Annotator
    from vocpipe.config import RunConfig, load_config
    from vocpipe.errors import VocpipeError
    from vocpipe.runs import RunReport, run
    from vocpipe.workspace import Workspace

__version__ = "0.1.0"

__all__ = ["Annotator", "RunConfig", "RunReport", "VocpipeError", "Workspace", "load_config", "run"]

_HOMES = {
    "Annotator": "annotator",
    "RunConfig": "config",
    "RunReport": "runs",
    "VocpipeError": "errors",
    "Workspace": "workspace",
    "load_config": "config",
    "run": "runs",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that `import vocpipe` is immediate."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vocpipe' has no attribute {name!r}")
    return getattr(import_module(f"vocpipe.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
