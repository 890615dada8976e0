"""What a brand promises, against which the feed measures what customers live."""

from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vocpipe.errors import nearest
from vocpipe.taxonomy import Taxonomy
from vocpipe.yaml_reader import YamlReader


class Promise(BaseModel):
    """State one promise: the opinions on its themes and its step that should be positive, and the share of them that is aimed at.

    `step` null stands for every step, empty `themes` for every theme; one of the two is needed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", description="short name, kept from month to month")]
    fr: Annotated[str, Field(min_length=1, description="the promise in French, as the brand makes it")]
    themes: tuple[str, ...] = Field(default=(), description="themes of configs/taxonomies that it is judged by")
    step: str | None = Field(default=None, description="step of the customer journey that it is made for")
    target: float = Field(default=0.8, ge=0, le=1, description="share of positive opinions that it aims at")


class _PromiseFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    promises: Annotated[tuple[Promise, ...], Field(min_length=1)]


def load_promises(path: Path, taxonomy: Taxonomy) -> tuple[Promise, ...]:
    """Read the promises of a YAML file. Raises `ConfigError` that lists every mistake with its line and the nearest valid code."""
    reader = YamlReader(path)
    found = reader.model((), reader.tree, _PromiseFile)
    promises = found.promises if found else ()
    counts = Counter(promise.code for promise in promises)
    for position, promise in enumerate(promises):
        place: tuple[str | int, ...] = ("promises", position)
        if counts[promise.code] > 1:
            reader.mistake((*place, "code"), f"{promise.code!r} is given {counts[promise.code]} times")
        if not promise.themes and promise.step is None:
            reader.mistake(place, "names no theme and no step: give themes, step, or both")
        if promise.step is not None and promise.step not in taxonomy.step_codes:
            reader.mistake((*place, "step"), f"no step is called {promise.step!r}; {nearest(promise.step, taxonomy.step_codes)}")
        for number, theme in enumerate(promise.themes):
            if theme not in taxonomy.theme_codes:
                reader.mistake((*place, "themes", number), f"no theme is called {theme!r}; {nearest(theme, taxonomy.theme_codes)}")
    reader.finish()
    return promises
