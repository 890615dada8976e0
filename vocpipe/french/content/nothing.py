"""Recognise answers that say there is nothing to say. Texts are given folded: lower case, no accents, straight apostrophes."""

import re

_LONGEST = 80
_MARKER = re.compile(r"\[[a-z_]+(?::[a-z]+)?\]")
_NOT_A_WORD = re.compile(r"[\W_]+")

# Any other sign, such as an emoji, a smiley, stars, "+", "?" or "!", may be an opinion.
_SILENT = re.compile(r"[\w\s.,;/\\'\"«»“”–—-]*")

_WHAT = "(?:commentaires?|remarques?|observations?|suggestions?|avis|opinions?|idees?|questions?)"
_SAY = "a (?:signalee?r?|dire|declarer|ajouter|rajouter|preciser|mentionner|noter|communiquer|formuler|rapporter)"
_SPECIAL = "(?: (?:particulieres?|particuliers?|special|speciale|speciales|speciaux))?"
_ABOVE = "(?:ci dessus|ci avant|plus haut|precedemment|(?:(?:ma|la|mes|les) )?(?:reponses?|commentaires?|remarques?) (?:precedente?s?|ci dessus|plus haut))"

# Not here, for they praise, complain or thank: "rien à redire", "aucun problème", "aucune réponse", "sans commentaire", "même réponse", "oui", "merci".
_PHRASES = (
    "r a s|(?:ras)+",
    f"(?:(?:je n|j) ai )?rien(?: de (?:particulier|special|plus|precis)| d autre)?(?: {_SAY})?(?: de (?:particulier|special|plus))?",
    f"(?:je n ai )?aucune?s?(?: {_WHAT}{_SPECIAL})?(?: {_SAY})?",
    f"(?:je n ai )?(?:pas|point) (?:de |d ){_WHAT}{_SPECIAL}(?: {_SAY})?",
    "neant|nil|null|none|nothing",
    "sans (?:avis|opinion|objet|observations?)|s o",
    "n ?s ?p ?p?|ne se prononce pas|(?:je )?ne sai[ts] pas|(?:je )?sais pas|jsp",
    "(?:je )?ne souhaite pas (?:repondre|(?:me|se) prononcer)|(?:je )?prefere ne pas repondre",
    "n a|na|n c|nc|non (?:applicable|concernee?s?|renseignee?s?)|pas concernee?s?",
    "non(?: merci)?|pas (?:specialement|particulierement)|c est tout|voila",
    r"x+|([bcdfghjklnpqrstvw])\1{3,}|tests?|essais?|ceci est un test|azerty(?:uiop)?|qwerty|lorem ipsum|toto|bla(?: ?bla)+|abc(?:d|de|def)?",
    f"idem(?: (?:que )?{_ABOVE})?|(?:voir|cf|comme|pareil que|deja dit) {_ABOVE}|memes? (?:reponses?|commentaires?|remarques?) que {_ABOVE}",
    "bonjour|bonsoir|cordialement|madame|monsieur|bonne (?:journee|soiree)",
)
_PHRASE = f"(?>{'|'.join(_PHRASES)})"
_LATER = "(?: (?:pour (?:le moment|l instant|l heure|ma part|moi)|a ce (?:jour|stade)|actuellement))?"
_ONLY_PHRASES = re.compile(f"{_PHRASE}{_LATER}(?: {_PHRASE}{_LATER})*")


def is_nothing(folded: str) -> bool:
    """Tell whether there are only marks of punctuation, markers of redaction, and phrases that say there is nothing to say."""
    rest = _MARKER.sub(" ", folded)
    if not _SILENT.fullmatch(rest):
        return False
    words = _NOT_A_WORD.sub(" ", rest).strip()
    return not words or (len(words) <= _LONGEST and bool(_ONLY_PHRASES.fullmatch(words)))
