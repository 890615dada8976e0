"""The three training jobs as YAML files: what they may say, and every mistake in them at once."""

import math
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from vocpipe import resources
from vocpipe.errors import ConfigError
from vocpipe.training.prepare import CorpusPart, TeacherConfig
from vocpipe.training.pretrain import PretrainConfig
from vocpipe.training.settings import DistilSettings, FinetuneSettings
from vocpipe.yaml_reader import YamlReader


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HeldOut(_Form):
    """Name annotated verbatims, and a source of them, whose dev, test and out-of-domain texts no model may have seen."""

    annotated: str
    source: str | None = None


class Extras(_Form):
    """Hold what is seldom changed."""

    threads: int | None = Field(default=None, ge=1)
    batch_tokens: int = Field(default=8192, ge=64)
    masked: float = Field(default=0.15, gt=0, lt=0.5)


class PretrainForm(_Form):
    """Say how to pretrain an encoder; the result is the folder `work`/encoder. Paths are relative to the folder that the command runs in."""

    work: Path
    data: Path
    corpus: tuple[CorpusPart, ...] = Field(min_length=1)
    held_out: HeldOut | None = None
    teacher: TeacherConfig | None = None
    vocabulary: int = Field(default=16_000, ge=64)
    width: int = Field(default=256, ge=16, multiple_of=16)
    layers: int = Field(default=4, ge=1)
    epochs: float = Field(default=3, gt=0)
    minutes: float = Field(default=math.inf, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    seed: int = 0
    more: Extras = Extras()

    def settings(self) -> PretrainConfig:
        """Return the settings of `pretrain`."""
        own = self.model_dump(include={"vocabulary", "width", "layers", "epochs", "learning_rate", "seed"})
        return PretrainConfig(corpus=self.corpus, batch_tokens=self.more.batch_tokens, masked=self.more.masked, **own)


class DistilExtras(_Form):
    """Hold what is seldom changed; see `vocpipe.training.settings` for what each means."""

    threads: int | None = Field(default=None, ge=1)
    models: Path | None = None
    batch_windows: int = Field(default=48, ge=1)
    wide_learning_rate: float = Field(default=0.02, gt=0)
    wide_dropout: float = Field(default=0.3, ge=0, lt=1)
    average: float = Field(default=0.998, ge=0, lt=1)


class DistilForm(_Form):
    """Say how to train a student on its teachers' answers; the result is the folder `work`/student, which fine-tuning can start from."""

    start: str
    teachers: tuple[str, ...] = ()
    targets: Path | None = None
    data: Path
    corpus: tuple[CorpusPart, ...] = Field(min_length=1)
    held_out: HeldOut | None = None
    epochs: int = Field(default=2, ge=1)
    minutes: float = Field(default=math.inf, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    temperature: float = Field(default=1.5, gt=0)
    seed: int = 0
    work: Path
    more: DistilExtras = DistilExtras()

    @model_validator(mode="after")
    def _taught(self) -> "DistilForm":
        if not self.teachers and self.targets is None:
            raise ValueError("give `teachers`, `targets`, or both")
        return self

    def settings(self) -> DistilSettings:
        """Return the settings of `distil`."""
        own = self.model_dump(include={"epochs", "learning_rate", "temperature", "seed"})
        return DistilSettings(**own, **self.more.model_dump(exclude={"threads", "models"}))


class DataPart(_Form):
    """Name a file of annotated verbatims, or a label pack with the folder of its texts, and how much each of its opinions counts in training."""

    file: str | None = None
    pack: Path | None = None
    texts: Path | None = None
    weight: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _one_kind(self) -> "DataPart":
        if (self.file is None) == (self.pack is None) or (self.pack is None) != (self.texts is None):
            raise ValueError("give `file`, or `pack` with the folder of its `texts`")
        return self


def _parts(value: Any) -> Any:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple({"file": item} if isinstance(item, str | Path) else item for item in items)


class About(_Form):
    """Say what the model is and under which licence."""

    description: str
    licence: str


class FinetuneExtras(_Form):
    """Hold what is seldom changed; see `vocpipe.training.settings` for what each means."""

    threads: int | None = Field(default=None, ge=1)
    models: Path | None = None
    teacher: TeacherConfig | None = None
    checklist: Path | None = None
    keep: float = Field(default=0.5, ge=0)
    """How much the new model keeps saying what the model that it started from says; 0: not at all."""
    minutes: float = Field(default=math.inf, gt=0)
    batch_windows: int = Field(default=48, ge=1)
    wide_learning_rate: float = Field(default=0.02, gt=0)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    wide_dropout: float = Field(default=0.3, ge=0, lt=1)
    average: float = Field(default=0.998, ge=0, lt=1)
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)


class FinetuneForm(_Form):
    """Say how to fine-tune; the result is the model folder `models`/`name`/`version`."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    about: About
    start: str
    data: Annotated[tuple[DataPart, ...], BeforeValidator(_parts), Field(min_length=1)]
    held_out_source: str | None = None
    epochs: int = Field(default=6, ge=1)
    learning_rate: float = Field(default=4e-4, gt=0)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    patience: int | None = Field(default=None, ge=1)
    seed: int = 0
    work: Path
    more: FinetuneExtras = FinetuneExtras()

    @model_validator(mode="after")
    def _first_is_a_file(self) -> "FinetuneForm":
        if self.data[0].file is None:
            raise ValueError("the first entry of `data` must be a file: dev and test are taken from it")
        return self

    def settings(self) -> FinetuneSettings:
        """Return the settings of `finetune`."""
        own = self.model_dump(include={"epochs", "learning_rate", "layer_decay", "patience", "seed"})
        extra = self.more.model_dump(exclude={"threads", "models", "teacher", "checklist", "keep", "minutes"})
        return FinetuneSettings(**own, **extra, soft_weight=self.more.keep)


Form = TypeVar("Form", bound=_Form)


def load_form(path: str | Path, kind: type[Form]) -> Form:
    """Read a training configuration given as a path, or as a name in `configs/train`; raise `ConfigError` with every mistake."""
    reader = YamlReader(_place(Path(path)))
    try:
        form = reader.model((), reader.tree, kind)
        reader.finish()
    except ConfigError as error:
        raise ConfigError(error.message, "correct the file; the examples in configs/train explain every setting") from error
    if form is None:
        raise ConfigError(f"{path} is not a training configuration", "see configs/train for examples")
    return form


def _place(path: Path) -> Path:
    """Return the file that a path or a name such as `voc-fr-small/finetune` stands for."""
    bundled = resources.root() / "configs" / "train" / path.with_suffix(".yaml")
    return bundled if not path.is_file() and bundled.is_file() else resources.config_path("train", path)
