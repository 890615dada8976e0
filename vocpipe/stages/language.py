"""Tell the language of a verbatim, and turn away what is blank or in another language."""

import re
from typing import TypeAlias

import pyarrow as pa
from pydantic import Field

from vocpipe.schema import columns
from vocpipe.stages.base import Columns, Context, Run, Stage

UNDETERMINED = "und"

_CANDIDATES = "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv mk ms nl no pl pt ro ru sk sl sq sr sv sw ta th tl tr uk ur vi zh"
"""Languages of customers. Without rare ones, which short French texts are often mistaken for (Latin, Occitan, Breton, Esperanto…)."""

_LETTER = re.compile(r"[^\W\d_]")
_ENOUGH = 2000

_Verdict: TypeAlias = tuple[str, float | None]


class Language(Stage):
    """Tell French from other languages; a text too short or too mixed to tell is undetermined, and kept unless told otherwise."""

    reads = columns("text")
    adds = columns("language", "language_p", "reject")

    languages: tuple[str, ...] = Field(default=("fr",), min_length=1, description="languages that are analysed")
    keep_undetermined: bool = Field(default=True, description="analyse texts whose language cannot be told")
    min_letters: int = Field(default=12, ge=1, description="below, the language is undetermined")
    min_confidence: float = Field(default=0.8, ge=0, le=1, description="probability below which the language is undetermined")

    def load(self, context: Context) -> Run:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        identifier.set_languages(_CANDIDATES.split())

        def verdict(text: str) -> _Verdict:
            start = text[:_ENOUGH]
            if len(_LETTER.findall(start)) < self.min_letters:
                return UNDETERMINED, None
            language, confidence = identifier.classify(start)
            return (language, confidence) if confidence >= self.min_confidence else (UNDETERMINED, None)

        def run(batch: pa.RecordBatch) -> Columns:
            texts = batch["text"].to_pylist()
            verdicts = [verdict(text) for text in texts]
            return {
                "language": [language for language, _ in verdicts],
                "language_p": [confidence for _, confidence in verdicts],
                "reject": [self._reject(text, language) for text, (language, _) in zip(texts, verdicts, strict=True)],
            }

        return run

    def _reject(self, text: str, language: str) -> str | None:
        if not text.strip():
            return "empty"
        kept = language in self.languages or (self.keep_undetermined and language == UNDETERMINED)
        return None if kept else "language"
