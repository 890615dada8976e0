"""Tell whether a text is in one of the languages that are analysed, in another, or cannot be told."""

import re
from collections.abc import Collection
from typing import NamedTuple

UNDETERMINED = "und"

_CODES = "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv mk ms nl no pl pt ro ru sk sl sq sr sv sw ta th tl tr uk ur vi zh"
CANDIDATES = tuple(_CODES.split())
"""Languages of customers, as ISO 639-1 codes. Without rare ones, which short French texts are often mistaken for (Latin, Occitan, Breton, Esperanto…)."""

_START = 200
_ENOUGH = 2000
_PARTS = 3
_LIKELY = 0.5  # lists of brands and keys hit at random look like many languages, and like none in particular

# Links, mentions, hashtags and the markers of redaction look like English, whoever wrote them.
_FOREIGN = re.compile(r"https?://\S*|www\.\S+|[@#]\w+|\[[A-Z_]+(?::[a-z]+)?\]")
_REPEATED = re.compile(r"(\S)\1{2,}")
_WORD = re.compile(r"[^\W\d_]+")


class Verdict(NamedTuple):
    """Hold a language and its probability, which is null when the language is undetermined."""

    language: str
    probability: float | None


_UNTOLD = Verdict(UNDETERMINED, None)


class Detector:
    """Tell the language of texts, with doubt in favour of the languages that are wanted.

    A text is undetermined when its distinct words have fewer than `min_letters` letters. It is in a wanted language when that one is the likeliest and
    reaches `min_confidence`; in another when that other is likelier than not, the wanted ones together have at most `max_doubt` (probabilities, 0 to 1),
    and no third of its words, read alone, is in a wanted one. The first 200 characters are enough when they are in a wanted language; else 2,000 are read.
    """

    def __init__(self, wanted: Collection[str], min_letters: int, min_confidence: float, max_doubt: float) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages(CANDIDATES)
        self._wanted, self._min_letters, self._min_confidence, self._max_doubt = frozenset(wanted), min_letters, min_confidence, max_doubt

    def __call__(self, text: str) -> Verdict:
        """Return the language of a text."""
        verdict = self._read(_prose(text[:_START]))
        return verdict if len(text) <= _START or verdict.language in self._wanted else self._read(_prose(text[:_ENOUGH]))

    def _read(self, prose: str) -> Verdict:
        if not self._is_enough(prose):
            return _UNTOLD
        language, probability = self._identifier.classify(prose)
        if language in self._wanted:
            return Verdict(language, probability) if probability >= self._min_confidence else _UNTOLD
        if probability < _LIKELY or self._doubt(prose) > self._max_doubt or any(map(self._is_wanted, _parts(prose))):
            return _UNTOLD
        return Verdict(language, probability)

    def _doubt(self, prose: str) -> float:
        return float(sum(probability for language, probability in self._identifier.rank(prose) if language in self._wanted))

    def _is_wanted(self, part: str) -> bool:
        language, probability = self._identifier.classify(part)
        return language in self._wanted and probability >= self._min_confidence and self._is_enough(part)

    def _is_enough(self, prose: str) -> bool:
        """Tell whether the distinct words have enough letters: "merci merci merci" tells no more than "merci"."""
        return sum(map(len, set(_WORD.findall(prose)))) >= self._min_letters


def _prose(text: str) -> str:
    """Return the text as the detector reads it: in lower case, without what is no prose, "suuuuper" as "suuper"."""
    return _REPEATED.sub(r"\1\1", _FOREIGN.sub(" ", text)).lower()


def _parts(prose: str) -> list[str]:
    """Return the text in thirds of as many words."""
    words = prose.split()
    size = -(-len(words) // _PARTS)
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]
