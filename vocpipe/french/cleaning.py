"""Bring customers' text to the form that models read. The stored text is never changed: this is for the model's eyes only.

A version is a tuple of steps. It never changes once a model was trained with it: the model's card records its number, and the model goes on
reading text cleaned that way. What a newer model should read otherwise is a new version.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

import ftfy
from ftfy.fixes import fix_c1_controls, unescape_html

Step = Callable[[str], str]

_SPACE = re.compile(r"\s+")


def _replace(pattern: str, replacement: str | Callable[[re.Match[str]], str], flags: re.RegexFlag = re.NOFLAG) -> Step:
    """Return the step that replaces every match of a pattern."""
    return partial(re.compile(pattern, flags).sub, replacement)


def _with_single_spaces(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


# Version 1: what voc-fr-small@1 reads.

_MOJIBAKE_1 = re.compile(r"[ÃÂ][\x80-\xbf\u2018-\u203a€™œ¢§¨©ª«®°±´]|â€|ï¿½")


def _repaired_1(text: str) -> str:
    return str(ftfy.fix_encoding(text)) if _MOJIBAKE_1.search(text) else text


_VERSION_1: tuple[Step, ...] = (
    _repaired_1,
    partial(unicodedata.normalize, "NFC"),
    _replace("[\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]", ""),
    _replace(r"[’‘ʼ´`]", "'"),
    _replace(r"(?:https?://|www\.)\S+", "http", re.IGNORECASE),
    _replace(r"(?<!\w)@\w+", "@user"),
    _replace(r"([^\W\d_])\1{2,}", r"\1\1"),
    _replace(r"([^\w\s])\1{3,}", r"\1\1\1"),
    _with_single_spaces,
)


# Version 2: exports are repaired more deeply (HTML, mojibake of mojibake), look-alike characters are one, repetition is shortened everywhere.

_PASSES = 6
"""Times that the steps are applied at most, until they change nothing: an entity may hide a tag, which may hide a link."""
_UNUSUAL = re.compile(r"[^\t\n\r !-%'-;=-_a-~àâæçéèêëîïôœùûüÿÀÆÇÉÈÊËÎÏÔŒÙÛÜŸ€°²]|â€")
"""What the repairs may touch; most opinions hold none, and spare them."""
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_LONE_JOINER = re.compile(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])|\u200d[\u2640\u2642]")
_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[¼½¾⅐-⅞])")
_TAG = _replace(
    r"</?(?:a|b|blockquote|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|small|span|strong|table|td|th|tr|u|ul)(?:\s+[\w:-]+\s*=[^<>]{0,300})?\s*/?>",
    " ",
    re.IGNORECASE,
)
_SIGNS = {
    **dict.fromkeys("’‘‚‛ʼ´`′", "'"),
    **dict.fromkeys("“”„‟″«»‹›", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("™®", ""),
    "№": "n°",
    "º": "°",
    "\u200d": "\u200d",
}
_KEPT = "²³¹⁰⁴⁵⁶⁷⁸⁹µ"
"""Compatibility characters that carry meaning: `10²` is not 102."""


class _Characters(dict[int, str]):
    """Map every character to the one that stands for it and its look-alikes, found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _likeness(chr(code))
        return self[code]


def _likeness(character: str) -> str:
    """Return the character that stands for this one: NFKC, but where that would lose meaning; nothing for what does not show and for skin tones."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _KEPT:
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs") or "\ufe00" <= character <= "\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff":
        return ""
    plain = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
    return character if plain[0] == " " else plain  # a lone accent, "¨", would become a space and a mark


_CHARACTERS = _Characters()


def _without_html(text: str) -> str:
    if "&" in text:
        text = unescape_html(text)
    return _TAG(text) if "<" in text else text


def _repaired(text: str) -> str:
    return text if text.isascii() else fix_c1_controls(ftfy.fix_encoding(text))


def _with_plain_characters(text: str) -> str:
    text = unicodedata.normalize("NFC", _AFTER_DIGIT.sub(" ", text).translate(_CHARACTERS))
    return text if text.isascii() else _LONE_JOINER.sub("", _MARKS.sub("", text))


def _shortened(run: re.Match[str]) -> str:
    """Keep two letters of a run of three or more, "troooop"; "XIII" and "www." are none."""
    return run[0] if run[1] is None else run[1] * 2


_REPAIRS_2: tuple[Step, ...] = (
    _without_html,
    _repaired,
    _replace(r"(?<=[«‹])\s+|(?<!\s)\s+(?=[»›])", ""),
    _with_plain_characters,
)
_VERSION_2: tuple[Step, ...] = (
    _replace(r"\[([A-Z_]+):[a-z]{8}\]", r"[\1]"),
    _replace(r"\b(?:[XV]*III\b|www(?=\.))|([^\W\d_])\1{2,}", _shortened),
    _replace(r"\b(h[aeéio]|[aeéio]h)\1{2,}", r"\1\1", re.IGNORECASE),
    _replace(r"(?:https?://|\bwww\.)\S*[^\s.,;:!?)\]\"']", "http", re.IGNORECASE),
    _replace(r"(?<!\w)@\w+", "@user"),
    _replace(r"([^\w\s]|_)\1{3,}", r"\1\1\1"),
    _replace(r"([!?]{3})[!?]+", r"\1"),
    _with_single_spaces,
)


def _applied(steps: tuple[Step, ...], text: str) -> str:
    for step in steps:
        text = step(text)
    return text


def _clean_2(text: str) -> str:
    for _ in range(_PASSES):
        before = text
        text = _applied(_VERSION_2, _applied(_REPAIRS_2, text) if _UNUSUAL.search(text) else text)
        if text == before or not _UNUSUAL.search(text):
            break
    return text


_VERSIONS: dict[int, Step] = {1: partial(_applied, _VERSION_1), 2: _clean_2}
CLEANING_VERSIONS: tuple[int, ...] = tuple(_VERSIONS)
"""Versions that models may have been trained with."""
CLEANING_VERSION = CLEANING_VERSIONS[-1]
"""The newest version, for training; a trained model is run with the version of its card."""


def clean(text: str, version: int = CLEANING_VERSION) -> str:
    """Return the text in the form that models of that cleaning version read; cleaning twice changes nothing more.

    Version 1 repairs mojibake, composes accents, unifies apostrophes and spaces, replaces links by `http` and mentions by `@user`,
    shortens "troooop" to "troop" and "!!!!!!" to "!!!" (repetition is kept as a signal). Emoji, accents and capitals stay.

    Version 2 also takes out HTML, repairs mojibake of mojibake, writes look-alike characters one way ("ﬁ", "𝗡𝗨𝗟", curly quotes, dashes; "m²" stays),
    drops marks piled on letters, what does not show, and skin tones, shortens laughs and mixed "?!?!?!", and reads `[NOM:abcdefgh]` as `[NOM]`.
    """
    return _VERSIONS[version](text)
