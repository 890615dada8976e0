"""Recognise what mail servers write, and what is sent while somebody is away. Texts are given folded: lower case, no accents, straight apostrophes."""

import re

from vocpipe.french.content.phrases import CLOSING, any_of, is_signature

_MAIL = "(?:messages?|mails?|e-?mails?|courriels?|demandes?|reclamations?|formulaire)"

# One sentence of these makes an automatic mail; every other sentence must be one of those that stand around it.
_AUTOMATIC = any_of(
    r"\b(?:suis|sommes|serai|serons|est) (?:actuellement |egalement )?(?:absente?s?|en (?:conges?|vacances|deplacement|rtt|formation)|hors du bureau)\b",
    r"\b(?:am|are|will be) (?:currently )?(?:out of (?:the )?office|away|on (?:\w+ )?(?:leave|vacation|holidays?))\b",
    r"\babsence du bureau\b|^out of (?:the )?office\b",
    r"\b(?:reponse|message|mail|e-?mail|courriel|accuse de reception) automatique\b|\bgenere automatiquement\b|\bautomatic reply\b|\bauto-?reply\b",
    rf"\bbien recu votre {_MAIL}\b|\bvotre {_MAIL} (?:nous )?(?:a|est) bien (?:ete )?(?:recue?|enregistree?|prise? en compte|parvenue?)\b",
)
_AROUND = any_of(
    r"\b(?:de|mon|notre|my) (?:retour|return)\b|\bback (?:on|in)\b|\breturn(?:ing)? (?:on|to)\b",
    r"\ben cas d'urgence\b|\b(?:en|durant|pendant) (?:mon|notre) absence\b|\bsi urgent\b|\bpour toute (?:urgence|demande|question)\b",
    r"\bin my absence\b|\burgent\b|\b(?:reply|respond|get back) to\b|\blimited access\b|\bdo not reply\b",
    rf"\b(?:merci|remercie|remercions|thank you|thanks) (?:de|pour|for) (?:votre|vos|your) (?:{_MAIL}|comprehension|patience|understanding)\b",
    r"\b(?:vous|je|nous) (?:repondr|recontacter)|\b(?:prendrai|traiterai|traiterons|reviendrai|reviendrons|reviendra|lirai)\b",
    r"\b(?:sera|seront) (?:traitee?s?|lus?|transferee?s?)\b|\bacces (?:limite|restreint)\b|\bacces a (?:ma|mes)\b|\bne pas (?:y )?repondre\b",
    r"^(?:bonjour|bonsoir|hello|hi|dear|madame|monsieur|cher|chere)\b.{0,40}$|^(?:bonne|excellente|belle) (?:reception|semaine)\b.{0,30}$",
)
_RETURNED = any_of(
    r"undelivered mail returned|mail delivery (?:failed|subsystem)|delivery status notification|delivery has failed to|\bechec de (?:la )?remise\b",
    rf"\b(?:votre|your|le|the) {_MAIL}.{{0,60}} (?:n'a pas pu etre (?:remis|delivre|distribue)|could not be delivered|was not delivered|wasn't delivered)",
    rf"\b(?:votre|your) {_MAIL}.{{0,160}} (?:a ete lue?|was read) (?:le|on)\b|\baccuse de lecture (?:de|pour) votre\b|\bthis is a read receipt\b",
)
_COMMENT = any_of(r"\b(?:mais|trop|tres|bravo|service client|donc|alors|comment|pourquoi)\b|[?!]")
_SENTENCE_END = re.compile(r"(?<![ \n]m\.)(?<!mme\.)(?<=[.!?])\s+|\s*\n\s*")
_HEAD = 200


def is_auto_reply(folded: str) -> bool:
    """Tell whether the whole text is an out-of-office mail, an acknowledgement of receipt, a delivery failure or a read receipt, no customer being in it."""
    if _RETURNED.match(folded[:_HEAD]):
        return not _COMMENT.search(folded)
    closing = CLOSING.search(folded)
    end = closing.start() if closing else len(folded)
    if "?" in folded or (closing and not is_signature(folded[closing.end() :])):
        return False
    sentences = [sentence for sentence in _SENTENCE_END.split(folded[:end]) if sentence]
    machine = [bool(_AUTOMATIC.search(sentence)) for sentence in sentences]
    return len(sentences) > 1 and any(machine) and all(sign or _AROUND.search(sentence) for sign, sentence in zip(machine, sentences, strict=True))
