"""Find which header of an export is which of our columns, in French or in English."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

# For each of our columns, the headers seen in the exports of the trade, best first. Case, accents, punctuation, a scale ("/5", "(0 à 10)") and
# small words ("votre", "de la", "du client") do not count, so "Date de la réponse" is found by "date réponse". To teach a header, add it here.
KNOWN_HEADERS: dict[str, str] = {
    "text": """
        verbatim, verbatims, commentaire, commentaires, commentaire libre, texte commentaire, texte avis, contenu avis, contenu, avis, texte,
        full text, review text, review body, review content, comment text, review, reviews, comment, comments, feedback, text, body, content,
        message, tweet, post, publication, réponse libre, question ouverte, open comment, open text, remarque, remarques, témoignage, description""",
    "title": "titre, titre avis, titre commentaire, title, review title, headline, objet, subject, summary",
    "source_id": """
        identifiant, id, uuid, guid, identifiant avis, id avis, identifiant réponse, id réponse, n° réponse, numéro réponse, n° avis,
        numéro avis, review id, response id, respondent id, comment id, tweet id, post id, ticket id, id str, référence, external id""",
    "date": """
        date, date dépôt, date réponse, date avis, date commentaire, date publication, date création, date soumission, date saisie, déposé le,
        publié le, créé le, répondu le, created at, created, created date, creation date, published at, published, published date,
        publication date, submitted at, submission date, response date, review date, posted at, date posted, timestamp, horodatage, horodateur, jour""",
    "company": """
        assureur, enseigne, société, entreprise, marque, compagnie, opérateur, banque, entité, company, company name, brand, entity, business""",
    "product": """
        produit, nom produit, gamme, offre, contrat, magasin, boutique, agence, point vente, établissement, service, product, product name,
        product line, item, store, shop, branch, location""",
    "question": """
        question, question posée, intitulé question, libellé question, texte question, énoncé question, question text, question label,
        question title, question asked""",
    "channel": "canal, canal réponse, canal contact, channel, platform, plateforme, source, origine, média, réseau social, network",
    "stars": """
        étoiles, nombre étoiles, nb étoiles, note, note globale, note générale, note avis, note attribuée, évaluation, stars, star, star rating,
        rating, overall rating, review rating, score""",
    "nps": """
        nps, note nps, score nps, recommandation, note recommandation, probabilité recommandation, likelihood to recommend, recommend,
        nps score, nps rating""",
    "csat": "csat, note csat, score csat, satisfaction, note satisfaction, satisfaction globale, niveau satisfaction, overall satisfaction, csat score",
    "ces": "ces, note ces, score ces, effort, note effort, niveau effort, facilité, customer effort score, customer effort, ease",
}
MAPPABLE: tuple[str, ...] = tuple(KNOWN_HEADERS)

_SCALE = re.compile(r"\(?\b(?:de\s+)?(\d{1,2})\s*(?:à|a|-|–|to|et)\s*(\d{1,3})\b\)?|(?:/|\bsur|\bout of)\s*(\d{1,3})\b", re.IGNORECASE)
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SMALL_WORDS = frozenset(["le", "la", "les", "l", "de", "du", "des", "d", "un", "une", "votre", "vos", "client", "clients", "the", "of", "a", "an", "your"])


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for tables that are easier to read as one."""
    return frozenset(text.split())


def words_of(header: str) -> list[str]:
    """Return the words of a header without case and accents: "N° de réponse" gives n, de, reponse; "createdAt" gives created, at."""
    folded = _CAMEL_CASE.sub(" ", header).casefold()
    plain = "".join(character for character in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(character))
    return re.findall(r"[a-z0-9]+", plain)


def normalise(header: str) -> str:
    """Return a header without case, accents, punctuation, scale and small words: "Date de la réponse" gives "date reponse"."""
    words = words_of(_SCALE.sub(" ", header))
    return " ".join([word for word in words if word not in _SMALL_WORDS] or words)


def scale_of(header: str) -> tuple[float, float] | None:
    """Return the (worst, best) that a header states, as "Note /5", "Note sur 20" and "Recommandation (0 à 10)" do."""
    match = _SCALE.search(header.casefold())
    if not match:
        return None
    if match[3]:
        best = float(match[3])
        return (1.0 if best <= 7 else 0.0, best)
    return (float(match[1]), float(match[2]))


_KNOWN: dict[str, tuple[str, ...]] = {column: tuple(map(normalise, headers.split(","))) for column, headers in KNOWN_HEADERS.items()}


def find_columns(headers: Sequence[str], mapped: Mapping[str, str | None], known: Mapping[str, tuple[str, ...]] = _KNOWN) -> dict[str, str]:
    """Return our column -> header of the export.

    `mapped` comes first: a header named there is matched without regard to case, accents and spaces, and None says that the export has no such
    column. The rest is found by the known headers, each header used once. A mapped header that the export lacks is left out.
    """
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(_squeeze(header), header)
    found = {column: by_name[_squeeze(name)] for column, name in mapped.items() if name is not None and _squeeze(name) in by_name}
    by_meaning: dict[str, str] = {}
    for header in headers:
        if header not in found.values():
            by_meaning.setdefault(normalise(header), header)
    for column, names in known.items():
        if column not in mapped:
            meaning = next((name for name in names if name in by_meaning), None)
            if meaning is not None:
                found[column] = by_meaning.pop(meaning)
    return found


def familiarity(column: str, header: str) -> float:
    """Return how well a header is known to be one of our columns: 1 for the best one, above 0.8 for the last one, 0 for a stranger."""
    known, name = _KNOWN[column], normalise(header)
    return 1 - 0.2 * known.index(name) / len(known) if name in known else 0.0


def missing_columns(headers: Sequence[str], mapped: Mapping[str, str | None]) -> dict[str, str]:
    """Return the mapped columns whose header the export does not have: our column -> the header that was expected."""
    names = {_squeeze(header) for header in headers}
    return {column: name for column, name in mapped.items() if name is not None and _squeeze(name) not in names}


def nearest_header(wanted: Iterable[str], headers: Sequence[str]) -> str | None:
    """Return the header that looks most like one of the wanted names, null when none is near."""
    by_name = {normalise(header): header for header in headers}
    close = (difflib.get_close_matches(normalise(name), list(by_name), n=1, cutoff=0.6) for name in wanted)
    return next((by_name[match[0]] for match in close if match), None)


def _squeeze(header: str) -> str:
    """Return a header without case, accents and anything but letters, digits and a last sign; scales, small words and "Les -" tell mapped headers apart."""
    plain = unicodedata.normalize("NFKD", header.casefold()).rstrip()
    return "".join(character for character in plain if character.isalnum()) + (plain[-1] if plain.endswith(("+", "-")) else "") or header
