"""Replace personal data in a text: each kind by its marker, by a pseudonym, or not at all."""

import hmac
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vocpipe.errors import ConfigError, nearest
from vocpipe.french.redaction.kinds import RULES
from vocpipe.french.redaction.rule import Rule, Span, letters_and_digits

Mode: TypeAlias = Literal["mask", "pseudonym", "keep"]
KEY_VARIABLE = "VOCPIPE_REDACTION_KEY"
"""The environment variable that holds the secret from which pseudonyms are made."""
_SHORTEST_KEY = 16
_PSEUDONYM_LETTERS = 8
_MOST_PASSES = 10


class RedactionSettings(BaseModel):
    """Say what becomes of personal data: `default` for every kind that `kinds` does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Annotated[Mode, Field(description="mask: [NOM]; pseudonym: [NOM:kqzpwtnb], the same for the same person; keep: left as it is")] = "mask"
    kinds: Annotated[dict[str, Mode], Field(description="kind of personal data: mode")] = {}

    @field_validator("kinds")
    @classmethod
    def _are_kinds(cls, value: dict[str, Mode]) -> dict[str, Mode]:
        known = [rule.kind for rule in RULES]
        wrong = [f"no kind is called {name!r}: {nearest(name, known)}" for name in value if name not in known]
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    def mode(self, kind: str) -> Mode:
        """Return what becomes of a kind of personal data."""
        return self.kinds.get(kind, self.default)


class Redacted(NamedTuple):
    """Hold a text without personal data, and how many values of each kind were replaced in it."""

    text: str
    counts: dict[str, int]


def _letters(digest: bytes) -> str:
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:_PSEUDONYM_LETTERS])


class Redactor:
    """Replace personal data by what the settings say. Redacting twice changes nothing; time is linear in the length of the text.

    Raises `ConfigError` when a kind is to have pseudonyms and `key` is missing or shorter than 16 characters.
    """

    def __init__(self, settings: RedactionSettings | None = None, key: str | None = None, rules: tuple[Rule, ...] = RULES) -> None:
        self.settings = settings or RedactionSettings()
        self._rules = tuple((rule, self.settings.mode(rule.kind)) for rule in rules)
        self._key = (key or "").encode()
        self._by_hint = _by_hint(self._rules)
        wanting = [rule.kind for rule, mode in self._rules if mode == "pseudonym"]
        if wanting and len(self._key) < _SHORTEST_KEY:
            raise ConfigError(
                f"pseudonyms ({', '.join(wanting)}) are made from a secret of at least {_SHORTEST_KEY} characters in {KEY_VARIABLE}",
                f"set it in the environment, the same every month: export {KEY_VARIABLE}=$(openssl rand -hex 32); or use the mode mask",
            )

    @classmethod
    def from_environment(cls, settings: RedactionSettings | None = None) -> "Redactor":
        """Return the redactor whose key is in the environment; raise `ConfigError` when it is needed and missing."""
        return cls(settings, os.environ.get(KEY_VARIABLE))

    @property
    def key_mark(self) -> str | None:
        """Return eight letters that change with the key, so that a workspace can refuse another one; None when no kind has pseudonyms."""
        if all(mode != "pseudonym" for _, mode in self._rules):
            return None
        return _letters(hmac.digest(self._key, b"mark", "sha256"))

    def without(self, *kinds: str) -> "Redactor":
        """Return a redactor that does not look for some kinds."""
        return Redactor(self.settings, self._key.decode(), tuple(rule for rule, _ in self._rules if rule.kind not in kinds))

    def __call__(self, text: str, firm: str | None = None) -> Redacted:
        """Return the text without personal data, and how many values of each kind were replaced.

        `firm` is the company of the row: its words are no name of a person, so that "Olivier" stays where L'olivier Assurance is spoken of.
        """
        edits = self._edits(text, _words_of(firm) if firm else frozenset())
        counts: dict[str, int] = {}
        for edit in edits:
            counts[edit.rule.kind] = counts.get(edit.rule.kind, 0) + 1
        return Redacted(_apply(text, edits), counts)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return what is replaced in a text as (start, end, kind), from left to right, without overlap."""
        return [(edit.start, edit.end, edit.rule.kind) for edit in self._edits(text)]

    def replace(self, kind: str, value: str) -> str:
        """Return what stands for a whole value that is known to be of a kind, such as the cell of a column of names."""
        rule, mode = next(pair for pair in self._rules if pair[0].kind == kind)
        return value if mode == "keep" else self.replacement(rule, mode, value)

    def replacement(self, rule: Rule, mode: Mode, value: str) -> str:
        """Return the marker, or the pseudonym: eight letters of HMAC-SHA256 (RFC 2104), so that no rule finds a number in it."""
        if mode != "pseudonym":
            return rule.marker
        letters = _letters(hmac.digest(self._key, f"{rule.kind}\0{rule.same(value)}".encode(), "sha256"))
        return f"{rule.marker[:-1]}:{letters}]"

    def _edits(self, text: str, spared: frozenset[str] = frozenset()) -> list["_Edit"]:
        """Return the replacements from left to right, none of which overlap.

        Rules that come first win where two find the same characters. They are applied again until nothing is found, because a marker may part two
        numbers that were written as one. Twice is enough for what people write; the limit keeps time linear on chains made to need more.
        """
        edits: list[_Edit] = []
        current = text
        for _ in range(_MOST_PASSES):
            found = self._found(current, spared)
            if not found:
                break
            edits = _merged(edits, found)
            current = _apply(text, edits)
        return edits

    def _found(self, text: str, spared: frozenset[str]) -> list["_Edit"]:
        """Return what is to be replaced, from left to right; names made of the words `spared` are not.

        What is kept, and the markers, hide their characters from the rules that follow.
        """
        tried = sorted(pair for hint, pairs in self._by_hint if hint.search(text) for pair in pairs)
        if not tried:
            return []
        taken = _Taken(text)
        found: list[_Edit] = []
        for place, mode in tried:
            rule = self._rules[place][0]
            free = [span for span in rule.find(text) if taken.take(span)]
            if spared and rule.kind == "name":
                free = [(start, end) for start, end in free if not _words_of(text[start:end]) <= spared]
            if mode != "keep":
                found += (_Edit(start, end, rule, self.replacement(rule, mode, text[start:end])) for start, end in free)
        return sorted(found, key=lambda edit: edit.start)


