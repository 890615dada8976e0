"""Distinctive word groups of a set of opinions against all the opinions of the batch."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vocpipe.french.lemmas import LINKS, NEGATIONS, Word, is_verb, words

_LONGEST = 3
_MOST_LINKS = 2


@dataclass(frozen=True)
class Term:
    """Hold one group of 1 to 3 words: its lemmas, the way most customers write it, the share of texts that hold it, how distinctive it is."""

    lemmas: tuple[str, ...]
    surface: str
    share: float
    weight: float


def ngrams(text: str) -> dict[tuple[str, ...], str]:
    """Return the groups of 1 to 3 neighbouring content words: lemmas -> surface in lower case.

    Only link words may stand between ("délai de remboursement"); a mark or another word breaks the group.
    """
    found: dict[tuple[str, ...], str] = {}
    for run in _runs(text):
        for start in range(len(run)):
            for group in (run[start : start + size] for size in range(1, min(_LONGEST, len(run) - start) + 1)):
                surface = " ".join(text[group[0].start : group[-1].end].lower().replace("’", "'").split())
                found.setdefault(tuple(word.lemma for word in group), surface)
    return found


def _runs(text: str) -> list[list[Word]]:
    runs: list[list[Word]] = []
    links, last = 0, None
    for word in words(text):
        if last is not None and not text[last.end : word.start].isspace() and not last.surface.endswith("'"):
            links = _MOST_LINKS + 1
        if not word.stop:
            if runs and links <= _MOST_LINKS:
                runs[-1].append(word)
            else:
                runs.append([word])
            links = 0
        else:
            links += 1 if word.surface in LINKS else _MOST_LINKS + 1
        last = word
    return runs


def frequencies(texts: Iterable[str]) -> Counter[tuple[str, ...]]:
    """Return in how many texts each group of words occurs."""
    return Counter(lemmas for text in texts for lemmas in ngrams(text))


def distinctive(texts: list[str], background: Counter[tuple[str, ...]], background_size: int) -> list[Term]:
    """Return the groups of words of the texts, the most distinctive first: frequent here, rarer in the background.

    A group must be in two texts at least, unless none is; groups of only words of negation are left out. When nothing is rarer in the
    background, because it is the same texts, the most frequent come first.
    """
    surfaces: dict[tuple[str, ...], Counter[str]] = {}
    for text in texts:
        for lemmas, surface in ngrams(text).items():
            surfaces.setdefault(lemmas, Counter())[surface] += 1
    counts = {lemmas: forms.total() for lemmas, forms in surfaces.items() if not NEGATIONS.issuperset(lemmas)}
    least = 2 if any(count > 1 for count in counts.values()) else 1
    usual = {lemmas: (background[lemmas] + 1) / (background_size + 1) for lemmas in counts}
    terms = [_term(lemmas, surfaces[lemmas], count / len(texts), usual[lemmas]) for lemmas, count in counts.items() if count >= least]
    rarer_elsewhere = [term for term in terms if term.weight > 0]
    return sorted(rarer_elsewhere or terms, key=lambda term: (-term.weight, -term.share, term.lemmas))


def _term(lemmas: tuple[str, ...], forms: Counter[str], share: float, background: float) -> Term:
    lift = max(math.log(share / background), 0.0)
    surface = min(forms, key=lambda form: (-forms[form], form))
    return Term(lemmas, surface, share, round(share * lift * math.sqrt(len(lemmas)), 9))


def reads_as_noun(term: Term) -> bool:
    """Tell whether the surface can name a thing: it starts with no verb and repeats no word."""
    return not is_verb(term.surface.split()[0]) and len(set(term.lemmas)) == len(term.lemmas)
