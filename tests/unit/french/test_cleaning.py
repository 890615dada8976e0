"""The form of text that models read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.french.cleaning import clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C’est  nul\n\nvraiment", "C'est nul vraiment"),
        ("Troooooop bien", "Troop bien"),
        ("Scandale !!!!!!!", "Scandale !!!"),
        ("dÃ©Ã§u de la qualitÃ©", "déçu de la qualité"),
        ("voir https://exemple.fr/a?b=1 merci", "voir http merci"),
        ("@lutece_sav répondez", "@user répondez"),
        ("e\u0301tonnant", "étonnant"),
        ("a\u200bb", "ab"),
        ("J'adore 😍😍", "J'adore 😍😍"),
        ("TRÈS DÉÇUE", "TRÈS DÉÇUE"),
        ("créée en 2000", "créée en 2000"),
        ("", ""),
    ],
)
def test_golden(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(list("aeéÃ©â€™!'’@.: /htps")))))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
