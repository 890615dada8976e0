"""The words of the month's report: customers' texts that stay text, and figures as each language writes them."""

import datetime
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vocpipe.feeds.month import phrases_en, phrases_fr
from vocpipe.feeds.month.markdown import QUOTE_LENGTH, clip, escape, one_line, table
from vocpipe.feeds.month.voice import Voice


@pytest.mark.parametrize("name", ["PHRASES", "NOUNS"])
def test_both_languages_have_the_same_phrases_with_the_same_gaps(name: str) -> None:
    french, english = getattr(phrases_fr, name), getattr(phrases_en, name)
    assert list(french) == list(english)
    for key in french if name == "PHRASES" else ():
        gaps = [{gap for _, gap, _, _ in string.Formatter().parse(words[key]) if gap} for words in (french, english)]
        assert gaps[0] == gaps[1], key


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("[]()*_`~|<>&#!\\:/.www https:amp;1", max_size=40))
def test_no_text_of_a_customer_becomes_markup(text: str) -> None:
    markdown = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    tokens = markdown.parse(f"> «{escape(text)}»")
    inline = [token for token in tokens if token.type == "inline"]
    assert [child.type for token in inline for child in token.children or []] == ["text"] * sum(len(token.children or []) for token in inline)
    assert "".join(child.content for token in inline for child in token.children or []) == f"«{one_line(text)}»"
    assert "\x1b" not in escape(text)
    assert len(escape(text).splitlines()) <= 1


@given(st.text(max_size=400), st.integers(0, 300), st.integers(0, 120))
def test_a_long_quote_is_cut_to_one_line(text: str, start: int, length: int) -> None:
    cut = clip(text, start, start + length)
    assert len(cut) <= QUOTE_LENGTH
    assert len(cut.splitlines()) <= 1
    if len(one_line(text)) <= QUOTE_LENGTH:
        assert cut == one_line(text)


def test_a_long_quote_keeps_the_words_that_prove() -> None:
    text = "Bonjour à tous. " * 20 + "Le colis est arrivé ouvert. " + "Merci quand même. " * 20
    start = text.index("Le colis")
    cut = clip(text, start, start + len("Le colis est arrivé ouvert."))
    assert "Le colis est arrivé ouvert." in cut
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut) <= QUOTE_LENGTH


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Voice("fr").share(0.0817), "8,2\u202f%"),
        (Voice("fr").share(0.0001), "< 0,1\u202f%"),
        (Voice("en").share(0), "0.0%"),
        (Voice("fr").number(1234567), "1\u202f234\u202f567"),
        (Voice("fr").points(2.06), "+2,1 points"),
        (Voice("fr").points(-1.94), "−1,9 point"),
        (Voice("fr").points(-0.01), "0,0 point"),
        (Voice("en").points(1.0), "+1.0 point"),
        (Voice("en").points(0.5), "+0.5 points"),
        (Voice("fr").count(0, "opinion"), "0 opinion"),
        (Voice("en").count(0, "opinion"), "0 opinions"),
        (Voice("fr").span(["2026-04", "2026-05"]), "d'avril à mai 2026"),
        (Voice("fr").span(["2025-11", "2025-12", "2026-01"]), "de novembre 2025 à janvier 2026"),
        (Voice("fr").during("lot_2"), "sur la période lot\\_2"),
        (Voice("fr").day(datetime.date(2026, 6, 1)), "1er juin"),
        (Voice("fr").listing(["a", "b", "c"]), "a, b et c"),
    ],
)
def test_figures_are_said_as_each_language_writes_them(said: str, expected: str) -> None:
    assert said == expected


def test_the_columns_of_a_table_are_aligned() -> None:
    lines = table(["n", "irritant"], [["1", "court"], ["10", "un libellé plus long"]], right=(0,))[:-1]
    assert len({len(line) for line in lines}) == 1
    assert lines[1] == "| --: | -------------------- |"
