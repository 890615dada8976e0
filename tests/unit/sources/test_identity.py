"""Identifiers: the compact table holds what a dictionary would."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.sources.identity import Identities, Table, content_hash, normalise

# Keys that meet: few of them, or all at the end of the table, where they have to go round.
KEYS = st.one_of(st.integers(0, 40), st.integers(0, 2**64 - 1), st.integers(0, 50).map(lambda number: 2**64 - 1 - number))


@settings(max_examples=200, deadline=None)
@given(st.lists(KEYS, max_size=300))
def test_table_counts_as_a_dictionary(keys: list[int]) -> None:
    table = Table("I", slots=4)
    for key in keys:
        slot = table.slot(key)
        table.values[0][slot] += 1
    expected = Counter(key or 1 for key in keys)
    assert {key: table.values[0][slot] for key, slot in ((key, table.slot(key)) for key in expected)} == expected


def test_table_grows_over_thousands_of_keys() -> None:
    table = Table("Q", "H")
    keys = [(number * 0x9E3779B97F4A7C15) % 2**64 for number in range(20_000)]
    for key in keys:
        slot = table.slot(key)
        table.values[0][slot], table.values[1][slot] = key, key % 65_521
    assert all((table.values[0][slot], table.values[1][slot]) == (key, key % 65_521) for key, slot in ((key, table.slot(key)) for key in keys))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, "A1", "A2"]), st.sampled_from(["Très bien", "x" * 40, "y" * 40])), max_size=40))
def test_identifiers_are_unique_and_copies_point_to_the_first(rows: list[tuple[str | None, str]]) -> None:
    identities = Identities("essai")
    first: dict[tuple[str | None, str], str] = {}
    seen: set[str] = set()
    for source_id, text in rows:
        identifier = identities.verbatim_id(source_id, None, "", normalise(text))
        duplicate = identities.duplicate_of(identifier, source_id, content_hash(None, text), normalise(text))
        key = (None if len(text) >= 30 else source_id, text)
        assert identifier not in seen
        assert duplicate == (first.get(key) if source_id or len(text) >= 30 else None)
        seen.add(identifier)
        first.setdefault(key, identifier)


def test_identifiers_never_change() -> None:
    identities = Identities("essai")
    again = [identities.verbatim_id("A1", None, "", "bien") for _ in range(3)]
    assert again == ["df79a2a456288ec4cb93", "df90693059ae2f05d755", "e0fabc2ae366c62755a1"]
    assert identities.verbatim_id(None, "Café Élan", "2021-03-12", "bien") == "5532ff24cdab06a41f35"
