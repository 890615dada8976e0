"""Clauses of a sentence: cut where a contrast marker opens a judgement of its own."""

import re
from collections.abc import Iterator

from vocpipe.french.segmentation.spans import Span, has_words, trimmed

_MARKER = re.compile(
    r"""
    (?<![\w'’-])
    (?:
      (?P<opens>    # wherever it stands
          mais (?!\s+(?:aussi|également|egalement|surtout|encore(?!\s+une)|bon\s*[.!?…]|(?:pas|non)\s+(?:\S+\s*)?$)(?!\w))
        | (?:(?:et|mais)\s+)? (?: par\s+contre | en\s+revanche | sauf\s+qu(?:e|['’]) )
        | (?:et|mais)\s+pourtant | hormis | except[ée]
        | (?:mise?\s+)? [àa]\s+part (?!\s+(?:enti[èe]re|[ée]gale|[çc]a\b))
        | (?:(?:le|un)\s+)? (?:seul\s+)? (?:seul|petit|gros|unique|autre)\s+(?:b[ée]mol|hic|point\s+n(?:oir|[ée]gatif)|regret|inconv[ée]nient)
      )
    | (?P<adverb>   # after a pause or before a subject: elsewhere it only colours its clause
          cependant | toutefois | n[ée]anmoins | pourtant | malgr[ée]\s+tout | malheureusement | h[ée]las | dommage
      )
    | (?P<concedes> # only after a pause: else the clause belongs to what it concedes
          alors\s+qu(?:e|['’]) | (?:bien\s+qu | quoiqu)(?:['’]|e (?=\s+(?:je|tu|nous|vous|les?|la|l['’]|mon|ma|mes|notre|nos|votre|vos|ce|cette|ces)\b))
        | m[êe]me\s+si | sauf (?!\s+(?:par|si|en|cas|à|erreur)\b)
      )
    | (?P<restarts> # after a comma: the sentence starts again
          et (?=\s+(?:impossible|aucune?|jamais|personne|toujours\s+(?:pas|rien)|pas\s+(?:de|d['’])|rien)\b)
      )
    )
    (?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"""\s*,|\s+(?:je|j['’]|tu|ils?|elles?|on|nous|vous|les?|la|l['’]|une?|des|ce|c['’]|cet|cette|ces|[çc]a|m[oa]n?|mes|notre|nos|votre|vos|leurs?|aucune?
        |ne|n['’]|beaucoup|trop|personne|impossible|que|qu['’]|pour|de)(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_VERB = re.compile(
    r"(?<!\w)(?:est|sont|était|étaient|etait|a|ont|ai|avais|avait|suis|sera|serait|serais|reste|fait|peut|peux|c['’]est|trouve|juste|bien|très|tres|trop|vraiment)$",
    re.IGNORECASE,
)
_PAUSES = ",;:)…-–—."


def clauses(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the clauses of a sentence, without the space around them."""
    for marker in _MARKER.finditer(text, start, end):
        if _cuts(text, start, marker, end):
            yield from trimmed(text, start, marker.start())
            start = marker.start()
    yield from trimmed(text, start, end)


def _cuts(text: str, start: int, marker: re.Match[str], end: int) -> bool:
    """Tell whether a judgement ends before the marker and another begins with it."""
    before = text[max(start, marker.start() - 16) : marker.start()].rstrip()
    paused = before[-1:] in _PAUSES
    if marker["adverb"]:
        paused = paused or bool(_SUBJECT.match(text, marker.end(), end) and not _VERB.search(before))
    least = 3 if marker["concedes"] or marker["restarts"] else 2
    return (paused or bool(marker["opens"])) and has_words(text, start, marker.start(), least) and has_words(text, marker.end(), end, 2)
