"""Know the words in which surveys put their scales, to suggest the labels of a rating."""

import re

from vocpipe.sources.values import label_key

# From the worst to the best; the words of one line mean about the same.
_WORDINGS = (
    "pas du tout satisfait, très insatisfait, très mécontent, pas du tout d'accord, pas du tout, très mauvais, très difficile, certainement pas, 😡, 😠",
    "insatisfait, mécontent, pas satisfait, pas d'accord, mauvais, mauvaise, difficile, probablement pas, 😞, 😟, 😕, 🙁, ☹, 👎",
    "plutôt insatisfait, plutôt pas satisfait, peu satisfait, plutôt mécontent, plutôt pas d'accord, plutôt pas, plutôt non, plutôt difficile, médiocre",
    "neutre, ni satisfait ni insatisfait, ni satisfait ni mécontent, ni d'accord ni pas d'accord, moyennement satisfait, moyen, moyenne, moyennement, 😐, 😶",
    "plutôt satisfait, assez satisfait, plutôt content, plutôt d'accord, plutôt, plutôt oui, plutôt facile, correct, assez bien",
    "satisfait, content, d'accord, bon, bonne, bien, facile, probablement, 🙂, 😊, 😀, ☺, 👍",
    "très satisfait, tout à fait satisfait, entièrement satisfait, extrêmement satisfait, très content, tout à fait d'accord, tout à fait, très bon, très bien",
    "excellent, parfait, très facile, certainement, 😁, 😃, 🤩, 😍",
)
_AGREEMENT = re.compile(r"\((?:e|s|es)\)|(?<=t)(?:e|es|s)\b")
_LONGEST_LABEL = 60


def rank_of(cell: str) -> int | None:
    """Return the place of a label among the words that are known, the worst first, or None: "Très satisfait(e)" is one of the best."""
    return _RANKS.get(_key(cell)) if len(cell) <= _LONGEST_LABEL else None


def _key(cell: str) -> str:
    return label_key(_AGREEMENT.sub("", cell.casefold()))


_RANKS = {_key(word.strip()): rank for rank, line in enumerate(_WORDINGS) for word in line.split(",")}