@lru_cache(maxsize=1024)
def _words_of(name: str) -> frozenset[str]:
    return frozenset(letters_and_digits(word) for word in re.findall(r"\w+", name))


def _by_hint(rules: tuple[tuple[Rule, Mode], ...]) -> list[tuple[re.Pattern[str], list[tuple[int, Mode]]]]:
    """Return each hint with the places and modes of its rules, so that a hint that rules share is searched once."""
    shared: dict[re.Pattern[str], list[tuple[int, Mode]]] = {}
    for place, (rule, mode) in enumerate(rules):
        shared.setdefault(rule.hint, []).append((place, mode))
    return list(shared.items())


class _Edit(NamedTuple):
    """Hold one replacement: from `start` to `end` of a text, by `put`."""

    start: int
    end: int
    rule: Rule
    put: str


def _apply(text: str, edits: list[_Edit]) -> str:
    if not edits:
        return text
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start], edit.put)
        position = edit.end
    return "".join(pieces) + text[position:]


def _merged(edits: list[_Edit], found: list[_Edit]) -> list[_Edit]:
    """Add what was found in the edited text to the edits, at its place in the text before them. Markers hide what they replaced, so nothing overlaps."""
    merged: list[_Edit] = []
    longer = 0
    waiting = iter(edits)
    edit = next(waiting, None)
    for new in found:
        while edit and edit.start + longer < new.start:
            merged.append(edit)
            longer += len(edit.put) - (edit.end - edit.start)
            edit = next(waiting, None)
        merged.append(new._replace(start=new.start - longer, end=new.end - longer))
    return merged + ([edit, *waiting] if edit else [])


class _Taken:
    """Remember which characters of a text are spoken for."""

    def __init__(self, text: str) -> None:
        self._bytes = bytearray(len(text))
        for start, end in _markers(text):
            self._bytes[start:end] = b"\1" * (end - start)

    def take(self, span: Span) -> bool:
        start, end = span
        if any(self._bytes[start:end]):
            return False
        self._bytes[start:end] = b"\1" * (end - start)
        return True


_MARKER = re.compile(rf"\[(?:{'|'.join(rule.marker[1:-1] for rule in RULES)})(?::[a-z]{{{_PSEUDONYM_LETTERS}}})?\]")


def _markers(text: str) -> Iterator[Span]:
    if "[" in text:
        yield from (match.span() for match in _MARKER.finditer(text))


@lru_cache(maxsize=1)
def _masking() -> Redactor:
    return Redactor()


def redact(text: str) -> Redacted:
    """Replace every kind of personal data by its marker: for messages and for whatever has no settings."""
    return _masking()(text)
