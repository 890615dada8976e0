"""Find again the configuration that a workspace was made with."""

from pathlib import Path

from pydantic import ValidationError

from vocpipe.config import RunConfig, load_config
from vocpipe.errors import ConfigError, VocpipeError
from vocpipe.stages import find_stage
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.workspace import Workspace


def config_of(workspace: Workspace, given: str | Path | None = None) -> RunConfig:
    """Return the configuration that is given, or the one that the settings kept in the workspace tell.

    A workspace keeps no paths: with a taxonomy or models of one's own, the configuration must be given. Raises `ConfigError` when it must.
    """
    config = load_config(given) if given is not None else _rebuilt(workspace)
    kept = {name: value for name, value in workspace.settings.items() if name != "redaction_key"}
    if given is None and config.settings() != kept:
        raise ConfigError(f"the settings that {workspace.path} was made with cannot be found again", _GIVE_IT)
    return config


def taxonomy_of(workspace: Workspace, given: str | Path | None = None) -> Taxonomy:
    """Return the taxonomy that the workspace was made with; raise `ConfigError` when the configuration must be given, or has another one."""
    taxonomy = load_config(given).taxonomy if given is not None else load_taxonomy()
    if taxonomy.fingerprint != workspace.settings["taxonomy"]:
        raise ConfigError(f"{workspace.path} was made with another taxonomy", _GIVE_IT)
    return taxonomy


_GIVE_IT = "give the configuration of its runs: --config CONFIG"


def _rebuilt(workspace: Workspace) -> RunConfig:
    kept = workspace.settings
    try:
        stages = [find_stage(stage["use"])(**{name: value for name, value in stage.items() if name != "use"}) for stage in kept["stages"]]
        parts = {name: kept[name] for name in ("source", "irritants", "duplicates", "redaction", "feed", "shard_rows")}
        return RunConfig(name="review", stages=tuple(stages), taxonomy=taxonomy_of(workspace), **parts)
    except (KeyError, TypeError, ValidationError, VocpipeError) as error:
        raise ConfigError(f"the settings that {workspace.path} was made with cannot be found again", _GIVE_IT) from error
