"""Tokens of a French text, as customers type it: spaCy's tokenizer with rules of our own."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from vocpipe.french.abbreviations import ABBREVIATIONS

LONGEST = 1000
"""Characters without a space that are read together: a longer run is no French, and is read piece by piece."""
_CACHED = 100_000
_REMEMBERED = 500_000
"""Different words that spaCy's vocabulary may hold before a new one is begun, so that memory stays flat."""

_LETTER = r"[\w\u0300-\u036f\u00ad]"
_PRONOUN = r"(?:-t)?-(?i:je|tu|ils?|elles?|on|nous|vous|ce|moi|toi|lui|leur|les?|la|y|en|ci|là)"
_PRONOUNS = rf"(?:{_PRONOUN})+(?!{_LETTER}|-)"
_PICTURE = "[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001f3fa\U0001f400-\U0001faff](?:[\ufe0f\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f])*"
_CASED = frozenset({"m", "mm", "me", "mr", "mrs", "pr", "st", "p", "n", "no"})
_UNCASED = "|".join(re.escape(word) for word in sorted(ABBREVIATIONS - _CASED, key=lambda word: (-len(word), word)))
_RULES = {
    "redacted": r"\[[A-Z_]{2,20}(?::[a-z]{8})?\]",
    "link": r"(?i:https?://|www\.)[^\s<>\"«»\[]*[^\s<>\"«»\[.,;:!?…)\]}'’]",
    "address": r"[\w.+-]{1,64}+@[\w-]{1,64}(?:\.[\w-]{2,20})+",
    "site": r"[\w-]{2,63}+(?:\.[\w-]{2,63}){0,3}\.(?:fr|com|net|org|eu|be|ch|io|FR|COM|NET|ORG)(?![\w-]|\.\w)",
    "handle": r"[@#]\w+",
    "emoji": rf"[\d#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:\u200d{_PICTURE})*",
    "emoticon": r"[:;=]['’]?-?(?:\)+|[(\[\]/\\|*$@]+(?![\w/])|[DdPpOoSs]+(?![\w'’]))|</?3+|\^_*\^+|-_+-|[xX]D+(?!\w)|[oO]_[oO](?!\w)",
    "sign": r"[nN][°º]|°[CFcf](?!\w)",
    "date": r"\d{4}-\d\d-\d\d(?!\w)",
    "number": r"(?:(?<![\w)\]])[+-])?\d+(?:[.,:/]\d+|[^\W_])*|v\d+(?:\.\d+)*(?!\w)",
    "acronym": r"(?:[A-ZÀ-Ý]\.){2,}(?:[A-ZÀ-Ý](?!\w))?",
    "abbreviation": rf"(?:(?i:{_UNCASED})|[A-ZÀ-Ý]|MM|Mr|Mrs|Me|Pr|Ste?|[np])\.(?!\.)",
    "apostrophe": rf"(?i:aujourd['’]hui|quelqu['’]une?s?|presqu['’][îi]les?|prud['’]{_LETTER}+|entr['’]{_LETTER}+|p['’]tite?s?)(?!{_LETTER})",
    "phrase": rf"(?i:c['’]est-[àa]-dire|(?:mains?|chefs?|hors)-d['’](?:œ|oe)uvres?|rendez-vous|(?:celui|celles?|ceux)-(?:ci|l[àa]))(?!{_LETTER})",
    "elision": r"(?i:(?:lors|puis|quoi|jus|quel|pres)?qu|[cdjlmnsty])['’]",
    "inversion": rf"(?<={_LETTER}){_PRONOUN}(?!{_LETTER})",
    "word": rf"{_LETTER}+(?:(?!{_PRONOUNS})-{_LETTER}+)*",
    "marks": r"\.{2,}|…+|[!?‼⁉]+\ufe0f?|-+>|-{2,}|=+>?|<[-=]+|\*+|~+",
    "other": r"\S[\ufe0e\ufe0f\u200d]*",
}
"""What a token is, in the order of trying; the last rule takes any character."""
_TOKEN = re.compile("|".join(_RULES.values()))
_PIECE = re.compile(rf"(?:{_RULES['redacted']}|\S){{1,{LONGEST}}}")
_GROUPED = re.compile(r"(?<![\w.,)\]])[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?![\w])")
"""Numbers written in groups of three digits: 1 000, 12 500,90."""


class Token(NamedTuple):
    """Hold one token, `text[start:end]` of the text it comes from."""

    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text, in order, disjoint, with exact offsets; together they cover every character but white space.

    One token each: an elided word ("l'", "qu'"), a word with its hyphens ("rendez-vous"), an inverted pronoun ("-t-il"), a number ("1 000", "3h30",
    "10/10"), an abbreviation ("M.", "etc."), a run of marks ("!!!"), an emoticon, an emoji with its skin tone and what is joined to it, a hashtag,
    a mention, a link, personal data redacted (`[NOM:abcdefgh]`). A price is a number and a sign: "15€" gives "15" and "€".
    """
    tokens: list[Token] = []
    for first, stretch in _stretches(text):
        starts, lengths = _tokenizer()(stretch).to_array(["IDX", "LENGTH"]).T.tolist()
        found = (Token(stretch[start : start + length], first + start, first + start + length) for start, length in zip(starts, lengths, strict=True))
        tokens += [token for token in found if not token.text.isspace()]
    groups = [match.span() for match in _GROUPED.finditer(text)]
    return _merged(text, tokens, groups) if groups else tokens


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text with its offset, in pieces when it holds a run of characters without a space that is too long."""
    if max(map(len, text.split()), default=0) <= LONGEST:
        yield 0, text
    else:
        yield from ((match.start(), match.group()) for match in _PIECE.finditer(text))


def _merged(text: str, tokens: list[Token], groups: list[tuple[int, int]]) -> list[Token]:
    """Return the tokens with those of each group made one, where the group starts and ends as tokens do."""
    first = {token.start: place for place, token in enumerate(tokens)}
    last = {token.end: place for place, token in enumerate(tokens)}
    merged: list[Token] = []
    place = 0
    for start, end in groups:
        if start in first and end in last:
            merged += [*tokens[place : first[start]], Token(text[start:end], start, end)]
            place = last[end] + 1
    return merged + tokens[place:]


def _tokenizer() -> Any:
    tokenizer = _new_tokenizer()
    if len(tokenizer.vocab) > _REMEMBERED:
        _new_tokenizer.cache_clear()
        tokenizer = _new_tokenizer()
    return tokenizer


@cache
def _new_tokenizer() -> Any:
    """Return spaCy's tokenizer: it parts a text at white space, remembers what it met, and inside asks our rules, as its infixes.

    The rules of `spacy.blank("fr")` are left out: they part emoji sequences and hashtags, and take seconds to load.
    """
    from spacy.tokenizer import Tokenizer
    from spacy.vocab import Vocab

    return Tokenizer(Vocab(), infix_finditer=_TOKEN.finditer, max_cache_size=_CACHED)
