"""Whether the name that an opinion's irritant bears says what the annotator of that opinion said."""

from collections.abc import Sequence

from tests.bench.irritants_data import Opinions
from vocpipe.french.lemmas import content_lemmas
from vocpipe.irritants.starter import read_starter


def naming(opinions: Opinions, names: Sequence[str | None]) -> dict[str, float | int]:
    """Return shares of the n opinions that have an irritant, by how its name stands to the annotator's phrase.

    `same_words`: the same lemmas. `same_problem`: that, or a phrase that the starter catalogue holds for the same irritant, grouped by readers of French.
    `most_usual`: what the most frequent irritant of the starter catalogue would reach as the only name.
    """
    of_phrase = {phrase: entry.label for entry in read_starter("starter") for phrase in entry.phrases}
    pairs = [(name, phrase) for name, phrase in zip(names, opinions.told_phrases, strict=True) if name is not None]
    words = [content_lemmas(name) == content_lemmas(phrase) for name, phrase in pairs]
    problem = [same or of_phrase.get(phrase) == name for same, (name, phrase) in zip(words, pairs, strict=True)]
    told = [of_phrase.get(phrase, phrase) for _, phrase in pairs]
    most = max((told.count(name) for name in set(told)), default=0)
    count = max(len(pairs), 1)
    return {"n": len(pairs), "same_words": sum(words) / count, "same_problem": sum(problem) / count, "most_usual": most / count}
