"""Hostile text of any length, and the proof that a function reads it in linear time."""

import gc
import time
from collections.abc import Callable

UNITS = {
    "no space": "a",
    "one letter and a full stop": "a.",
    "full stops": ".",
    "spaces": " ",
    "line breaks": "\n",
    "straight quotes": '"',
    "opening quotes": "« ",
    "brackets": "(",
    "square brackets": "[NOM",
    "apostrophes": "l'",
    "hyphens": "a-",
    "digits": "1 000 ",
    "marks": "!?",
    "marks apart": "! ",
    "marks on lines": "!\n",
    "emoji": "😡",
    "emoji apart": "😡 ",
    "dots apart": "... a",
    "marks in brackets": "(!) ",
    "joined emoji": "👨\u200d",
    "zalgo": "e\u0301\u0302\u0303\u0336",
    "mojibake": "Ã©Ãƒ",
    "entities": "&am",
    "tags": "<b a=",
    "links": "http://",
    "mentions": "@a",
    "markers": "mais ",
    "list": "\n- a 1) ",
    "capitals": "a Je ",
    "laughs": "ha",
}


MEGABYTE = {
    name: unit * (1_000_000 // len(unit.encode())) for name, unit in {"quotes": '« "', "brackets": "([", "zalgo": UNITS["zalgo"], "no space": "a"}.items()
} | {"emoji": "😡" * 100_000}


def seconds(function: Callable[[str], object], text: str) -> float:
    """Return the processor time that a function takes on a text, garbage collection apart."""
    gc.disable()
    try:
        began = time.process_time()
        function(text)
        return time.process_time() - began
    finally:
        gc.enable()


def grows_linearly(function: Callable[[str], object], unit: str, length: int = 40_000) -> bool:
    """Tell whether four times the text takes about four times as long; a quadratic function takes 16 times."""
    short, whole = ((unit * (size // len(unit) + 1))[:size] for size in (length // 4, length))
    function("a")
    return seconds(function, whole) < 8 * seconds(function, short) + 0.3
