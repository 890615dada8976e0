"""Remember how far a SQL source was read, so that the next batch goes on from there."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vocpipe.errors import ConfigError, InputError

_READ: dict[str, Callable[[str], Any]] = {
    "int": int,
    "str": str,
    "Decimal": Decimal,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
# A cursor is written in the workspace as it is: a text has to be a moment or a number of order, not what names or reaches a person.
_ORDERED_TEXT = re.compile(r"(?=.*\d)[A-Za-z0-9:.+/_-]{1,64}(?: [A-Z0-9:.+-]{1,32}){0,2}")
_REMEDY = "choose a column of whole numbers, days or moments"


@dataclass(frozen=True)
class Cursor:
    """Hold a value of the cursor column: a whole number, a decimal, a text, a day or a moment. Its repr does not show it: it comes from a row."""

    value: int | str | Decimal | dt.date | dt.datetime = field(repr=False)

    @classmethod
    def of(cls, value: Any, column: str) -> "Cursor":
        """Return the cursor of a cell; a moment that tells its offset is brought to UTC.

        Raises `InputError` when such values give no order, or could be personal data.
        """
        if type(value).__name__ not in _READ or (isinstance(value, Decimal) and not value.is_finite()):
            raise InputError(f"the cursor column {column!r} holds {type(value).__name__} values, which give no order to go on from", _REMEDY)
        if isinstance(value, str) and not _ORDERED_TEXT.fullmatch(value):
            raise InputError(f"the cursor column {column!r} holds texts that are neither moments nor numbers", _REMEDY)
        if isinstance(value, dt.datetime) and value.tzinfo:
            return cls(value.astimezone(dt.UTC))
        return cls(value)

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> "Cursor":
        """Return the cursor that `to_json` gave."""
        return cls(_READ[stored["type"]](stored["value"]))

    def to_json(self) -> dict[str, str]:
        """Return the value as text, with its type."""
        return {"type": type(self.value).__name__, "value": self.value.isoformat() if isinstance(self.value, dt.date) else str(self.value)}


def cursor_range(reports: Sequence[tuple[str, Mapping[str, Any]]], batch: str) -> tuple[Cursor | None, Cursor | None]:
    """Return what a batch reads, (after, until]: after what the batch named before it read last, until where the one named after it began.

    `reports` gives the finished batches, each with what was written when it was read: {"cursor": {"after": …, "last": …}}, each null or the JSON of a
    `Cursor`; reports without a cursor do not count, nor does the one of the batch itself. None is no bound. Raises `ConfigError` when a batch named
    after this one has read from the start, which leaves nothing for this one.
    """
    cursors = sorted(((name, report["cursor"]) for name, report in reports if report.get("cursor") and name != batch), key=lambda each: each[0])
    after = next((cursor["last"] for name, cursor in reversed(cursors) if name < batch and cursor["last"]), None)
    following = next(((name, cursor["after"]) for name, cursor in cursors if name > batch), None)
    if following and following[1] is None:
        raise ConfigError(
            f"the batch {following[0]!r} has read the source from its first row: nothing is left for {batch!r}, which comes before it",
            f"name the batch so that it comes after {following[0]!r}, or run both in a new workspace, {batch!r} first",
        )
    until = following[1] if following else None
    return Cursor.from_json(after) if after else None, Cursor.from_json(until) if until else None
