import pyarrow as pa
import pytest

from tests.contract.fakes import Fragile, Returns, WordCount
from vocpipe import pipeline
from vocpipe.errors import ConfigError
from vocpipe.schema import Column, columns
from vocpipe.stages.base import Columns, Context, Run, Stage
from vocpipe.stages.language import Language
from vocpipe.stages.segment import Segment
from vocpipe.taxonomy import load_taxonomy


class Opinions(Stage):
    """Give every row as many opinions as its text has words, or one too many."""

    reads = columns("text", "opinion_start")
    adds = columns("opinion_step")
    extra: int = 0

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            return {"opinion_step": [["general"] * (len(row) + self.extra) for row in batch["opinion_start"].to_pylist()]}

        return run


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_taxonomy())


def rows(*texts: str) -> pa.RecordBatch:
    return pa.record_batch({"verbatim_id": [f"v{number}" for number in range(len(texts))], "text": list(texts)})


def test_check_reports_every_mistake_with_the_way_out() -> None:
    class Again(WordCount):
        adds = (*WordCount.adds, Column("text", pa.string(), "described twice"))

    with pytest.raises(ConfigError) as caught:
        pipeline.check([Opinions(), Segment(), WordCount(), Again()])
    message = caught.value.message
    assert "stage 1: opinions reads 'opinion_start', which no earlier stage adds; put segment before it" in message
    assert "stage 4: again adds 'word_count', which wordcount adds already" in message
    assert "stage 4: again describes 'text', which vocpipe describes already" in message
    assert "stage 2" not in message


def test_check_names_the_nearest_column() -> None:
    class Typo(Stage):
        reads = ("txet",)
        adds = ("opinion_stap",)

        def load(self, context: Context) -> Run:
            raise AssertionError("never loaded")

    with pytest.raises(ConfigError, match=r"did you mean 'text'\?(.|\n)*'opinion_stap', which is not described"):
        pipeline.check([Typo()])


def test_rows_keep_their_place_and_rejected_ones_are_shown_to_no_later_stage(context: Context) -> None:
    texts = [
        "Très bon produit, livraison rapide.",
        "   ",
        "This shop never answers my messages and I want a refund.",
        "Livraison très rapide. Vendeur vraiment aimable.",
    ]
    result = pipeline.load([Language(), Segment(), WordCount()], context, given=("text",))(rows(*texts))
    assert result["verbatim_id"].to_pylist() == ["v0", "v1", "v2", "v3"]
    assert result["text"].to_pylist() == texts
    assert result["reject"].to_pylist() == [None, "empty", "language", None]
    assert result["word_count"].to_pylist() == [5, None, None, 6]
    assert [len(row) for row in result["opinion_start"].to_pylist()] == [1, 0, 0, 2]


@pytest.mark.parametrize("bad", [[], [0], [7], [3, 4], [0, 11], list(range(11))])
def test_only_the_rows_that_fail_are_rejected(context: Context, bad: list[int], caplog: pytest.LogCaptureFixture) -> None:
    texts = [f"ligne {number} bombe" if number in bad else f"ligne {number}" for number in range(12)]
    result = pipeline.load([Segment(), Fragile(), WordCount()], context, given=("text",))(rows(*texts))
    assert result["reject"].to_pylist() == ["failed:fragile" if number in bad else None for number in range(12)]
    assert result["word_count"].to_pylist() == [None if number in bad else len(texts[number].split()) for number in range(12)]
    assert [len(row) for row in result["opinion_start"].to_pylist()] == [0 if number in bad else 1 for number in range(12)]
    assert len(caplog.records) == len(bad)
    assert "ligne" not in caplog.text


def test_a_stage_that_cannot_load_is_named(context: Context) -> None:
    class Absent(WordCount):
        def load(self, context: Context) -> Run:
            raise FileNotFoundError("lexicon.txt")

    with pytest.raises(ConfigError, match="stage absent cannot be loaded: FileNotFoundError"):
        pipeline.load([Absent()], context, given=("text",))


def test_a_stage_that_fails_on_every_row_stops_the_run(context: Context) -> None:
    with pytest.raises(ConfigError, match="stage fragile fails on every row: RuntimeError"):
        pipeline.load([Fragile()], context, given=("text",))(rows(*["bombe"] * pipeline.BROKEN))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"other": [1, 2]}, r"returns \['other'\] where it declares \['answer'\]"),
        ({"answer": [1]}, "returns 1 values of 'answer' for 2 rows"),
        ({"answer": [1, 300]}, "values that are not int8"),
        ({"answer": ["un", 2]}, "values that are not int8"),
        ({"answer": [1, None]}, "returns null in 'answer', which is never null"),
    ],
)
def test_a_stage_that_breaks_its_contract_is_named(context: Context, answer: dict[str, list[int | str | None]], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        pipeline.load([Returns(answer=answer)], context, given=("text",))(rows("a", "b"))
    assert "tests.contract.fakes:Returns" in caught.value.hint


def test_lists_hold_one_value_per_opinion(context: Context) -> None:
    good = pipeline.load([Segment(), Opinions()], context, given=("text",))(rows("Accueil parfait. Prix vraiment trop élevés.", ""))
    assert good["opinion_step"].to_pylist() == [["general"] * 2, []]
    with pytest.raises(ConfigError, match="'opinion_step' with another number of values than there are opinions"):
        pipeline.load([Segment(), Opinions(extra=1)], context, given=("text",))(rows("Bien."))


def test_an_empty_batch_gets_every_column(context: Context) -> None:
    result = pipeline.load([Language(), Segment(), WordCount()], context, given=("text",))(
        rows().cast(pa.schema({"verbatim_id": pa.string(), "text": pa.string()}))
    )
    assert result.num_rows == 0
    assert {"reject", "language", "opinion_end", "word_count"} <= set(result.schema.names)
