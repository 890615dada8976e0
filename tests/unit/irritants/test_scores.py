import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.irritants.discovery import discover
from vocpipe.irritants.scores import Profiles, on_grid, score_matrix, unit
from vocpipe.irritants.settings import IrritantSettings


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 60))
def test_a_score_has_the_same_bits_in_any_company(seed, count, alone):
    generator = np.random.default_rng(seed)
    vectors, centroids = unit(generator.standard_normal((count, 128))), unit(generator.standard_normal((7, 128)))
    themes, own = generator.integers(-1, 3, count), generator.integers(-1, 3, 7)
    row = alone % count
    vocabulary = np.array(["colis", "retard", "prix", "remboursement", "client", "attendre", "cher", "panne"])
    words = [tuple(generator.permutation(vocabulary)[: generator.integers(0, 8)].tolist()) for _ in range(count + 7)]
    opinions, irritants = Profiles(vectors, themes, words[7:]), Profiles(centroids, own, words[:7])
    every = score_matrix(opinions, irritants, IrritantSettings())
    assert np.array_equal(every[row], score_matrix(opinions.take(np.array([row])), irritants, IrritantSettings())[0])
    assert np.array_equal(every[:, 3], score_matrix(opinions, irritants.take(np.array([3])), IrritantSettings())[:, 0])
    assert every.max() <= 1 + 1e-6


def test_unit_rows_are_on_the_grid_and_rows_without_direction_are_zeros():
    rows = unit([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]])
    assert np.array_equal(on_grid(rows), rows)
    assert np.allclose(rows, [[0.6, 0.8], [0, 0], [0, 0], [0, 0]], atol=1e-5)


def test_no_theme_agrees_with_none():
    settings = IrritantSettings(theme_weight=0.25, word_weight=0)
    none, two = (Profiles(unit([[1.0, 0.0]]), np.array([theme]), [()]) for theme in (-1, 2))
    assert score_matrix(none, none, settings)[0, 0] == 0.75
    assert score_matrix(two, two, settings)[0, 0] == 1.0


def test_words_in_common_count_by_rank_and_by_the_length_of_the_opinion():
    settings = IrritantSettings(theme_weight=0, word_weight=0.4)
    irritant = Profiles(unit([[0.0, 1.0]]), np.array([-1]), [("retard", "colis")])
    said = [("colis", "retard"), ("retard",), ("colis",), ("colis", "a", "b", "c"), ("prix",), ()]
    opinions = Profiles(unit([[1.0, 0.0]] * len(said)), np.full(len(said), -1), said)
    found = score_matrix(opinions, irritant, settings)[:, 0] / 0.4
    assert np.allclose(found, [1.0, 1.0, 0.7071, 0.3536, 0.0, 0.0], atol=1e-4)


def test_many_opinions_give_a_sensible_number_of_groups_that_granularity_moves():
    generator = np.random.default_rng(0)
    problems = generator.standard_normal((60, 64))
    of = generator.choice(60, 3000, p=(weights := 1 / np.arange(1, 61)) / weights.sum())
    vectors = unit(problems[of] / 8 + 0.8 * generator.standard_normal((3000, 64)) / 8)
    themes = of % 9
    counts = [len(discover(vectors, themes, None, IrritantSettings(granularity=granularity, min_score=0.3))) for granularity in (8, 20, 40)]
    assert 15 <= counts[1] <= 50
    assert counts[0] < counts[1] < counts[2]
    groups = discover(vectors, themes, None, IrritantSettings(min_score=0.3))
    assert all(len(group.members) >= 8 for group in groups)
    purity = [np.bincount(of[group.members]).max() / len(group.members) for group in groups]
    assert np.median(purity) > 0.9
