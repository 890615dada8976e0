"""Read a run's configuration from YAML into one frozen model, with every mistake reported at once."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vocpipe import pipeline
from vocpipe.duplicates import DuplicateSettings
from vocpipe.engines import ENGINES
from vocpipe.errors import ModelError, VocpipeError, nearest
from vocpipe.feeds import FeedSettings, Promise, load_promises
from vocpipe.feeds.inputs import ROWS
from vocpipe.french.redaction import RedactionSettings
from vocpipe.irritants import IrritantSettings
from vocpipe.ml import hub, store
from vocpipe.resources import config_path
from vocpipe.schema import CANONICAL, SCHEMA_VERSION
from vocpipe.sources import SourceConfig, load_source
from vocpipe.stages import STAGES, find_stage
from vocpipe.stages.base import Context, Stage
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.yaml_reader import YamlReader


class RunConfig(BaseModel):
    """Hold everything that a run depends on, except its inputs. `models` null stands for the models that come with vocpipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: SourceConfig
    stages: tuple[Stage, ...]
    taxonomy: Taxonomy
    irritants: IrritantSettings = Field(default_factory=IrritantSettings)
    duplicates: DuplicateSettings = Field(default_factory=DuplicateSettings)
    redaction: RedactionSettings = Field(default_factory=RedactionSettings)
    feed: FeedSettings = Field(default_factory=FeedSettings)
    models: Path | None = None
    engine: str = "local"
    workers: int = Field(default=1, ge=1, le=1024)
    shard_rows: int = Field(default=1000, ge=1, le=1_000_000)

    def model_names(self) -> tuple[str, ...]:
        """Return the models that the stages load, as `name@version`, each once."""
        return tuple(dict.fromkeys(model for stage in self.stages for model in stage.models))

    def hub_names(self) -> tuple[str, ...]:
        """Return the models of the Hugging Face hub that the stages load, each once."""
        return tuple(dict.fromkeys(model for stage in self.stages for model in stage.hub_models))

    def verify_models(self) -> None:
        """Check that the models of every stage are there, whole and fit; one of the hub is downloaded. Raise `ModelError` when one is not."""
        for stage in self.stages:
            stage.verify(Context(self.taxonomy, self.models))

    def settings(self) -> dict[str, Any]:
        """Return, ready for JSON, everything that can change a row or a table; where models are and how many workers run cannot."""
        return {
            "schema": SCHEMA_VERSION,
            "source": self.source.model_dump(mode="json"),
            "stages": [{"use": f"{type(stage).__module__}:{type(stage).__qualname__}", **stage.fingerprint_settings()} for stage in self.stages],
            "models": {
                **{name: store.load_card(store.resolve(name, self.models)).fingerprint for name in self.model_names()},
                **{name: hub.fingerprint(name) for name in self.hub_names()},
            },
            "taxonomy": self.taxonomy.fingerprint,
            "irritants": self.irritants.model_dump(mode="json"),
            "duplicates": self.duplicates.model_dump(mode="json"),
            "redaction": self.redaction.model_dump(mode="json"),
            "feed": self.feed.model_dump(mode="json"),
            "shard_rows": self.shard_rows,
        }


