"""Judge how likely a column of an export is one of ours: by its header, and by its values."""

import re
from collections.abc import Callable
from typing import NamedTuple

from vocpipe.sources.config import RATINGS
from vocpipe.sources.headers import familiarity, word_set, words_of
from vocpipe.sources.profile import Profile

# The beginnings of words that make a header look like one of ours when it is not a known one: a whole question, for example.
_HINTS: dict[str, str] = {
    "text": "comment avis verbatim remarque pourquoi raison precise dites expliqu texte text message opinion review feedback why suggestion tell",
    "source_id": "id identifi num ref code key cle clef uuid guid",
    "date": "date jour time horodat",
    "company": "enseigne marque societe assureur compan brand entreprise",
    "product": "produit magasin agence boutique offre product store shop gamme",
    "channel": "canal channel platform plateforme origine",
    "question": "question",
    "stars": "note rating star etoile score evaluation",
    "nps": "recommand recommend nps",
    "csat": "satisf csat",
    "ces": "effort facil easy ease simpl",
}
_COMPANY = "magasin|enseigne|marque|service|marchand|proprietaire|etablissement|entreprise|societe"
_REPLY = re.compile(rf"\b(?:reponse (?:(?:du|de|de la|de l|des) )?(?:{_COMPANY})|repl(?:y|ies)|owner)\b")
_CHANNELS = word_set(
    """
    web site internet email mail courriel sms telephone phone appel magasin boutique agence store app application mobile google facebook x twitter
    instagram tiktok linkedin trustpilot avis review reviews formulaire form chat tchat kiosque borne qr courrier post social survey enquete
    """
)
_VALUES_OF_A_SCALE = 110  # those of 0 to 100, and some mistakes


class Likeness(NamedTuple):
    """Say how sure it is that a column is one of ours, from 0 to 1, and why."""

    confidence: float
    why: str


class Evidence(NamedTuple):
    """Say how well values fit one of our columns, and how much they alone would prove it, both from 0 to 1."""

    fit: float
    proof: float
    why: str


def likeness(column: str, values: Profile) -> Likeness:
    """Return how likely a column of the export is ours: the header and the values confirm each other, and values that do not fit refute the header."""
    known = 0.9 * familiarity(column, values.header)
    hinted = 0.0 if known else _hint(column, values.header)
    if values.personal and not (column == "source_id" and known):
        return Likeness(0.0, "personal data by its header")
    if not values.filled:
        return Likeness(0.6 * known, "header known, every cell is blank")
    evidence = _EVIDENCE[column](values)
    header = "header known" if known else "header looks like it" if hinted else "header not known"
    doubt = (1 - max(known, hinted)) * (1 - evidence.proof)
    return Likeness(evidence.fit * (1 - doubt), f"{header}, {evidence.why}")


def is_reply(header: str) -> bool:
    """Tell whether a header announces the company's own words."""
    return _REPLY.search(" ".join(words_of(header))) is not None


def _hint(column: str, header: str) -> float:
    words = words_of(header)
    if column == "text" and is_reply(header):
        return 0.0
    stems = _HINTS.get(column, "").split()
    exact = column == "source_id"
    return 0.5 if any(word == stem or (not exact and word.startswith(stem)) for word in words for stem in stems) else 0.0


def _text(values: Profile) -> Evidence:
    words = values.letters * (1 - values.days)
    fit = words * min(1.0, 2 * values.variety) * (0.3 if is_reply(values.header) else 1.0)
    proof = min(0.9, max(0.0, values.words - 2) / 10) * (0.8 + 0.2 * (values.french > 0.3))
    length = "long" if values.words >= 10 else "short"
    language = "French text" if values.french > 0.3 else "text"
    return Evidence(fit, proof, f"{length} {language}" if values.variety >= 0.3 else f"{values.distinct} different texts only")


def _title(values: Profile) -> Evidence:
    if values.variety < 0.3:
        return Evidence(0.2, 0.0, f"{_different(values)}: a category")
    return Evidence(values.letters * (1 - values.days), 0.0, "short text")


def _source_id(values: Profile) -> Evidence:
    if values.counts_rows:
        return Evidence(0.0, 0.0, "only numbers the rows, and starts again in every export")
    if values.variety < 0.9:
        return Evidence(0.3 * values.variety, 0.0, "values repeat: they identify something else than the row")
    fit = min(1.0, values.filled / values.rows) * values.variety**2 * (1.0 if values.codes > 0.9 else 0.6)
    return Evidence(fit * (1 - values.days), 0.3 if values.numeric > 0.5 else 0.5, "unique codes" if values.variety == 1 else "nearly unique codes")


def _date(values: Profile) -> Evidence:
    if values.days >= 0.5:
        return Evidence(values.days, 0.7, f"{values.days:.0%} are days")
    return Evidence(values.day_numbers, 0.0, f"{values.day_numbers:.0%} may be days written as numbers")


def _few(values: Profile, proof: float = 0.2) -> Evidence:
    few = values.distinct <= max(50, values.filled // 5) and values.variety < 0.8
    short = values.words <= 6 and values.days < 0.5
    return Evidence((1.0 if few else 0.4) * (1.0 if short else 0.2), proof, _different(values))


def _different(values: Profile) -> str:
    return "always the same value" if values.distinct == 1 else f"{values.distinct} different values"


def _channel(values: Profile) -> Evidence:
    known = sum(bool(_CHANNELS.intersection(words_of(cell))) for cell in values.cells) / values.filled
    few = _few(values)
    return Evidence(few.fit, 0.6, f"{few.why}, names of channels") if known > 0.8 and few.fit == 1 else few


def _question(values: Profile) -> Evidence:
    asking = sum(cell.rstrip().endswith("?") for cell in values.cells) / values.filled
    return Evidence(1.0 if values.variety < 0.3 else 0.2, 0.8 if asking > 0.6 else 0.0, f"{_different(values)}, {asking:.0%} end with ?")


def _rating(values: Profile) -> Evidence:
    if values.counts_rows:
        return Evidence(0.0, 0.0, "only numbers the rows")
    spoken = sum(point is not None for point in values.points) / values.filled - values.numeric
    if spoken > values.numeric:
        return Evidence(spoken, 0.4, f"{spoken:.0%} are words of a scale")
    noted = sum(number is not None and 0 <= number <= 100 for number in values.numbers) / values.filled
    few = len(set(values.numbers) - {None}) <= _VALUES_OF_A_SCALE
    return Evidence(noted * (1.0 if few else 0.3) * (1 - values.days), 0.4 if few else 0.0, f"{noted:.0%} are numbers")


_EVIDENCE: dict[str, Callable[[Profile], Evidence]] = {
    "text": _text,
    "title": _title,
    "source_id": _source_id,
    "date": _date,
    "company": _few,
    "product": _few,
    "channel": _channel,
    "question": _question,
    **dict.fromkeys(RATINGS, _rating),
}
