"""Look for phrases, and know a customer by them. Texts are given folded: lower case, no accents, straight apostrophes."""

import re


def any_of(*phrases: str) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases as whole words. Each is a regular expression in which `…` stands for up to 60 characters of a sentence."""
    return re.compile("|".join(phrases).replace("…", "[^.!?]{0,60}"))


_FIRM = "accueil|gentillesse|professionnalisme|personnel|site|service|sav|societe|entreprise|etablissement|hotel|restaurant|travail|aide|application|boutique"

CUSTOMER = any_of(
    r"\bj'(?:ai (?!bien |pris |transmis |lu |note |fait (?:remonter|suivre)|consulte |verifie |relaye )|avais|etais|attends|aimerais|espere|adore|habite|y )",
    r"\bje (?:n'|ne |recommande|reviendrai(?! vers)|paie|paye|reste client|suis (?:client|tres|trop|decu|satisfait|ravi|content|passe))",
    r"\bmon (?!equipe|collegue|absence|retour|bureau|conge)|\bma (?!collegue|messagerie|boite)",
    r"\bmes (?!collegues|equipes|excuses|salutations|sinceres|mails?|e-?mails|messages|courriels)",
    r"\bm'(?:a|ont|avez|avait|est)\b|\bon me\b|\bme (?:dit|repond|demande|rembourse|livre)|\b(?:chez|vers|pour) moi\b|\bimpossible de (?:vous|les?|la) ",
    rf"\bvotre (?:{_FIRM}|equipe(?!.{{0,60}}$)|magasin|incompetence|disponibilite|reactivite|efficacite)\b",
    r"\bvos (?:conseill|services|produits|equipes|tarifs|prix|clients|livreurs|techniciens|methodes)",
    r"\b(?:arnaqu|escro[cq]|hont|lamentable|inadmissible|inacceptable|scandal|voleur|a fuir|fuyez|incompeten|foutage|moque|ras.le.bol|bidon)|\bnulle?s?\b",
    r"\bque vous (?:ne (?!soyez)|n'avez)",
    r"\b(?:toujours|encore) (?:rien|pas|aucune?)\b|\b(?:plus de|sans|aucune) (?:nouvelles?|reponse)\b|\bet puis (?:rien|plus)\b",
    r"\breponse (?:type|toute faite|bateau)\b|\b(?:voici|voila) (?:la|leur|une|sa|ce)\b|\b(?:mdr|ptdr|lol)\b",
    r"\b(?:ils|elles?) (?:ont|m'|me|repond\w+|disent|n'|ne)\b",
)
"""Words of a customer, who says I and speaks of "votre service". A firm says we and speaks of "votre avis"."""

CLOSING = any_of(
    r"\b(?:bien )?cordialement\b|\bcdlt\b|\bbien a vous\b|\ba (?:tres )?(?:bientot|vite)\b|\b(?:bonne|belle|excellente) journee\b|\bsalutations\b",
    r"\b(?:(?:kind|best) )?regards\b|\bsincerely\b",
)
_POSTSCRIPT = any_of(r"\b(?:mais|c'est|est|sont|pas|plus|tres|trop|et|il|elle|on|ont|qui|que|quand|depuis|donc|alors|bravo)\b")
_LONGEST_SIGNATURE = 120


def is_signature(end: str) -> bool:
    """Tell whether what follows the closing may be names and titles: a verb or a link between clauses there is a postscript, or a customer who quotes."""
    return len(end) <= _LONGEST_SIGNATURE and not _POSTSCRIPT.search(end)