def fingerprint(settings: dict[str, Any]) -> str:
    """Return the sha256, in hexadecimal, of settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load_config(name: str | Path) -> RunConfig:
    """Read a configuration given as a path, or as the name of one in `configs/runs`.

    Paths in it are relative to it, or to the working folder. Raises `ConfigError` that lists every mistake with its line and the nearest valid name.
    """
    path = config_path("runs", name)
    reader = YamlReader(path)
    tree = reader.mapping((), reader.tree, _KEYS)
    values: dict[str, Any] = {key: tree[key] for key in ("engine", "workers", "shard_rows") if key in tree}
    values["name"] = path.stem
    values["taxonomy"] = _taxonomy(reader, tree)
    values["models"] = _folder(reader, tree, "models")
    values["source"] = _source(reader, tree)
    values["stages"] = _stages(reader, tree, values["models"])
    values["irritants"] = reader.model(("irritants",), tree.get("irritants") or {}, IrritantSettings)
    values["duplicates"] = reader.model(("duplicates",), tree.get("duplicates") or {}, DuplicateSettings)
    values["redaction"] = reader.model(("redaction",), tree.get("redaction") or {}, RedactionSettings)
    values["feed"] = _feed(reader, tree, values["taxonomy"])
    if str(values.get("engine", "local")) not in ENGINES:
        reader.mistake(("engine",), f"no engine is called {values['engine']!r}; {nearest(str(values['engine']), ENGINES)}")
    return _finish(reader, values)


_KEYS = ("source", "stages", "duplicates", "redaction", "irritants", "feed", "taxonomies", "models", "engine", "workers", "shard_rows")


def _finish(reader: YamlReader, values: dict[str, Any]) -> RunConfig:
    """Build the whole; the mistakes of parts that are wrong already are not repeated."""
    try:
        config = RunConfig(**values)
    except ValidationError as error:
        for detail in error.errors():
            if detail["loc"][0] in ("engine", "workers", "shard_rows"):
                reader.explain((), detail, RunConfig)
        reader.finish()
        raise
    reader.finish()
    return config


def _folder(reader: YamlReader, tree: dict[str, Any], key: str) -> Path | None:
    """Return a folder that the file names, or null when it names none that exists."""
    given = tree.get(key)
    if given is None:
        return None
    for place in (reader.path.parent / str(given), Path(str(given))):
        if place.is_dir():
            return place
    reader.mistake((key,), f"no such folder: {given}")
    return None


def _taxonomy(reader: YamlReader, tree: dict[str, Any]) -> Taxonomy | None:
    folder = _folder(reader, tree, "taxonomies")
    try:
        return load_taxonomy(folder)
    except VocpipeError as error:
        reader.mistake(("taxonomies",), error.message)
        return None


def _source(reader: YamlReader, tree: dict[str, Any]) -> SourceConfig | None:
    given = tree.get("source")
    if not isinstance(given, str) or not given:
        reader.mistake(("source",), "is missing: name one of configs/sources, or the path of your own")
        return None
    beside = reader.path.parent / given
    try:
        return load_source(beside if beside.is_file() else given)
    except VocpipeError as error:
        reader.mistake(("source",), "; ".join(filter(None, (error.message, error.hint))))
        return None


def _feed(reader: YamlReader, tree: dict[str, Any], taxonomy: Taxonomy | None) -> FeedSettings | None:
    """Return the settings of the feed, with the promises of the file that `promise` names, looked for beside the configuration, then as given."""
    given = tree.get("feed") or {}
    if isinstance(given, dict) and "promise" in given:
        given = {**given, "promise": _promises(reader, given["promise"], taxonomy)}
    feed = reader.model(("feed",), given, FeedSettings)
    if feed and taxonomy and feed.scheme not in taxonomy.schemes:
        reader.mistake(("feed", "scheme"), f"no scheme is called {feed.scheme!r}; {nearest(feed.scheme, taxonomy.schemes)}")
    return feed


def _promises(reader: YamlReader, name: Any, taxonomy: Taxonomy | None) -> tuple[Promise, ...]:
    if name is None:
        return ()
    if not isinstance(name, str):
        reader.mistake(("feed", "promise"), "name the file of the promises, such as configs/promise.yaml")
        return ()
    path = next((place for place in (reader.path.parent / name, Path(name)) if place.is_file()), None)
    if path is None:
        reader.mistake(("feed", "promise"), f"no such file: {name}")
        return ()
    try:
        return load_promises(path, taxonomy) if taxonomy else ()
    except VocpipeError as error:
        reader.mistake(("feed", "promise"), error.message)
        return ()


def _stages(reader: YamlReader, tree: dict[str, Any], models: Path | None) -> tuple[Stage, ...] | None:
    """Return the stages, checked together when each is right by itself."""
    items = tree.get("stages")
    if not isinstance(items, list) or not items:
        reader.mistake(("stages",), f"is missing: a list, each item with use: one of {', '.join(STAGES)}, or package.module:Class")
        return None
    found = [_stage(reader, ("stages", position), item) for position, item in enumerate(items)]
    stages = tuple(stage for stage in found if stage)
    if len(stages) == len(items):
        for position, message in pipeline.mistakes(stages):
            reader.mistake(("stages", position), message)
        missing = sorted(set(ROWS.names) - {*CANONICAL, pipeline.REJECT} - {column.name for stage in stages for column in stage.new_columns()})
        if missing:
            reader.mistake(("stages",), f"no stage adds {', '.join(missing)}, which the tables need; use language, segment and classify, or stages of your own")
    for position, stage in enumerate(found):
        for model in stage.models if stage else ():
            try:
                store.resolve(model, models, pinned=True)
            except ModelError as error:
                reader.mistake(("stages", position), "; ".join(filter(None, (error.message, error.hint))))
    return stages


def _stage(reader: YamlReader, place: tuple[str | int, ...], item: Any) -> Stage | None:
    if isinstance(item, str):
        item = {"use": item}
    if not isinstance(item, dict) or not isinstance(item.get("use"), str):
        reader.mistake(place, f"a stage is written with use: one of {', '.join(STAGES)}, or package.module:Class")
        return None
    try:
        kind = find_stage(item["use"])
    except VocpipeError as error:
        reader.mistake((*place, "use"), f"{error.message}; {error.hint}")
        return None
    return reader.model(place, {key: value for key, value in item.items() if key != "use"}, kind)
