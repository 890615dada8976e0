"""Find the files that come with vocpipe: configurations, models, sample."""

from pathlib import Path

from vocpipe.errors import ConfigError, nearest

PACKAGE = Path(__file__).parent


def root() -> Path:
    """Return the folder that holds `configs/` and `models/`: the checkout, or the installed package's data."""
    bundled = PACKAGE / "_bundled"
    return bundled if bundled.is_dir() else PACKAGE.parent


def config_path(kind: str, name: str | Path) -> Path:
    """Return the path of a configuration given as a path, or as the name of one in `configs/<kind>/`.

    Raises `ConfigError` with the nearest valid name.
    """
    path = Path(name)
    if path.is_file():
        return path
    folder = root() / "configs" / kind
    candidate = folder / f"{path.name.removesuffix('.yaml')}.yaml"
    if candidate.is_file() and path.parent == Path("."):
        return candidate
    known = [found.stem for found in folder.glob("*.yaml")]
    raise ConfigError(f"no such configuration: {name}", f"give a path to a YAML file, or a name in configs/{kind}: {nearest(path.stem, known)}")
