"""The codes that opinions are labelled with: emotions and their roll-ups, journey steps and phases, themes, flags."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from vocpipe import resources
from vocpipe.errors import ConfigError, nearest


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Frozen):
    """Name one code: French and English label, French definition."""

    code: str
    fr: str
    en: str
    definition: str


class Step(Label):
    """Name one step of the customer journey; `phase` is null when the step is on no phase."""

    phase: str | None


class Scheme(_Frozen):
    """Roll the fine emotions up into coarser ones: `of` maps every fine code to the code of one of `labels`."""

    fr: str
    en: str
    labels: tuple[Label, ...]
    of: dict[str, str]


class Taxonomy(_Frozen):
    """Hold every code in its order, which is also the order of the probabilities that a model gives."""

    version: str
    emotions: tuple[Label, ...]
    schemes: dict[str, Scheme]
    phases: tuple[Label, ...]
    steps: tuple[Step, ...]
    themes: tuple[Label, ...]
    flags: tuple[Label, ...]

    @property
    def emotion_codes(self) -> tuple[str, ...]:
        """Return the fine emotions."""
        return _codes(self.emotions)

    @property
    def step_codes(self) -> tuple[str, ...]:
        """Return the steps of the journey."""
        return _codes(self.steps)

    @property
    def theme_codes(self) -> tuple[str, ...]:
        """Return the themes."""
        return _codes(self.themes)

    @property
    def flag_codes(self) -> tuple[str, ...]:
        """Return the flags."""
        return _codes(self.flags)

    @property
    def fingerprint(self) -> str:
        """Return the sha256, in hexadecimal, of the whole content."""
        content = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()


class _EmotionFile(_Frozen):
    version: int
    emotions: tuple[Label, ...]
    schemes: dict[str, Scheme]


class _StepFile(_Frozen):
    version: int
    phases: tuple[Label, ...]
    steps: tuple[Step, ...]


class _ThemeFile(_Frozen):
    version: int
    themes: tuple[Label, ...]


class _FlagFile(_Frozen):
    version: int
    flags: tuple[Label, ...]


_File = TypeVar("_File", bound=_Frozen)


def load_taxonomy(folder: Path | None = None) -> Taxonomy:
    """Read the four YAML files of a folder, by default `configs/taxonomies`.

    Raises `ConfigError` that lists every mistake of the four files.
    """
    place = resources.root() / "configs" / "taxonomies" if folder is None else folder
    mistakes: list[str] = []
    emotions = _read(place / "emotions.yaml", _EmotionFile, mistakes)
    steps = _read(place / "steps.yaml", _StepFile, mistakes)
    themes = _read(place / "themes.yaml", _ThemeFile, mistakes)
    flags = _read(place / "flags.yaml", _FlagFile, mistakes)
    if emotions:
        mistakes += _emotion_mistakes(emotions)
    if steps:
        mistakes += _step_mistakes(steps)
    if themes:
        mistakes += _code_mistakes("themes.yaml: themes", themes.themes)
    if flags:
        mistakes += _code_mistakes("flags.yaml: flags", flags.flags)
    versions = {file.version for file in (emotions, steps, themes, flags) if file}
    if len(versions) > 1:
        mistakes.append(f"the four files carry different versions: {', '.join(map(str, sorted(versions)))}")
    if mistakes or not (emotions and steps and themes and flags):
        raise ConfigError(f"the taxonomy in {place} has mistakes:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes), "correct these files and run again")
    return Taxonomy(
        version=str(emotions.version),
        emotions=emotions.emotions,
        schemes=emotions.schemes,
        phases=steps.phases,
        steps=steps.steps,
        themes=themes.themes,
        flags=flags.flags,
    )


def _codes(labels: Iterable[Label]) -> tuple[str, ...]:
    return tuple(label.code for label in labels)


def _read(path: Path, kind: type[_File], mistakes: list[str]) -> _File | None:
    """Return the file as its model, or add what is wrong with it to the mistakes."""
    try:
        return kind.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        mistakes.append(f"{path.name}: cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        mistakes.append(f"{path.name}: not UTF-8")
    except yaml.YAMLError as error:
        mistakes.append(f"{path.name}: not valid YAML ({' '.join(str(error).split())})")
    except ValidationError as error:
        for detail in error.errors():
            where = ".".join(map(str, detail["loc"]))
            mistakes.append(f"{path.name}: {where + ': ' if where else ''}{detail['msg']}")
    return None


def _code_mistakes(where: str, labels: Iterable[Label]) -> list[str]:
    counts = Counter(_codes(labels))
    mistakes = [f"{where}: {code!r} is given {count} times" for code, count in counts.items() if count > 1]
    return mistakes if counts else [f"{where}: the list is empty"]


def _emotion_mistakes(file: _EmotionFile) -> list[str]:
    mistakes = _code_mistakes("emotions.yaml: emotions", file.emotions)
    fine = _codes(file.emotions)
    for name, scheme in file.schemes.items():
        where = f"emotions.yaml: schemes.{name}"
        coarse = _codes(scheme.labels)
        mistakes += _code_mistakes(f"{where}.labels", scheme.labels)
        mistakes += [f"{where}.of: {code!r} is missing" for code in fine if code not in scheme.of]
        mistakes += [f"{where}.of: {code!r} is not an emotion; {nearest(code, fine)}" for code in scheme.of if code not in fine]
        mistakes += [
            f"{where}.of.{code}: {target!r} is not a label of this scheme; {nearest(target, coarse)}"
            for code, target in scheme.of.items()
            if target not in coarse
        ]
    return mistakes


def _step_mistakes(file: _StepFile) -> list[str]:
    phases = _codes(file.phases)
    return [
        *_code_mistakes("steps.yaml: phases", file.phases),
        *_code_mistakes("steps.yaml: steps", file.steps),
        *(
            f"steps.yaml: {step.code}: {step.phase!r} is not a phase; {nearest(step.phase, phases)}"
            for step in file.steps
            if step.phase is not None and step.phase not in phases
        ),
    ]
