"""Read in the words around a number what it numbers: a client, a contract, an order, a claim, an identity document, or something else."""

import re
from typing import NamedTuple

from vocpipe.french.redaction.context import after, before
from vocpipe.french.redaction.words import words

_KIND_OF = {word: kind for kind in ("client", "contract", "order", "claim", "identity") for word in words(kind)}
_GLUED = ("commande", "dossier", "contrat", "facture", "sinistre", "colis", "reference")
"""Words that exports glue to the end of the sentence before them: "merciCommande n° …"."""
_REFERENCES, _FILLERS, _SOMETHING_ELSE, _NO_GOODS = (words(group) for group in ("reference", "filler", "something else", "no goods"))
_NUMBER_MARKS = words("number") | _REFERENCES
_MARKS = _NUMBER_MARKS | words("mark")
_WORD = re.compile(r"n°|(?:n|num|ref|cde|cmd|tel|art)\.|[a-z]+|[0-9]+|[:#=]|[.,!?;\n]")
_STOPS = frozenset(".!?,;\n")
_MOST_WORDS_BETWEEN = 3


class Context(NamedTuple):
    """Say what a number is: its kind, the word that says so, and what announces it: "n°" or the like, ":" or "=", or nothing."""

    kind: str
    word: str
    numbered: bool = False
    marked: bool = False

    @property
    def names_no_goods(self) -> bool:
        """Tell whether the word is one that no product follows."""
        return self.word in _NO_GOODS


def _known(word: str) -> str | None:
    """Return a word as the list of kinds holds it, from its plural, its feminine or the end of words glued together."""
    for form in (word, word.removesuffix("s"), word.removesuffix("s").removesuffix("e")):
        if form in _KIND_OF:
            return form
    return next((ending for ending in _GLUED if word.removesuffix("s").endswith(ending)), None) if len(word) > 8 else None


def said_before(text: str, start: int, most_between: int = 0) -> Context | None:
    """Read the words before a number from right to left, until one says what it numbers; at most `most_between` others, more after "n°" or ":".

    "n° 12345678" without such a word is a claim's, "réf. 12345678" an order's.
    """
    said = [word if len(word) == 1 else word.rstrip(".") for word in reversed(_WORD.findall(before(text, start, 75)))]
    marked = numbered = reference = False
    between = 0
    for place, word in enumerate(said):
        known = _known(word)
        if known == "client" and said[place + 1 : place + 2] == ["service"]:
            return None
        if known and known != "reference" and not (reference and between > 1):
            numbered = numbered or not _NUMBER_MARKS.isdisjoint(said[place + 1 : place + 5])
            return Context(_KIND_OF[known], known, numbered, marked or numbered)
        if word in _SOMETHING_ELSE or word.removesuffix("s") in _SOMETHING_ELSE:
            return None
        if word in _MARKS or known == "reference":
            marked = True
            numbered = numbered or word in _NUMBER_MARKS
            reference = reference or word in _REFERENCES or known == "reference"
        elif word in _STOPS:
            goes_on = marked or (word == "," and not _NUMBER_MARKS.isdisjoint(said[place + 1 : place + 5]))
            if not (said[place + 1 : place + 2] == [":"] or (goes_on and word in ",;\n")):
                break
        elif word not in _FILLERS and not (len(word) == 1 and word.isalpha()):
            between += 1
        if between > (_MOST_WORDS_BETWEEN if marked else most_between):
            break
    if reference:
        return Context("order", "reference", numbered=True, marked=True)
    announced = said[:1] == ["#"] or not _NUMBER_MARKS.isdisjoint(said[:2])
    return Context("claim", "", numbered=True, marked=True) if announced else None


_AFTER = re.compile(
    r"[\s,(=]{0,3}(?:(?:est|c'est|comme|etant)\s{1,2})?(?:(?:le|la|mon|ma|notre|votre)\s|l')?(?P<mark>(?:n°|no|num|numero|ref|reference)\s?)?"
    r"(?P<of>(?:de|du)\s|d')?(?:(?:la|ma|mon|notre|votre|le)\s|l')?(?P<word>[a-z]+)"
)


def said_after(text: str, end: int) -> Context | None:
    """Read the words after a number: "12345678 (numéro de dossier)", "n° 12345678 de commande"."""
    match = _AFTER.match(after(text, end, 50))
    kind = _KIND_OF.get(match["word"]) if match and (match["mark"] or match["of"]) else None
    return Context(kind, match["word"], numbered=True, marked=True) if match and kind else None


def file_kind(text: str, start: int, end: int) -> str | None:
    """Return the kind of file that the words around a number say it numbers, or None: "commande n° 0612345678" is no phone number."""
    context = said_before(text, start)
    if context is None or not context.word:
        context = said_after(text, end)
    return context.kind if context else None
