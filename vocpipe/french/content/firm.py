"""Recognise what firms answer to reviews and posts. Texts are given folded: lower case, no accents, straight apostrophes."""

import re

from vocpipe.french.content.phrases import CLOSING, any_of, is_signature

_REVIEW = "(?:avis|commentaires?|temoignage|evaluation|appreciation|notation|notes?|etoiles|fidelite|confiance|interet|recommandation)"
_WRITE = "(?:partager?|laisser?|poster?|publier?|rediger?|ecrire|evaluer|noter|donner|votre|ce)"
_SERVICE = "(?:client|clientele|relation|consommateur|apres|qualite|commercial|communication)"
_TEAM = f"(?:l'|votre |toute l'|la |le )?(?:equipe|service {_SERVICE}|direction|relation client|community manager)"
_CHANNEL = r"…\b(?:sur|via|en|par) (?:messenger|whatsapp|instagram|facebook|message prive|(?:dm|mp|prive|t?chat)\b)"
_GLAD = "(?:ravis?|ravies?|heureux|heureuses?|desolee?s?|navree?s?)"
_REACH = "(?:communiquer|transmettre|envoyer|preciser|faire parvenir|contacter)"

# Couples and firms are customers too: "nous sommes désolés de vous quitter", "nous restons à votre disposition", "nos clients attendent".
_SIGNS = {
    "it thanks for a review": any_of(
        rf"\b(?:merci|remerci\w+)\b… (?:votre|vos|ton|ce|cet|cette|ces)(?: \w+){{0,3}} {_REVIEW}\b",
        rf"\b(?:merci|remerci\w+|d'avoir)\b… pris (?:le temps|quelques (?:minutes|instants)) (?:de|pour) (?:\w+ )?{_WRITE}",
        r"\b(?:merci|remerci\w+)\b… d'avoir (?:partage|laisse|poste|publie|redige|sejourne|choisi (?:notre|nos))\b",
        r"\bthank(?:s| you)\b… (?:your|this) (?:\w+ ){0,3}(?:review|feedback|comments?)\b|\btaking the time to\b",
    ),
    "it is sorry or glad": any_of(
        r"\bnous vous (?:prions|presentons)\b…\bexcus|\bnous prenons (?:bien |bonne )?note\b|\bnous en sommes (?:\w+ )?(?:desoles|navres|conscients)\b",
        r"\b(?:nous comprenons|nous regrettons|je comprends) votre\b|\bnous regrettons que votre\b",
        rf"\b{_GLAD} (?:d'apprendre|de lire|de savoir|de constater) (?:que (?:vous|votre|nos|notre)|votre|vos)\b",
        rf"\b{_GLAD} que (?:vous|votre|nos|notre)\b…(?:appreci|\bplu\b|plais|satisf|sejour|visite|experience|attentes|repondu a vos)",
        rf"\b{_GLAD} (?:pour|de) (?:la gene|ce desagrement|ce contretemps|cette situation|l'attente)\b|\bnos (?:plus )?(?:sinceres )?excuses\b",
        r"\bwe (?:are|were) (?:\w+ )?(?:sorry|glad|happy|pleased|delighted|thrilled) (?:to (?:hear|read|learn)|that you)\b|\bour apologies\b",
    ),
    "it names its channels": any_of(
        rf"(?:retrouvez|rejoignez|ecrivez|contactez)[- ](?:nous|moi)\b{_CHANNEL}",
        rf"\b(?:vous (?:invit|propos)\w+ (?:a|de)|n'hesitez pas a|pouvez-vous|pourriez-vous) (?:nous|me)\b{_CHANNEL}",
    ),
    "it invites": any_of(
        r"\b(?:nous|je) vous (?:invit|propos)\w+ (?:a|de) (?:nous|me|prendre|contacter|vous rapprocher)\b|\bn'hesitez pas a (?:nous|me|revenir vers|prendre)\b",
        rf"\b(?:pouvez|pourriez)-vous (?:nous|me) {_REACH}\b",
        r"\bnous (?:restons|demeurons|nous tenons|sommes) (?:\w+ ){0,2}a votre (?:entiere )?(?:disposition|ecoute|service)\b",
        r"\b(?:plaisir|hate|espoir|esper\w+|serons|serions)\b… vous (?:revoir|accueillir|retrouver|recevoir|servir)\b(?: (?:tres )?(?:vite|bientot))?",
        r"\b(?:please|feel free to|do not hesitate to) (?:contact|reach|get in touch)\b|\blook(?:ing)? forward to (?:seeing|welcoming) you\b",
    ),
    "it speaks of its own": any_of(
        rf"\bnotre (?:service {_SERVICE}|sav|equipe|clientele|etablissement|enseigne|maison|politique)\b",
        r"\bnos (?:equipes|clients|clientes|services|collaborateurs|prestations|visiteurs|hotes|adherents|assures|abonnes|lecteurs)\b",
        r"\bour (?:team|guests?|customers?|staff|hotel|customer (?:service|care)|support)\b",
    ),
}
_SIGNATURE = any_of(
    rf"(?:{CLOSING.pattern}|[.!\n])\W{{0,5}}{_TEAM}\b[^.!?\n]{{0,60}}$",
    rf"(?:{CLOSING.pattern})[^.!?]{{0,60}} (?:conseill\w+ clientele?|responsable [\w ]{{3,30}}|direct(?:eur|rice)|gerante?|manager|team)\b[^.!?]{{0,40}}$",
    r"\n ?- ?[\w' ]{2,30}$|\^ ?[a-z]{2,12}$|\W[-–] [a-z]{3,15}$",
)
_TELLING = {"it thanks for a review", "it is sorry or glad", "it names its channels"}
_ENOUGH = 2

_OPENING = re.compile(
    r"(?:reponse (?:de|du) [^:]{0,60}: ?)?(?:bonjour|bonsoir|hello|coucou|hey|madame|monsieur|mme|m\.|chere?s? |dear|hi\b|(?:un grand )?merci|nous"
    r"|suite a votre|(?:toute )?l'equipe|la direction|we |thank)"
)
_QUOTE = re.compile(r"[\"«“'>]")


def is_company_reply(folded: str) -> bool:
    """Tell whether the whole text is a firm's answer: signs of two kinds, one of them telling, and nothing else before or after them."""
    if _QUOTE.match(folded):
        return False
    signs = {name: found for name, pattern in _SIGNS.items() if (found := list(pattern.finditer(folded)))}
    signature = _SIGNATURE.search(folded)
    if signature and is_signature(signature.group()):
        signs["it signs"] = [signature]
    if len(signs) < _ENOUGH or _TELLING.isdisjoint(signs):
        return False
    last = max(found.end() for matches in (*signs.values(), CLOSING.finditer(folded)) for found in matches)
    return ("it names its channels" in signs or bool(_OPENING.match(folded))) and is_signature(folded[last:])
