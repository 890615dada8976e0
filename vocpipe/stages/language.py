"""Tell the language of a verbatim, and turn away what is blank or in another language."""

import pyarrow as pa
from pydantic import Field, field_validator

from vocpipe.errors import nearest
from vocpipe.french.languages import CANDIDATES, UNDETERMINED, Detector
from vocpipe.schema import columns
from vocpipe.stages.base import Columns, Context, Run, Stage


class Language(Stage):
    """Tell French from other languages; a text too short or too mixed to tell is undetermined, and kept unless told otherwise."""

    reads = columns("text")
    adds = columns("language", "language_p", "reject")

    languages: tuple[str, ...] = Field(default=("fr",), min_length=1, description="languages that are analysed")
    keep_undetermined: bool = Field(default=True, description="analyse texts whose language cannot be told")
    min_letters: int = Field(default=12, ge=1, description="letters of its distinct words below which the language of a text is undetermined")
    min_confidence: float = Field(default=0.8, ge=0, le=1, description="probability from which a text is told to be in an analysed language")
    max_doubt: float = Field(default=0.02, ge=0, le=1, description="probability of the analysed languages up to which a text is told to be in another")

    @field_validator("languages")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [f"no language {code!r} is told: {nearest(code, CANDIDATES)}" for code in value if code not in CANDIDATES]
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    def load(self, context: Context) -> Run:
        detect = Detector(self.languages, self.min_letters, self.min_confidence, self.max_doubt)

        def run(batch: pa.RecordBatch) -> Columns:
            texts = batch["text"].to_pylist()
            verdicts = [detect(text) for text in texts]
            return {
                "language": [verdict.language for verdict in verdicts],
                "language_p": [verdict.probability for verdict in verdicts],
                "reject": [self._reject(text, verdict.language) for text, verdict in zip(texts, verdicts, strict=True)],
            }

        return run

    def _reject(self, text: str, language: str) -> str | None:
        if not text.strip():
            return "empty"
        kept = language in self.languages or (self.keep_undetermined and language == UNDETERMINED)
        return None if kept else "language"
