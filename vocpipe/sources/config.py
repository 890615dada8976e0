"""Describe a source: one YAML file of configs/sources says how to read the exports of one tool."""

import difflib
import zoneinfo
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from vocpipe.errors import ConfigError, nearest
from vocpipe.resources import config_path
from vocpipe.sources.headers import MAPPABLE
from vocpipe.sources.values import label_key

Scale = tuple[float, float]
RATINGS: tuple[str, ...] = ("stars", "csat", "nps", "ces")
DEFAULT_SCALES: dict[str, Scale] = {"stars": (1.0, 5.0), "csat": (1.0, 5.0), "nps": (0.0, 10.0), "ces": (1.0, 7.0)}


class SqlConfig(BaseModel):
    """Say what to read from a database. Its address and password are in the environment only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url_env: Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$", description="environment variable that holds the SQLAlchemy URL")]
    query: Annotated[str, Field(min_length=1, description="one SELECT; its columns are the headers")]
    cursor: Annotated[str | None, Field(description="column that grows: each batch reads what came after the one before it")] = None


class SourceConfig(BaseModel):
    """Say how to read the exports of one tool. Everything but the name may be left to be found in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, description="goes into the column `source` and into identifiers: never rename a source in use")]
    format: Annotated[Literal["auto", "csv", "xlsx", "json", "jsonl", "parquet", "sql"], Field(description="auto: by content and extension")] = "auto"
    encoding: Annotated[str, Field(description="a Python codec such as utf-8 or cp1252; auto: found")] = "auto"
    delimiter: Annotated[str, Field(description="one character; auto: the most consistent of ; , tab |")] = "auto"
    sheet: Annotated[str | None, Field(description="sheet of the workbook; the first that has rows when left out")] = None
    records: Annotated[
        str | None, Field(description="dotted path of the list in a JSON document, such as data.reviews; the first list of objects when left out")
    ] = None
    sql: Annotated[SqlConfig | None, Field(validate_default=True, description="with format: sql")] = None
    columns: Annotated[dict[str, str | None], Field(description="our column: header in the export (dotted path in JSON); null: the export has none")] = {}
    text_parts: Annotated[
        dict[str, str], Field(description="role: header, when several columns hold the customer's words, such as {points forts: Les +, points faibles: Les -}")
    ] = {}
    question: Annotated[str | None, Field(description="question asked, when no column tells it")] = None
    company: Annotated[str | None, Field(description="company when no column tells it")] = None
    channel: Annotated[str | None, Field(description="channel when no column tells it")] = None
    scales: Annotated[dict[str, Scale], Field(description="rating: [worst, best]; a reversed scale is [7, 1]")] = {}
    labels: Annotated[
        dict[str, tuple[str, ...]],
        Field(description="rating given in words: [worst, …, best], spread evenly over its scale, which is 1 to their number by default"),
    ] = {}
    day_first: Annotated[bool, Field(description="03/04/2021 is the third of April")] = True
    timezone: Annotated[str | None, Field(description="such as Europe/Paris: moments that tell their offset are brought there before the day is taken")] = None
    max_text: Annotated[int, Field(ge=100, description="longest cell in characters; rows with a longer one go to quarantine")] = 20_000

    @field_validator("encoding")
    @classmethod
    def _is_a_codec(cls, value: str) -> str:
        if value != "auto":
            try:
                "a".encode(value)
            except LookupError:
                raise ValueError(f"unknown encoding {value!r}: use auto, utf-8, cp1252, latin-1, utf-16 or mac_roman") from None
        return value

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        value = {"tab": "\t", "\\t": "\t"}.get(value, value)
        if value != "auto" and (len(value) != 1 or value in '"\r\n\0'):
            raise ValueError(f"{value!r} is not a delimiter: use auto, tab, or one character such as ';'")
        return value

    @field_validator("records")
    @classmethod
    def _is_a_path_in_json(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            if not all(part.strip() for part in value.split(".")):
                raise ValueError(f"{value!r} is not a dotted path: write for example data.reviews")
            if info.data.get("format", "auto") not in ("auto", "json"):
                raise ValueError(f"belongs to format: json, and the format is {info.data['format']}")
        return value

    @field_validator("sql")
    @classmethod
    def _goes_with_its_format(cls, value: SqlConfig | None, info: ValidationInfo) -> SqlConfig | None:
        declared = info.data.get("format")
        if declared == "sql" and value is None:
            raise ValueError("is missing: with format: sql, write url_env (the environment variable that holds the address) and query")
        if value is not None and declared not in ("sql", None):
            raise ValueError(f"belongs to format: sql, and the format is {declared}")
        return value

    @field_validator("columns")
    @classmethod
    def _are_our_columns(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        _refuse_unknown(value, MAPPABLE)
        return value

    @field_validator("text_parts")
    @classmethod
    def _are_parts(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        wrong = [f"{role!r} needs the header of a column" for role, header in value.items() if not header.strip()]
        wrong += ["a role is blank: name what the customer tells there, such as points forts"] * any(not role.strip() for role in value)
        wrong += [f"the header {header!r} has two roles" for header in sorted(_repeated(map(label_key, value.values())))]
        columns = info.data.get("columns", {})
        if value:
            wrong += [
                f"columns maps {column} too: list its header here with a role, or leave text_parts out" for column in ("text", "title") if columns.get(column)
            ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    @field_validator("scales")
    @classmethod
    def _are_scales(cls, value: dict[str, Scale]) -> dict[str, Scale]:
        _refuse_unknown(value, RATINGS)
        flat = [name for name, (worst, best) in value.items() if worst == best]
        if flat:
            raise ValueError(f"{', '.join(flat)}: worst and best are the same; write [worst, best], for example [1, 5]")
        return value

    @field_validator("labels")
    @classmethod
    def _are_labels(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _refuse_unknown(value, RATINGS)
        wrong = [
            f"{name}: two labels or more are needed, none of them blank" for name, labels in value.items() if len(labels) < 2 or not all(map(label_key, labels))
        ]
        wrong += [f"{name}: the label {label!r} is there twice" for name, labels in value.items() for label in sorted(_repeated(map(label_key, labels)))]
        if wrong:
            raise ValueError(f"{'; '.join(wrong)}; write them from the worst to the best")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                zoneinfo.ZoneInfo(value)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"no time zone is called {value!r}: {_nearest_timezone(value)}") from None
        return value


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _nearest_timezone(name: str) -> str:
    """Return the zone of that city, or the one written most alike, whatever its case."""
    known = {zone.casefold(): zone for zone in sorted(zoneinfo.available_timezones(), reverse=True)}
    wanted = name.strip().casefold().replace(" ", "_")
    cities = [zone for folded, zone in known.items() if folded.rpartition("/")[2] == wanted]
    close = cities or [known[folded] for folded in difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)]
    return f"did you mean {close[0]!r}?" if close else "write a name such as Europe/Paris"


def _refuse_unknown(given: dict[str, Any], known: tuple[str, ...]) -> None:
    wrong = [f"{name!r} is not one of our columns: {nearest(str(name), known)}" for name in given if name not in known]
    if wrong:
        raise ValueError("; ".join(wrong))


def _explain(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "file"
    if error["type"] == "extra_forbidden":
        known = SqlConfig.model_fields if error["loc"][0] == "sql" else SourceConfig.model_fields
        return f"{place}: no such setting; {nearest(str(error['loc'][-1]), known)}"
    if place == "sql.url_env" and error["type"] == "string_pattern_mismatch":
        return f"{place}: write the name of an environment variable, such as VOC_DATABASE_URL; never the address itself"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


def load_source(name_or_path: str | Path) -> SourceConfig:
    """Read a source given by path, or by its name in configs/sources.

    Raises `ConfigError` with every mistake of the file at once.
    """
    path = config_path("sources", name_or_path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {error}", "check the indentation and the quotes at that place") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds no settings", "write at least: name: my_source")
    try:
        return SourceConfig.model_validate(content)
    except ValidationError as error:
        mistakes = "\n".join(f"  {_explain(mistake)}" for mistake in error.errors())
        raise ConfigError(f"{path} has {error.error_count()} mistake(s):\n{mistakes}", "configs/sources/auto.yaml shows every setting") from error
