"""Read the words around a number, without accents, capitals or typographic variants: they say what a number is."""

import unicodedata


def _plain_letters() -> dict[int, str | None]:
    """Return what each letter of the Latin alphabet is without its accent, in lower case, and each mark that is an accent by itself: nothing."""
    letters = {code: unicodedata.normalize("NFD", chr(code))[0].lower() for code in (*range(0x41, 0x5B), *range(0xC0, 0x250))}
    return {**letters, **dict.fromkeys(range(0x300, 0x370)), 0x152: "oe", 0x153: "oe"}


_FOLDED = _plain_letters() | str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "º": "°", "№": "n°", "\u00a0": " ", "\u202f": " ", "\t": " "})


def fold(text: str) -> str:
    """Return a text in lower case, without accents, with one apostrophe and one space. Its length may change."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def before(text: str, start: int, characters: int = 60) -> str:
    """Return the folded characters before a place, as many as are near. A marker hides what stands before it."""
    return fold(raw_before(text, start, characters))


def raw_before(text: str, start: int, characters: int) -> str:
    """Return the characters before a place as they are. A marker hides what stands before it: what it says was said of another value."""
    return text[max(0, start - characters) : start].rpartition("]")[2]


def after(text: str, end: int, characters: int = 40) -> str:
    """Return the folded characters after a place, as many as are near, up to a marker."""
    return fold(text[end : end + characters].partition("[")[0])
