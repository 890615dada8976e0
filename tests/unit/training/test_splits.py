"""Splits: the same for any order, and nothing that trains nearly repeats what measures."""

import datetime as dt
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.errors import ConfigError, InputError
from vocpipe.training.corpus import opening_key, text_key
from vocpipe.training.near import NEAR, near_groups, similarity, word_triples
from vocpipe.training.segments import Segment, Verbatim
from vocpipe.training.splits import part_of, split_by_time, split_by_verbatim

SEGMENTS = (Segment("texte", 1, {}, "achat", None, (), None),)
VOCABULARY = [
    "le",
    "la",
    "colis",
    "table",
    "lampe",
    "arrive",
    "casse",
    "tard",
    "vite",
    "bien",
    "mal",
    "prix",
    "hausse",
    "merci",
    "conseiller",
    "appel",
    "attente",
    "réponse",
    "jamais",
    "toujours",
    "hier",
    "encore",
]


def sentence(number: int, words: int = 40) -> str:
    return " ".join(random.Random(number).choices(VOCABULARY, k=words))


def retouched(text: str, number: int) -> str:
    """Return the text with one word changed: still nearly the same; or in capitals, or cut."""
    words = text.split()
    kind = number % 4
    if kind == 0:
        return text.upper() + " !"
    if kind == 1:
        return " ".join(words[: max(1, len(words) - number % 7)])
    words[number % len(words)] = "autrement"
    return " ".join(words)


@st.composite
def collections(draw: st.DrawFn) -> list[Verbatim]:
    """Draw verbatims of three sources, many of which nearly repeat an earlier one."""
    verbatims: list[Verbatim] = []
    for place in range(draw(st.integers(8, 25))):
        number = draw(st.integers(0, 10_000))
        again = verbatims and draw(st.booleans())
        text = retouched(verbatims[number % len(verbatims)].text, number) if again else sentence(number, draw(st.integers(3, 40)))
        day = draw(st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2024, 2, 29)))
        verbatims.append(Verbatim(f"V{place}", f"source {number % 3}", text, SEGMENTS, day))
    return verbatims


def repeats(one: Verbatim, other: Verbatim) -> bool:
    opening = opening_key(one.text)
    return (
        text_key(one.text) == text_key(other.text)
        or (opening is not None and opening == opening_key(other.text))
        or similarity(word_triples(one.text), word_triples(other.text)) >= NEAR
    )


@settings(deadline=None, max_examples=40, derandomize=True)
@given(collections(), st.randoms(use_true_random=False))
def test_nothing_straddles_whatever_the_order(verbatims: list[Verbatim], shuffled: random.Random) -> None:
    other_order = list(verbatims)
    shuffled.shuffle(other_order)
    source = verbatims[0].source
    pairs = [pair for pair in combinations(verbatims, 2) if repeats(*pair)]

    places = split_by_verbatim(verbatims)
    assert split_by_verbatim(other_order) == places
    assert all(places[one.id] == places[other.id] for one, other in pairs)

    held = split_by_verbatim(verbatims, held_out_source=source)
    assert split_by_verbatim(other_order, held_out_source=source) == held
    assert {verbatim.id for verbatim in verbatims if held[verbatim.id] == "out_of_domain"} == {each.id for each in verbatims if each.source == source}
    seen = ("train", "dev")
    assert not [pair for pair in pairs if held[pair[0].id] != held[pair[1].id] and (held[pair[0].id] in seen or held[pair[1].id] in seen)]


