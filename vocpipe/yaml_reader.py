"""Read a YAML file and gather its mistakes, each with its line and its place."""

from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vocpipe.errors import ConfigError, nearest

Place: TypeAlias = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)


class YamlReader:
    """Hold the content of a file (`tree`) and the mistakes found in it, until `finish` reports them all.

    Raises `ConfigError` at once when the file is not YAML at all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[Place, int] = {}
        self._mistakes: dict[str, int] = {}
        try:
            text = path.read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            self._note_lines((), node)
            self.tree: Any = yaml.safe_load(text)
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8", "save it as UTF-8") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise ConfigError(
                f"{path} is not valid YAML: {' '.join(str(error).split())}",
                "correct the file: YAML is indented with spaces, and a text with ': ' or '#' needs quotes",
            ) from error

    def mistake(self, place: Place, message: str) -> None:
        """Note what is wrong at a place of the file."""
        known = next(place[:length] for length in range(len(place), -1, -1) if place[:length] in self._lines or not length)
        line = self._lines.get(known, 1)
        self._mistakes.setdefault(f"line {line}: {_dotted(place)}{message}", line)

    def mapping(self, place: Place, value: Any, keys: tuple[str, ...]) -> dict[str, Any]:
        """Return a mapping, with a mistake noted for each key that is not one of those."""
        if not isinstance(value, dict):
            self.mistake(place, f"a mapping is expected, with the keys {', '.join(keys)}")
            return {}
        for key in value:
            if key not in keys:
                self.mistake((*place, key), f"unknown setting; {nearest(str(key), keys)}")
        return value

    def model(self, place: Place, value: Any, kind: type[_Model]) -> _Model | None:
        """Return the value as its pydantic model, or note each of its mistakes and return null."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for detail in error.errors():
                self.explain(place, detail, kind)
            return None

    def explain(self, place: Place, detail: ErrorDetails, kind: type[BaseModel]) -> None:
        """Note one mistake that pydantic found in a model of that kind."""
        inner = detail["loc"]
        if detail["type"] == "extra_forbidden":
            message = f"unknown setting; {nearest(str(inner[-1]), _fields(kind, inner[:-1]))}"
        elif detail["type"] == "missing":
            message = "is missing"
        else:
            shown = repr(detail["input"])
            message = f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, not {shown if len(shown) < 60 else shown[:60] + '…'}"
        self.mistake((*place, *inner), message)

    def finish(self) -> None:
        """Raise `ConfigError` with every mistake, in the order of the file, when there is any."""
        if self._mistakes:
            lines = sorted(self._mistakes, key=lambda message: self._mistakes[message])
            count = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
            listed = "\n".join(f"  - {line}" for line in lines)
            raise ConfigError(f"{self.path} has {count}:\n{listed}", "correct the file, then try it with: vocpipe check CONFIG")

    def _note_lines(self, place: Place, node: yaml.Node | None) -> None:
        """Remember the line of each value; a key given twice, which YAML lets pass, is a mistake."""
        if node is None:
            return
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            for position, item in enumerate(node.value):
                self._note_lines((*place, position), item)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*place, str(key.value))
                if inner in self._lines:
                    self._mistakes[f"line {key.start_mark.line + 1}: {_dotted(inner)}given twice"] = key.start_mark.line + 1
                self._lines[inner] = key.start_mark.line + 1
                self._note_lines(inner, value)


def _dotted(place: Place) -> str:
    """Return a place as people count: the first item of a list is 1."""
    words = [str(part + 1) if isinstance(part, int) else part for part in place]
    return ".".join(words) + ": " if words else ""


def _fields(kind: Any, inner: Place) -> list[str]:
    """Return the settings that a model has, at a place inside it; the items of a list have those of the model that its type names."""
    for part in inner:
        if isinstance(part, str):
            field = kind.model_fields.get(part) if kind else None
            kind = _model_in(field.annotation) if field else None
    return list(kind.model_fields) if kind else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model that a type names: `Model`, `Model | None`, `tuple[Model, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
