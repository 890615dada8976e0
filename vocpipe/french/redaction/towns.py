"""Read the postcode and the town that end an address."""

import re

from vocpipe.french.redaction.context import before, fold
from vocpipe.french.redaction.words import words

WORD = re.compile(r"[ ]{0,2}(?P<word>[ldLD]['’]|[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?)")
SENTENCE = words("sentence")
_COUNTED, _FIRST_PARTS, _JOINTS = words("counted"), words("town start"), words("town joint")
_CAPITAL_JOINTS = _JOINTS | words("town joint in capitals")

CODE = re.compile(r"(?:F-?)?(?:97[1-8][0-9]{2}|98[0-9]{3}|(?:0[1-9]|[1-8][0-9]|9[0-5])[ ]?[0-9]{3})(?![0-9])")
_FOREIGN_CODE = re.compile(r"(?:B|CH|L)?-?[1-9][0-9]{3}(?![0-9])")
_GAP = re.compile(r"[ \u00a0]{1,2}|,[ ]|\n|-")
_GAP_AFTER_STREET = re.compile(r"[ ]?[-–,]?[ \u00a0]{1,2}|\n|-|,")
_CEDEX = re.compile(r"[ -]{1,2}(?:cedex(?: [0-9]{1,2}\b)?|[0-9]{1,2}(?:er|e|[èe]me)\b)", re.IGNORECASE)
_AT_HOME = re.compile(
    r"\b(?:habit\w*|adresse\w*|domicil\w*|demeur\w*|resid\w*|livr\w*|loge\w*|situee?s?|demenag\w*|emmenag\w*|maison|appart\w*|chez moi|siege|sise?|secteur"
    r"|ville|commune|courrier|ecrire)\b[^!?\n]{0,30}$"
)


def plain(word: str) -> str:
    """Return a word as lists hold it: folded, without its final full stop."""
    return fold(word).rstrip(".")


def is_at_home(text: str, start: int) -> bool:
    """Tell whether the words before a place speak of living, writing or delivering there."""
    return _AT_HOME.search(before(text, start, 50)) is not None


def town_end(text: str, position: int, *, after_street: bool) -> int:
    """Return the end of the postcode and town that start at a place, or 0. Without a street before it, a town needs its capital."""
    code = CODE.match(text, position) or (_FOREIGN_CODE.match(text, position) if after_street else None)
    gap = (_GAP_AFTER_STREET if after_street else _GAP).match(text, code.end()) if code else None
    first = WORD.match(text, gap.end()) if gap else None
    if code is None or first is None or plain(first["word"]) in _COUNTED | SENTENCE:
        return 0
    if not first["word"][0].isupper() and (not after_street or code.re is _FOREIGN_CODE):
        return 0
    end = _name_end(text, first)
    if not after_street and first["word"].isupper() and len(first["word"]) > 2 and text[position : position + 5].endswith("000"):
        alone = text[end : end + 1] in ("", "\n", ".", ",", ")")
        if not (alone or is_at_home(text, position)):
            return 0
    cedex = _CEDEX.match(text, end)
    return cedex.end() if cedex else end


def _name_end(text: str, first: re.Match[str]) -> int:
    """Return the end of a town's name: all its capitalised words and what joins them; of one in lower case or capitals, its evident parts only."""
    title = (first["word"][0].isupper() and not first["word"].isupper()) or len(first["word"]) <= 2
    joints = _CAPITAL_JOINTS if title else _JOINTS
    end = position = first.end()
    previous = plain(first["word"])
    while not text.endswith(".", 0, position) and (word := WORD.match(text, position)):
        value = plain(word["word"])
        position = word.end()
        if value in joints and previous not in joints:
            previous = value
            continue
        follows = word["word"][0].isupper() if title else previous in joints or previous in _FIRST_PARTS
        if not follows or value in SENTENCE or value in _COUNTED:
            break
        end, previous = position, value
    return end - text.endswith(".", 0, end)
