"""Look for the names of persons in one text: what calls for a name, and whether a word begins one."""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from vocpipe.french.redaction.name_extent import can_only_go_on, end_of, rest, signature, titled, with_family_before
from vocpipe.french.redaction.name_lists import Proof, cues, family_names, first_names, is_beside_names, is_word
from vocpipe.french.redaction.name_words import Words
from vocpipe.french.redaction.rule import Span


class Call(IntEnum):
    """Say how loudly the words before a word call for a name; `name_cues.txt` says which they are."""

    NONE = 0
    HINT = 1
    TRADE = 2
    PERSON = 3
    THANKS = 4
    NAMED = 5
    SIGNED = 6


PHRASES = frozenset({"appelle", "certain", "certaine", "nom"})
"""Words that call for a name only after others: s'appelle, un certain, au nom de."""
_CALLS = (("parting", Call.HINT), ("hint", Call.HINT), ("trade", Call.TRADE), ("person", Call.PERSON), ("named", Call.NAMED), ("closing", Call.SIGNED))
_SKIPPED = {
    Call.HINT: frozenset({"a", "au", "beaucoup", "encore", "infiniment", "bien"}),
    Call.TRADE: frozenset({"commercial", "commerciale", "clientele", "client", "clients"}),
    Call.PERSON: frozenset({"commercial", "commerciale", "clientele", "client", "clients"}),
    Call.THANKS: frozenset({"a", "beaucoup", "encore", "infiniment"}),
}
_BESIDE = re.compile(r"[ \u00a0\u202f]{0,2}(?:[,:(\"«-][ \u00a0\u202f]{0,2})?")
_BELOW = re.compile(r"[\s,.;:!–—-]{0,30}")
_CAPITALS, _TITLE = r"[A-ZÀ-ÖØ-Þ]{3,20}", r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,20}"
_LAST_LINE = re.compile(rf"(?:^|[\n.!?,])[ ]{{0,3}}(?:{_CAPITALS} {_TITLE}|{_TITLE} {_CAPITALS})[\s.]{{0,5}}$")


def is_signed_below(text: str) -> bool:
    """Tell whether a text ends with two words of which one is in capitals, as people sign: DUPONT Jean, Jean DUPONT."""
    return _LAST_LINE.search(text[-60:]) is not None


@lru_cache(maxsize=1)
def _calls() -> dict[str, Call]:
    """Return the words after which a name may follow."""
    groups = cues()
    return {word: call for group, call in _CALLS for word in groups[group]}


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Return the words at which there is something to look for."""
    return frozenset({*_calls(), *PHRASES, *cues()["title"], *first_names()})


class Search:
    """Look for the names in one text, from left to right."""

    def __init__(self, text: str) -> None:
        self._words = Words(text)
        self._called: dict[int, Call] = {}
        if is_signed_below(text):
            self._called[len(self._words) - 2] = Call.SIGNED

    def names(self) -> Iterator[Span]:
        """Yield the (start, end) of each name, without its civility."""
        words, listed, calls, titles, telling = self._words, first_names(), _calls(), cues()["title"], _telling()
        done = 0
        for index, word in enumerate(words.plain):
            if word not in telling and index not in self._called:
                continue
            if word in calls or word in PHRASES:
                self._listen(index, word)
            if index < done:
                continue
            first = end = 0
            if word in titles:
                first, end = index + 1, titled(words, index)
            if not end and (index in self._called or word in listed):
                first, end = index, self._name(index, self._called.get(index, Call.NONE))
            if end:
                yield words.starts[with_family_before(words, first, end, done)], end_of(words, end - 1)
                done = end
                self._share(end)

    def _listen(self, index: int, word: str) -> None:
        """Remember that a word calls for a name after it."""
        words = self._words
        before, after = words.word(index - 1), words.word(index + 1)
        call = _calls().get(word, Call.NONE)
        if (word == "appelle" and before in {"s", "m", "t"}) or (word in {"certain", "certaine"} and before in {"un", "une"}):
            call = Call.NAMED
        elif word == "nom" and before == "au" and after in {"de", "d"}:
            call, index = Call.NAMED, index + 1
        elif after == "a" and word in cues()["thanks"]:
            call = Call.THANKS
        target = index + 1
        skipped = _SKIPPED.get(call, frozenset()) | ({"de"} if word == "part" else frozenset())
        while target < index + 3 and words.word(target) in skipped:
            target += 1
        between = _BELOW if call is Call.SIGNED else _BESIDE
        if call and target < len(words) and between.fullmatch(words.gap(target - 1)):
            self._call(target, call)

    def _call(self, index: int, call: Call) -> None:
        self._called[index] = max(call, self._called.get(index, Call.NONE))

    def _share(self, index: int) -> None:
        """Let what follows a name be one more: "Sophie et Rose", "Sophie, Rose"."""
        words = self._words
        if words.word(index) == "et" and words.is_spaced(index) and words.is_spaced(index + 1):
            self._call(index + 1, Call.PERSON)
        elif index < len(words) and words.gap(index - 1).strip() in {",", "/", "&"}:
            self._call(index, Call.HINT)

    def _name(self, index: int, call: Call) -> int:
        """Return the index after the last word of the name that begins at a word, or 0."""
        words = self._words
        if words.is_glued(index) or words.is_part(index) or index in words.in_phrase or index in words.in_street or index in words.in_shop:
            return 0
        end = signature(words, index) if call is Call.SIGNED else 0
        if end:
            return end
        proof = first_names().get(words.plain[index])
        begins = self._is_unlisted(index, call) if proof is None else self._is_listed(index, proof, call)
        return rest(words, index + 1, signed=call is Call.SIGNED) if begins else 0

    def _is_listed(self, index: int, proof: Proof, call: Call) -> bool:
        """Tell whether a word of the list of first names is one here."""
        words = self._words
        if words.word(index - 1) == "l" and (words.is_elided(index) or words.is_spaced(index) or words.gap(index - 1).strip() in {"'", "’"}):
            return False
        if proof is Proof.SURE:
            return True
        capital = words.capital(index)
        if proof is Proof.CAPITAL:
            return capital or call > Call.NONE
        if not capital:
            return proof is Proof.EVIDENCE and call in {Call.THANKS, Call.NAMED}
        if can_only_go_on(words, index + 1):
            return True
        if proof is Proof.WORD:
            return call is Call.NAMED
        return call > Call.NONE or self._is_alone(index) or self._works_for(index)

    def _is_unlisted(self, index: int, call: Call) -> bool:
        """Tell whether a word that is not on the list is the name that the words before call for."""
        word = self._words.plain[index]
        if call not in {Call.PERSON, Call.NAMED} or len(word) < 3 or not self._words.capital(index):
            return False
        if call is Call.PERSON and self._words.raw[index].isupper():
            return False
        return not is_word(word) or (word in family_names() and not is_beside_names(word))

    def _is_alone(self, index: int) -> bool:
        """Tell whether a word is all that the last line or sentence of the text holds."""
        words = self._words
        return index == len(words) - 1 and index > 0 and bool(words.gap(index - 1).strip(" 0123456789")) and not words.gap(index).strip(" .!\n")

    def _works_for(self, index: int) -> bool:
        """Tell whether the words after a name say where the person works: "Marine du service client", "Marine, de l'agence"."""
        following = self._words.plain[index + 1 : index + 4]
        return len(following) > 1 and following[0] in {"de", "du", "a"} and not cues()["office"].isdisjoint(following[1:])
