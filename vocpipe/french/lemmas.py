"""Words of a French text that carry meaning, with their lemmas."""

import re
from functools import lru_cache
from typing import NamedTuple

from vocpipe.french.tokens import tokenize

LANGUAGE = "fr"
NEGATIONS = frozenset({"aucun", "aucune", "sans", "jamais"})
LINKS = frozenset({"de", "du", "des", "d'", "à", "au", "aux", "la", "le", "les", "l'", "en", "par", "pour", "sur"})

_LETTERS = r"(?:[^\W\d_][\u0300-\u036f]*)+"
_WORD = re.compile(rf"(?:#|-t-|-)?({_LETTERS}(?:['’-]{_LETTERS})*['’]?)\.?")
"""A token that is a word: with the # of a hashtag, the hyphen of an inverted pronoun, the full stop of an abbreviation."""
_GRAMMAR = """
    le la les un une des du de au aux à en dans par pour sur sous vers avec chez entre contre depuis dès jusque jusqu pendant durant avant après lors hors
    selon malgré parmi envers via devant derrière près auprès loin outre sauf hormis dont où que qui quoi quel quelle quels quelles lequel laquelle lesquels
    lesquelles duquel auquel auxquels desquels et ou ni mais or car donc si comme quand lorsque puisque parce afin ainsi alors aussi encore déjà toujours
    souvent parfois ensuite puis enfin bientôt maintenant longtemps très trop plus moins peu assez tant tel telle tels telles autant plutôt presque environ
    même mêmes autre autres certain certaine certains certaines chaque chacun chacune plusieurs quelque quelques quelconque aucunement tout toute tous toutes
    ce cet cette ces ceci cela ça celui celle ceux celles celui-ci celle-ci ceux-ci celles-ci celui-là celle-là mon ma mes ton ta tes son sa ses notre nos
    votre vos leur leurs mien mienne sien sienne je tu il elle on nous vous ils elles me te se moi toi lui soi eux y ne pas point non oui
    moi-même lui-même elle-même soi-même eux-mêmes nous-mêmes vous-même vous-mêmes voici voilà là ici ci là-bas ailleurs partout dedans dehors dessus dessous
    comment pourquoi combien cependant pourtant toutefois néanmoins sinon quoique bien mal mieux pire beaucoup rien quant notamment suivant grâce
    un deux trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante cent mille premier première deuxième troisième
    dernier dernière seul seule seuls seules nombreux nombreuses divers diverses gens suis es est sommes êtes sont était étais étaient étant été serait
    sera seront seraient soit soient ai as a avons avez ont avait avais avaient aurait aurais auront aura ayant eu eue aie ait fut
"""
_ADVERBS = """
    vivement rapidement simplement correctement facilement difficilement directement immédiatement régulièrement systématiquement uniquement seulement
    énormément extrêmement particulièrement généralement normalement habituellement récemment dernièrement prochainement lentement parfaitement
    totalement entièrement complètement absolument tellement également notamment probablement certainement sûrement surement évidemment visiblement
    apparemment malheureusement heureusement finalement franchement honnêtement clairement vraiment carrément quasiment actuellement fortement
    largement légèrement constamment fréquemment suffisamment gratuitement autrement justement exactement strictement quotidiennement
"""
_FILLERS = """
    bonjour bonsoir salut cordialement cdt svp stp merci bref attention ok hein euh bah ben lol mdr ptdr aujourd'hui aujourd hui hier demain matin soir
    jour jours journée semaine semaines mois an ans année années heure heures minute minutes fois chose choses truc trucs coup cas part suite niveau bout
    fin début moment lieu sorte genre façon faire fais fait faits faite avoir être pouvoir peux peut peuvent pu vouloir veux veut veulent voulu devoir
    dois doit doivent dû falloir faut fallait aller vais va vont dire dis dit mettre mis prendre pris venir viens vient voir vu savoir sais sait croire
    penser trouver donner passer laisser sembler rester commencer continuer essayer arriver peut-être soi-disant est-ce c-est quoi pr ds tjs tjrs jms ya y'a
    c'est-à-dire etc quelqu'un quelqu'une
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    euro euros madame monsieur mme mr
"""
STOP_WORDS = frozenset(f"{_GRAMMAR} {_ADVERBS} {_FILLERS}".split()) | LINKS

# simplemma takes these nouns for verbs.
_NOUNS = {"prise", "prises", "remise", "remises", "reprise", "reprises", "visite", "visites", "arrivée", "arrivées", "tenue", "vue", "assuré", "assurés"}


class Word(NamedTuple):
    """Hold one word as written, its lemma, its place in the text, and whether it is a stop word."""

    surface: str
    lemma: str
    start: int
    end: int
    stop: bool


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """Return the dictionary form of a lower-case French word, or the word itself when it is unknown."""
    from simplemma import lemmatize

    if word in _NOUNS:
        return word.removesuffix("s")
    return str(lemmatize(word, lang=LANGUAGE)).lower()


@lru_cache(maxsize=65536)
def is_verb(word: str) -> bool:
    """Tell whether a lower-case word is a verb, conjugated or not, or a past participle in -é; a heuristic, made for the first word of a label."""
    if word in _NOUNS:
        return False
    participle = re.sub(r"ée?s?$", "er", word)
    return any(_is_infinitive(form) for form in {word, lemma(word), participle})


def _is_infinitive(word: str) -> bool:
    """Tell whether a word in -er, -ir, -re or -oir conjugates: "attendre" is the lemma of "attendez", nothing makes "dossier" one."""
    stem = word[:-2]
    return word.endswith(("er", "ir", "re")) and word in {lemma(stem + ending) for ending in ("ez", "issez", "ons", "ait")}


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[Word, ...]:
    """Split a text into words in lower case, elisions apart (`l'`, `qu'`); numbers, marks, emoji, links, mentions and redacted data are left out."""
    found = ((token.start, _word(token.text)) for token in tokenize(text))
    return tuple(Word(word.surface, word.lemma, start + word.start, start + word.end, word.stop) for start, word in found if word)


@lru_cache(maxsize=65536)
def _word(token: str) -> Word | None:
    """Return the word that a token holds, with its place in the token; None when it is no word."""
    match = _WORD.fullmatch(token)
    if not match:
        return None
    surface = match[1].lower().replace("’", "'")
    base = lemma(surface)
    stop = surface.endswith("'") or len(surface) < 2 or surface in STOP_WORDS or base in STOP_WORDS
    return Word(surface, base, match.start(1), match.end(1), stop)


def content_words(text: str) -> list[tuple[str, str]]:
    """Return the words that carry meaning, in order, as (surface, lemma) pairs in lower case."""
    return [(word.surface, word.lemma) for word in words(text) if not word.stop]


def content_lemmas(text: str) -> tuple[str, ...]:
    """Return the lemmas of the words that carry meaning, each once, in alphabetical order."""
    return tuple(sorted({word.lemma for word in words(text) if not word.stop}))
