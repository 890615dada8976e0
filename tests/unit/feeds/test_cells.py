"""No cell starts a formula, hides a character or runs over, and honest words stay as they are."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.feeds.cells import LONGEST, safe_cell

STARTS = "=+-@\t\r＝＋－＠"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("  @SUM(1;2)", "'  @SUM(1;2)"),
        ("\x00=1+1", "'=1+1"),
        ("\t=1+1", "' =1+1"),
        ("-5 % partout", "'-5 % partout"),
        ("＝1+1", "'＝1+1"),
        ("gentil \u202etnahcem", "gentil [U+202E]tnahcem"),
        ("une\r\ndeux\rtrois\u2028quatre", "une\ndeux\ntrois\nquatre"),
        ("a\x07b\x9bc\ufeffd", "abcd"),
        ("Bonjour;=cmd|' /C calc'!A0;merci", "Bonjour;'=cmd|' /C calc'!A0;merci"),
        ('oui, "@SUM(1)', "oui,' \"@SUM(1)"),
        ("non\n\t+A1;＝1", "non\n' +A1;'＝1"),
        ("prix;-1+cmd|' /C calc'!A0", "prix;'-1+cmd|' /C calc'!A0"),
        ("a,- 1+HYPERLINK(A1)", "a,'- 1+HYPERLINK(A1)"),
    ],
)
def test_what_could_run_or_mislead_is_shown_for_what_it_is(given: str, shown: str) -> None:
    assert safe_cell(given) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Livré 2 jours trop tard — « jamais plus » !",
        "👨‍👩‍👧 e\u0301tonnant",
        "a=b",
        "prix : 5-6 €",
        "une\ndeux",
        "prix: 3,-5",
        "oui ;-) non",
        "deux points :\n- cher (très)\n+ 2 €",
    ],
)
def test_honest_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_a_cell_longer_than_excel_holds_is_cut() -> None:
    assert safe_cell("a" * LONGEST) == "a" * LONGEST
    assert safe_cell("=" + "a" * LONGEST) == "'=" + "a" * (LONGEST - 3) + "…"


@given(st.text(st.sampled_from("=+-@'ab \t\r\n\x00\u202e\u2067\ufeff＝") | st.characters()))
def test_no_text_escapes(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip().startswith(tuple(STARTS))
    assert not [character for character in cell if unicodedata.category(character) == "Cc" and character != "\n"]
    assert not [character for character in cell if unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]
    assert safe_cell(cell) == cell


@given(st.text(st.sampled_from("=@;, \n\t\"'ab＝")))
def test_no_formula_starts_for_who_splits_elsewhere(text: str) -> None:
    for mine in ";,":
        written = io.StringIO()
        csv.writer(written, delimiter=mine).writerow(["a", safe_cell(text), "b"])
        for theirs in ";,\t":
            cells = [cell for row in csv.reader(io.StringIO(written.getvalue(), newline=""), delimiter=theirs) for cell in row]
            assert not [cell for cell in cells if cell.lstrip().startswith(tuple("=@＝"))], (mine, theirs)
