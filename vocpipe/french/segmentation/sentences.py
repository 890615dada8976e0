"""Sentences of a line: where a mark, an emoji, or a capital in the middle of a text typed without marks ends one."""

import re
from collections.abc import Iterator

from vocpipe.french.abbreviations import ABBREVIATIONS, BEFORE_NAME, SHORTENED
from vocpipe.french.segmentation.spans import Span, has_words, trimmed

_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f1e6-\U0001f1ff]"
_OPENER = "Je|Ils?|Elles?|On|Nous|Les?|La|Une?|Ce|Cela|Ça|Cette|Ces|Mon|Ma|Mes|Aucune?|Très|Tres|Pas|Mais|Merci|Bonjour"
_ELIDED = "[CJL]['’]"
_OPENS = re.compile(rf"(?:{_OPENER})(?![^\W_])|{_ELIDED}")
_SMALL = r"[^\W\d_A-ZÀ-Ý]"
_END = re.compile(
    rf"""
      (?P<marks>[.!?…‼⁉]++) (?P<closing>[)"”’']*+(?:\s?»)?+)
    | (?P<emoji>(?:{_EMOJI})++)
    | [ ] (?P<capital>(?=(?:{_OPENER})\s+{_SMALL}|{_ELIDED}{_SMALL}))
    """,
    re.VERBOSE,
)
_NEXT_WORD = re.compile(r"\s*+(?:[-–—(«“\"]\s*+)?([^\W_]{0,30}['’]?)")
_LAST_WORD = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.-?)*[^\W\d_]+)$")
_UNIT = re.compile(r"\d\s*[^\W\d_]+$")
_NEVER_LAST = re.compile(
    r"""(?<!\w)(?:à|au|aux|avec|ce|cette|chez|contre|dans|de|des|du|en|est|et|la|le|les|ma|mes|mon|ou|par|pour|que|qui|selon|sont|sous|sur|une?|vers|via|vos
        |votre|l['’]|d['’]|qu['’])$""",
    re.IGNORECASE | re.VERBOSE,
)
_GOES_ON = re.compile(r"\s*(?:et|ou|de|du|des|d['’]|à|a|au|aux|ce|cet|cette|pour|que|qu['’]|qui|avec|dans|en|sur|par|mais|car)\b", re.IGNORECASE)
_HESITATES = re.compile(r"\s*(?:comment dire|disons|euh|hum|bref|enfin bref)\b", re.IGNORECASE)
_ADDRESS_ENDS = {
    "com",
    "fr",
    "net",
    "org",
    "eu",
    "be",
    "ch",
    "ca",
    "io",
    "co",
    "info",
    "biz",
    "html",
    "htm",
    "php",
    "pdf",
    "jpg",
    "jpeg",
    "png",
    "docx",
    "xlsx",
}


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of a stretch, without the space around them."""
    first = start
    for mark in _END.finditer(text, start, end):
        if _ends(text, first, mark, end):
            yield from trimmed(text, first, mark.end())
            first = mark.end()
    yield from trimmed(text, first, end)


def _ends(text: str, start: int, mark: re.Match[str], end: int) -> bool:
    """Tell whether the sentence that begins at `start` ends at the mark."""
    if mark["emoji"]:
        return _emoji_ends(text, start, mark, end)
    if not mark["marks"]:
        return _capital_opens(text, start, mark, end)
    word = _next_word(text, mark, end)
    spaced = mark.end() == end or text[mark.end()].isspace()
    if (mark["closing"] and word[:1].islower()) or text[max(start, mark.start() - 1)] == "(":
        return False
    if mark["marks"] == ".":
        return _full_stop_ends(text, mark, word) if spaced else _tight_full_stop_ends(text, mark, word)
    if word[:1].islower() and not mark["marks"].strip(".…"):
        return _dots_end(text, start, mark, end, 2 if spaced else 3)
    return spaced or word[:1].isalpha() or text[mark.end()] in "-–—(«“"


def _next_word(text: str, mark: re.Match[str], end: int) -> str:
    found = _NEXT_WORD.match(text, mark.end(), end)
    return found[1] if found else ""


def _word_before(text: str, mark: re.Match[str]) -> tuple[str, bool]:
    """Return the word before a mark, with the full stops in it, and whether it is a unit after a number ("14 h")."""
    before = text[max(0, mark.start() - 16) : mark.start()]
    found = _LAST_WORD.search(before)
    return found[1] if found else "", bool(_UNIT.search(before))


def _full_stop_ends(text: str, mark: re.Match[str], word: str) -> bool:
    """Tell whether a full stop before white space ends a sentence: not after an abbreviation, an initial, or an acronym in the middle of one."""
    last, unit = _word_before(text, mark)
    if not word:
        return True
    if "." in last and last.replace(".", "").isupper():
        return word[0].isupper()
    if last.casefold() in BEFORE_NAME or (len(last) == 1 and last.isupper()):
        return unit or (bool(_OPENS.fullmatch(word)) and last not in ("M", "Mme", "Mlle", "Mr", "Dr"))
    if last.casefold() in SHORTENED or len(last) == 1:
        return word[0].isupper() or (unit and not word[0].isdigit() and word.casefold() not in ABBREVIATIONS)
    return True


def _tight_full_stop_ends(text: str, mark: re.Match[str], word: str) -> bool:
    """Tell whether a full stop with no space after it ends a sentence ("rapide.Je"): not in a number, an acronym, an address."""
    last, _ = _word_before(text, mark)
    if not word[:1].isalpha() or word.casefold() in _ADDRESS_ENDS or (len(word) == 1 and word not in "aày"):
        return False
    if len(last) == 1 or "." in last or last.casefold() in ABBREVIATIONS or last.casefold() == "www":
        return False
    return word[0].isupper() or not _NEVER_LAST.search(text[max(0, mark.start() - 12) : mark.start()])


def _dots_end(text: str, start: int, mark: re.Match[str], end: int, least: int) -> bool:
    """Tell whether dots before a small letter part two statements, rather than mark a pause in one ("merci... pour rien")."""
    return not _HESITATES.match(text, mark.end(), end) and has_words(text, start, mark.start(), least) and has_words(text, mark.end(), end, least)


def _emoji_ends(text: str, start: int, mark: re.Match[str], end: int) -> bool:
    """Tell whether emoji close what stands before them: a statement, and another follows; or nothing, and they join a neighbour later."""
    if not has_words(text, start, mark.start(), 1):
        return True
    word = _next_word(text, mark, end)
    if word[:1].isupper():
        return True
    return bool(word) and has_words(text, start, mark.start(), 3) and has_words(text, mark.end(), end, 3) and not _GOES_ON.match(text, mark.end(), end)


def _capital_opens(text: str, start: int, mark: re.Match[str], end: int) -> bool:
    """Tell whether a capital in the middle of a line opens a sentence: words stand on both sides, and the word before calls for no name."""
    before = text[max(start, mark.start() - 12) : mark.start()]
    small = before[-1:].isalnum() and not before[-1:].isupper()
    return small and has_words(text, start, mark.start(), 2) and has_words(text, mark.end(), end, 3) and not _NEVER_LAST.search(before)
