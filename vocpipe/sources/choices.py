"""Choose which column of an export is which of ours, the surest first."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vocpipe.sources.config import RATINGS
from vocpipe.sources.headers import KNOWN_HEADERS, familiarity, find_columns, words_of
from vocpipe.sources.likeness import Likeness, is_reply, likeness
from vocpipe.sources.profile import Profile

SURE_ENOUGH = 0.5
WORTH_A_LOOK = 0.3
_LONG_TEXT_WORDS = 4
_ROLES = (
    ("points faibles", r"points? (?:faibles?|negatifs?)|negati\w+|inconvenients?|defauts?|(?:pas|moins) (?:\w+ )?(?:aime|apprecie|plu)|deplu|cons|dislikes?"),
    ("points forts", r"points? (?:forts?|positifs?)|positi\w+|avantages?|aime|apprecie|plu|pros|likes?"),
    ("suggestions", r"suggestions?|amelior\w+|propositions?|idees?|improve\w*"),
)


class Choice(NamedTuple):
    """Hold the header chosen for one of our columns, and how sure that is; a refused header looks like the column and is not it."""

    column: str
    header: str
    likeness: Likeness
    refused: bool = False


class Part(NamedTuple):
    """Hold a column of text beside others, and what it tells when its header says so."""

    role: str
    header: str
    known: bool


def choose(profiles: Sequence[Profile]) -> list[Choice]:
    """Return a header for each of our columns that the export seems to have, in our order, and the headers to refuse.

    Headers that are known and would be taken without a mapping are refused when their values do not fit.
    """
    ranked = sorted(
        (
            Choice(column, values.header, likeness(column, values))
            for column in KNOWN_HEADERS
            for values in profiles
            if values.filled or familiarity(column, values.header)
        ),
        key=lambda choice: -choice.likeness.confidence,
    )
    chosen: dict[str, Choice] = {}
    for choice in ranked:
        taken = {other.header for other in chosen.values()}
        if choice.likeness.confidence >= SURE_ENOUGH and choice.column not in chosen and choice.header not in taken:
            chosen[choice.column] = choice
    mapping: dict[str, str | None] = {column: choice.header for column, choice in chosen.items()}
    by_header = {values.header: values for values in profiles}
    while unwanted := {column: header for column, header in find_columns(list(by_header), mapping).items() if column not in mapping}:
        for column, header in unwanted.items():
            mapping[column] = None
            chosen[column] = Choice(column, header, likeness(column, by_header[header]), refused=True)
    return sorted(chosen.values(), key=lambda choice: list(KNOWN_HEADERS).index(choice.column))


def candidates(profiles: Sequence[Profile], choices: Sequence[Choice]) -> list[Choice]:
    """Return the free columns that may be one of ours, and are not sure enough to be."""
    missing = [column for column in (*RATINGS, "date", "company", "product", "channel") if all(choice.column != column for choice in choices)]
    free = [values for values in profiles if values.filled and all(choice.header != values.header or choice.refused for choice in choices)]
    found = [Choice(column, values.header, likeness(column, values)) for column in missing for values in free]
    return sorted((choice for choice in found if choice.likeness.confidence >= WORTH_A_LOOK), key=lambda choice: -choice.likeness.confidence)


def find_parts(profiles: Sequence[Profile], choices: Sequence[Choice]) -> list[Part]:
    """Return the columns that hold the customer's words, in the order of the file, when there are several; company replies and titles are none."""
    taken = {choice.header for choice in choices if not choice.refused and choice.column != "text"}
    chosen = {choice.header for choice in choices if choice.column == "text"}
    parts = []
    for values in profiles:
        sure = likeness("text", values).confidence >= SURE_ENOUGH and values.words >= _LONG_TEXT_WORDS
        if values.header not in taken and not is_reply(values.header) and (sure or values.header in chosen):
            role = _role(values.header)
            parts.append(Part(role or " ".join(values.header.split()), values.header, role is not None))
    return parts if len(parts) > 1 else []


def are_the_text(parts: Sequence[Part], choices: Sequence[Choice]) -> bool:
    """Tell whether the parts together are the text: each says what it tells, once, and no column is known to hold the whole."""
    roles = [part.role for part in parts]
    text = next((choice.header for choice in choices if choice.column == "text" and not choice.refused), "")
    return all(part.known for part in parts) and len(set(roles)) == len(roles) > 1 and not (text and familiarity("text", text))


def _role(header: str) -> str | None:
    words = " ".join(words_of(header))
    if header.rstrip().endswith(("+", "-", "−")):
        return "points forts" if header.rstrip().endswith("+") else "points faibles"
    return next((role for role, pattern in _ROLES if re.search(rf"\b(?:{pattern})\b", words)), None)