@settings(deadline=None, max_examples=40, derandomize=True)
@given(collections(), st.randoms(use_true_random=False))
def test_time_goes_forward(verbatims: list[Verbatim], shuffled: random.Random) -> None:
    other_order = list(verbatims)
    shuffled.shuffle(other_order)
    try:
        places = split_by_time(verbatims, test=0.3, dev=0.2)
    except InputError:
        days = {verbatim.date for verbatim in verbatims if verbatim.date}
        last = sum(verbatim.date == max(days) for verbatim in verbatims) if days else 0
        assert last > int(0.3 * sum(verbatim.date is not None for verbatim in verbatims)) or not days
        return
    assert split_by_time(other_order, test=0.3, dev=0.2) == places
    assert all(places[one.id] == places[other.id] for one, other in combinations(verbatims, 2) if repeats(one, other))
    assert all(places[verbatim.id] == "train" for verbatim in verbatims if verbatim.date is None)
    alone = [verbatim for verbatim in verbatims if verbatim.date and not any(repeats(verbatim, other) for other in verbatims if other is not verbatim)]
    order = [("train", "dev", "test").index(places[verbatim.id]) for verbatim in sorted(alone, key=lambda verbatim: verbatim.date or dt.date.min)]
    assert order == sorted(order)


def test_the_places_are_those_of_the_first_version() -> None:
    """Figures of released models hold for these places: they may never change."""
    verbatims = [Verbatim(f"V{number}", f"source {number % 2}", sentence(number), SEGMENTS) for number in range(40)]
    places = split_by_verbatim(verbatims)
    assert {name for name, place in places.items() if place == "test"} == {"V0", "V3", "V9", "V22", "V24", "V25"}
    assert {name for name, place in places.items() if place == "dev"} == {"V26", "V31", "V36", "V39"}


def test_the_strictest_place_wins() -> None:
    verbatims = [Verbatim(f"V{number}", "source", sentence(number), SEGMENTS) for number in range(40)]
    places = split_by_verbatim(verbatims)
    copies = [Verbatim(f"{verbatim.id} again", "other", retouched(verbatim.text, 2), SEGMENTS) for verbatim in verbatims]
    apart = split_by_verbatim(copies)
    together = split_by_verbatim([*verbatims, *copies])
    order = ("train", "dev", "test")
    for verbatim, copy in zip(verbatims, copies, strict=True):
        assert together[verbatim.id] == together[copy.id] == max(places[verbatim.id], apart[copy.id], key=order.index)


def test_a_copy_of_what_is_out_of_domain_trains_nothing() -> None:
    verbatims = [Verbatim(f"V{number}", "source", sentence(number), SEGMENTS) for number in range(20)]
    trained = [verbatim for verbatim in verbatims if split_by_verbatim(verbatims)[verbatim.id] == "train"]
    held = Verbatim("H", "elsewhere", retouched(trained[0].text, 2), SEGMENTS)
    places = split_by_verbatim([*verbatims, held], held_out_source="elsewhere")
    assert (places["H"], places[trained[0].id], places[trained[1].id]) == ("out_of_domain", "test", "train")
    assert part_of([*verbatims, held], "out_of_domain", "elsewhere") == [held]
    with pytest.raises(ConfigError, match=r"'elsewhere '.*\n.*did you mean 'elsewhere'"):
        split_by_verbatim([*verbatims, held], held_out_source="elsewhere ")


def test_a_late_copy_does_not_measure_the_future() -> None:
    day = dt.date(2026, 1, 1)
    verbatims = [Verbatim(f"V{number}", "source", sentence(number), SEGMENTS, day + dt.timedelta(number)) for number in range(40)]
    late = Verbatim("late", "source", retouched(verbatims[3].text, 2), SEGMENTS, day + dt.timedelta(39))
    places = split_by_time([*verbatims, late])
    assert places["late"] == "train"
    assert [name for name, place in places.items() if place == "test"] == [f"V{number}" for number in range(35, 40)]
    with pytest.raises(InputError, match="1 have a date"):
        split_by_time([verbatims[0]])


def test_short_texts_that_differ_by_a_word_are_two() -> None:
    assert len(set(near_groups(("colis arrivé commande 12", "colis arrivé commande 13", "Colis arrivé, commande 12 !")))) == 2
