"""The data dictionary: the contract of the feed, written for those who query it, in French and in English."""

import functools
from pathlib import Path
from typing import Any

import pyarrow as pa

from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES, FeedTable
from vocpipe.feeds.severity import SeverityWeights

UNITS = {
    "": ("", ""),
    "balance": ("de -1 à 1", "-1 to 1"),
    "characters": ("caractères", "characters"),
    "day": ("jour", "day"),
    "opinions": ("opinions", "opinions"),
    "pieces": ("données masquées", "pieces of data"),
    "points": ("points, de 0 à 100", "points, 0 to 100"),
    "probability": ("probabilité, de 0 à 1", "probability, 0 to 1"),
    "rating": ("points de l'échelle de la note", "points of the rating's scale"),
    "records": ("enregistrements", "records"),
    "sentiment": ("de -2 à 2", "-2 to 2"),
    "share": ("part, de 0 à 1", "share, 0 to 1"),
    "similarity": ("proximité, jusqu'à 1", "closeness, up to 1"),
    "verbatims": ("verbatims", "verbatims"),
}
"""What figures count or measure, in French and in English, by the code that `dictionary_examples.tsv` gives each column."""


def french(english: str) -> str:
    """Return a meaning of the contract in French; a `KeyError` tells one that `dictionary_fr.tsv` lacks."""
    return _french()[english] if english else ""


def entries() -> dict[str, Any]:
    """Return the dictionary, ready for JSON: the version, then each table with its meaning, key and columns, everything in both languages."""
    return {"schema_version": SCHEMA_VERSION, "severity": _formula(), "tables": {table.name: _table(table) for table in TABLES.values()}}


def dictionary() -> str:
    """Return the dictionary as Markdown, each meaning in French, then in English."""
    head = [
        f"# Dictionnaire du feed · Data dictionary of the feed, version {SCHEMA_VERSION}",
        "",
        "Une case vide (null) veut dire *non exprimé* ou *non connu*, jamais zéro. Les parts vont de 0 à 1. Une clé désigne une ligne, doublons mis à part.",
        "",
        "Null means *not expressed* or *not known*, never zero. Shares are between 0 and 1. A key identifies a row once duplicates are left aside.",
        "",
        f"`{_formula()}`",
    ]
    return "\n".join([*head, *(line for name, table in entries()["tables"].items() for line in _section(name, table))]) + "\n"


def type_name(kind: pa.DataType) -> str:
    """Return the name of a column's type: string, int64, date32[day], list of string…"""
    return f"list of {kind.value_type}" if pa.types.is_list(kind) else str(kind)


def _formula() -> str:
    return next(line.strip() for line in (SeverityWeights.__doc__ or "").splitlines() if "severity =" in line)


def _table(table: FeedTable) -> dict[str, Any]:
    columns = {}
    for column in table.columns:
        unit, example = _examples().get(f"{table.name}.{column.name}") or _examples()[column.name]
        unit_fr, unit_en = UNITS[unit]
        columns[column.name] = {
            "type": type_name(column.type),
            "unit_fr": unit_fr,
            "unit": unit_en,
            "meaning_fr": french(column.meaning),
            "meaning": column.meaning,
            "null_fr": french(column.null),
            "null": column.null,
            "example": example,
        }
    return {"meaning_fr": french(table.meaning), "meaning": table.meaning, "key": list(table.key), "by_month": table.by_month, "columns": columns}


def _section(name: str, table: dict[str, Any]) -> list[str]:
    key = ", ".join(f"`{column}`" for column in table["key"])
    rows = []
    for column, told in table["columns"].items():
        null = f"{told['null_fr']}<br>*{told['null']}*" if told["null"] else "jamais<br>*never*"
        unit = f"{told['unit_fr']}<br>*{told['unit']}*" if told["unit"] else ""
        meaning = f"{told['meaning_fr']}<br>*{told['meaning']}*"
        rows.append("| " + " | ".join(map(_cell, (f"`{column}`", told["type"], unit, meaning, null, f"`{told['example']}`"))) + " |")
    head = ["| colonne · column | type | unité · unit | sens · meaning | vide · null | exemple · example |", "|---|---|---|---|---|---|"]
    return ["", f"## {name}", "", table["meaning_fr"], "", f"*{table['meaning']}*", "", f"Clé · Key: {key}.", "", *head, *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


@functools.cache
def _french() -> dict[str, str]:
    return dict(line.split("\t") for line in _lines("dictionary_fr.tsv"))


@functools.cache
def _examples() -> dict[str, tuple[str, str]]:
    found = (line.split("\t") for line in _lines("dictionary_examples.tsv")[1:])
    return {column: (unit, example) for column, unit, example in found}


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
