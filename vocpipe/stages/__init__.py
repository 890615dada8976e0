"""One file per stage: a frozen model of its settings that loads a function from batch to new columns."""

import importlib

from vocpipe.errors import ConfigError, nearest
from vocpipe.stages.base import Stage

STAGES: dict[str, str] = {
    "language": "vocpipe.stages.language:Language",
    "content": "vocpipe.stages.content:Content",
    "segment": "vocpipe.stages.segment:Segment",
    "classify": "vocpipe.stages.classify:Classify",
}
"""The stages that configurations call by a short name, and where each is defined; imported only when used."""


def find_stage(use: str) -> type[Stage]:
    """Return the stage class that `use` names: a key of `STAGES`, or `package.module:Class` for one of the user's own.

    Raises `ConfigError` with the nearest valid name.
    """
    if use not in STAGES and ":" not in use:
        raise ConfigError(f"no stage is called {use!r}", f"{nearest(use, STAGES)} A stage of your own is written package.module:Class")
    module_name, _, class_name = STAGES.get(use, use).partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # the user's own module may fail in any way while it is imported
        raise ConfigError(
            f"the module {module_name!r} of stage {use!r} cannot be imported: {type(error).__name__}: {error}",
            "run from the folder that holds it, or install it",
        ) from error
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Stage)):
        known = [name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, Stage) and value is not Stage]
        raise ConfigError(
            f"{module_name} has no stage called {class_name!r}", nearest(class_name, known) if known else "a stage is a subclass of vocpipe.stages.base.Stage"
        )
    return found
