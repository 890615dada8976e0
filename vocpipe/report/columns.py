"""The opinions as columns of small integers, so that a browser can count them again under any filter."""

import base64
import gzip
from typing import TYPE_CHECKING, Any

import numpy as np

from vocpipe.report import queries
from vocpipe.report.dimensions import Dimensions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TYPES = {
    "month": "Uint16",
    "company": "Uint16",
    "nps": "Int32",
    "csat": "Int32",
    "ces": "Int32",
    "stars": "Int32",
    "opinions": "Uint16",
    "marks": "Uint8",
    "step": "Uint8",
    "theme": "Uint8",
    "emotions": "Uint16",
    "irritant": "Uint16",
    "enchantment": "Uint16",
}
"""Each column's JavaScript array; ratings are in hundredths, -10000 where none is given; codes count from 1, 0 is none (months count from 0)."""
_BYTES = {"Uint8": "<u1", "Uint16": "<u2", "Int32": "<i4"}


def prepare(connection: "DuckDBPyConnection", dimensions: Dimensions) -> None:
    """Make the temporary tables `page_verbatims` and `page_opinions` of the months in detail."""
    lists = {name: dimensions.codes(name) for name in dimensions.labels}
    connection.execute(queries.VERBATIMS, {"months": list(dimensions.months), "detail": list(dimensions.detail), "companies": list(dimensions.companies)})
    connection.execute(queries.OPINIONS, lists)


def read_columns(connection: "DuckDBPyConnection") -> dict[str, Any]:
    """Return the columns as the page decodes them: `fields` name, array type and length, one after the other in `data`, gzip in base64."""
    fields, stretches = [], []
    for query in (queries.VERBATIM_COLUMNS, queries.OPINION_COLUMNS):
        for name, values in connection.execute(query).fetchnumpy().items():
            kind = _TYPES[name]
            fields.append([name, kind, len(values)])
            stretches.append(np.asarray(values).astype(_BYTES[kind]).tobytes())
    # The widest arrays need an offset that is a multiple of their four bytes.
    padded = [stretch + b"\0" * (-len(stretch) % 4) for stretch in stretches]
    packed = gzip.compress(b"".join(padded), 9, mtime=0)
    return {"fields": fields, "data": base64.b64encode(packed).decode("ascii")}
