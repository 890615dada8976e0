import random
from itertools import permutations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.irritants.batches import SETTINGS, run_batch
from vocpipe.errors import ModelError, WorkspaceError
from vocpipe.irritants import ASSIGNMENT_SCHEMA, CATALOGUE_SCHEMA, Catalogue, Phrases

MARCH = {"joint": 60, "late": 45, "refund": 30, "price": 20}
ONLY_INPUT_VARIES = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def by_problem(found):
    """Return the set of irritants that each problem's opinions were given."""
    given: dict[str, set] = {}
    for row in found.assignments.to_pylist():
        given.setdefault(row["verbatim_id"].split("-")[1], set()).add(row["irritant_id"])
    return given


def labels(found):
    return dict(zip(found.discovered["irritant_id"].to_pylist(), found.discovered["label"].to_pylist(), strict=True))


def test_first_batch_finds_the_problems_named_and_numbered_by_volume(opinions, table, phrases):
    found = run_batch("2026-03", table(opinions(MARCH)), Catalogue(), phrases, SETTINGS)
    assert labels(found) == {
        "IRR-1001": "service client injoignable",
        "IRR-1002": "colis livré en retard",
        "IRR-1003": "remboursement tardif",
        "IRR-1004": "hausse de tarif injustifiée",
    }
    assert {problem: ids - {None} for problem, ids in by_problem(found).items()} == {
        "joint": {"IRR-1001"},
        "late": {"IRR-1002"},
        "refund": {"IRR-1003"},
        "price": {"IRR-1004"},
    }
    assert found.residual <= 0.15 * found.assignments.num_rows
    assert found.assignments.num_rows == 155
    assert found.discovered["step"].to_pylist() == ["assistance", "livraison", "reclamation", "facturation"]
    assert found.discovered["theme"].to_pylist() == ["joignabilite", "livraison", "remboursement", "prix"]
    assert set(found.discovered["first_batch"].to_pylist()) == {"2026-03"}
    assert found.assignments.schema == ASSIGNMENT_SCHEMA
    assert found.discovered.schema == CATALOGUE_SCHEMA


@ONLY_INPUT_VARIES
@given(shuffle=st.integers(0, 10_000), chunk=st.integers(1, 200))
def test_order_of_rows_and_size_of_batches_change_nothing(opinions, table, phrases, shuffle, chunk):
    rows = opinions(MARCH, noise=1.2)
    expected = run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS)
    random.Random(shuffle).shuffle(rows)
    found = run_batch("2026-03", iter(table(rows).to_batches(max_chunksize=chunk)), Catalogue(), phrases, SETTINGS)
    assert found.assignments.equals(expected.assignments)
    assert found.discovered.equals(expected.discovered)


def test_assignment_to_known_irritants_is_the_same_alone_and_in_company(opinions, table, phrases):
    known = Catalogue().merge(run_batch("2026-03", table(opinions(MARCH)), Catalogue(), phrases, SETTINGS).discovered)
    rows = opinions(MARCH, "b", noise=1.0)
    no_search = SETTINGS.model_copy(update={"min_size": 10_000})
    together = run_batch("2026-04", table(rows), known, phrases, no_search).assignments.drop_columns("evidence_rank")
    alone = [run_batch("2026-04", table([row]), known, phrases, no_search).assignments.drop_columns("evidence_rank") for row in rows]
    assert pa.concat_tables(alone).sort_by("verbatim_id").equals(together.combine_chunks())
    assert 0 < together["irritant_id"].null_count < len(rows)


def test_rerun_with_its_own_irritants_known_changes_nothing(opinions, table, phrases):
    rows = table(opinions(MARCH, noise=1.4))
    first = run_batch("2026-03", rows, Catalogue(), phrases, SETTINGS)
    again = run_batch("2026-03", rows, Catalogue.from_table(first.discovered), phrases, SETTINGS)
    assert again.assignments.equals(first.assignments)
    assert again.discovered.num_rows == 0


def test_known_irritants_keep_their_ids_and_a_new_problem_gets_the_next(opinions, table, phrases):
    known = Catalogue.from_table(run_batch("2026-03", table(opinions(MARCH)), Catalogue(), phrases, SETTINGS).discovered)
    april = run_batch("2026-04", table(opinions({"late": 40, "refund": 30, "price": 25, "broken": 30}, "b")), known, phrases, SETTINGS)
    assert labels(april) == {"IRR-1005": "produit défectueux"}
    assert {problem: ids - {None} for problem, ids in by_problem(april).items()} == {
        "late": {"IRR-1002"},
        "refund": {"IRR-1003"},
        "price": {"IRR-1004"},
        "broken": {"IRR-1005"},
    }
    assert sorted(april.met) == ["IRR-1002", "IRR-1003", "IRR-1004", "IRR-1005"]
    merged = known.merge(april.discovered)
    assert np.array_equal(merged.centroids[:4], known.centroids)
    assert merged.next_number() == 1006


def test_a_group_that_is_nearly_a_known_irritant_is_not_new(opinions, table, phrases):
    known = Catalogue.from_table(run_batch("2026-03", table(opinions(MARCH, noise=0.1)), Catalogue(), phrases, SETTINGS).discovered)
    around = run_batch("2026-04", table(opinions({"late": 40}, "b", noise=0.6)), known, phrases, SETTINGS)
    assert around.discovered.num_rows == 0
    assert around.residual > 0


def test_a_delivery_problem_is_not_grouped_with_a_price_problem_in_the_same_words(opinions, table, phrases):
    rows = opinions({"late": 60})
    for number, row in enumerate(rows):
        row["opinion_theme"] = [None, "livraison" if number % 2 else "prix"]
    found = run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS.model_copy(update={"theme_weight": 0.5}))
    assert sorted(found.discovered["theme"].to_pylist()) == ["livraison", "prix"]


def test_only_negative_opinions_that_name_a_problem_in_first_tellings_are_candidates(opinions, table, phrases):
    rows = opinions({"joint": 9})
    rows[0]["reject"] = "language"
    rows[2]["opinion_sentiment"] = [None, 0]
    rows[3]["opinion_sentiment"] = [-1, None]
    rows[4]["opinion_irritant"] = [False, None]
    found = run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS, exclude={"a-joint-0001", "a-joint-0008"})
    assert found.assignments["verbatim_id"].to_pylist() == ["a-joint-0005", "a-joint-0006", "a-joint-0007"]
    assert found.assignments["opinion"].to_pylist() == [1, 1, 1]


def test_evidence_is_central_distinct_and_of_readable_length(opinions, table, phrases):
    rows = opinions({"joint": 60})
    sentences = {row["verbatim_id"]: row["text"][row["opinion_start"][1] :] for row in rows}
    for row in rows[:20]:
        row["text"] = "Bonjour à tous. Injoignable !"
        row["opinion_end"] = [15, len(row["text"])]
    found = run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS.model_copy(update={"evidence": 3}))
    kept = found.assignments.filter(pc.is_valid(found.assignments["evidence_rank"])).sort_by("evidence_rank")
    assert kept["evidence_rank"].to_pylist() == [1, 2, 3]
    assert len(set(kept["verbatim_id"].to_pylist())) == 3
    assert all(row["verbatim_id"] not in kept["verbatim_id"].to_pylist() for row in rows[:20])
    assert found.discovered["quote"].to_pylist()[0] in sentences.values()
    assert run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS.model_copy(update={"evidence": 0})).assignments["evidence_rank"].null_count == 60


@pytest.mark.parametrize("vector", [None, [], [0.0] * 32, [float("nan")] * 32, [float("inf")] * 32, [1.0] * 31 + [None]])
def test_opinions_without_a_usable_vector_stay_residual(opinions, table, phrases, vector):
    rows = opinions({"joint": 30})
    for row in rows[:10]:
        row["opinion_vector"] = [None, vector]
    found = run_batch("2026-03", table(rows), Catalogue(), phrases, SETTINGS)
    assert found.assignments["nearest_id"].null_count == 10
    first = found.assignments.slice(0, 10)
    assert first["irritant_id"].null_count == first["score"].null_count == first["margin"].null_count == 10


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_opinions_are_all_residual(opinions, table, phrases, count):
    found = run_batch("2026-03", table(opinions({"joint": count})), Catalogue(), phrases, SETTINGS)
    assert found.residual == found.assignments.num_rows == count
    assert found.discovered.num_rows == 0
    assert run_batch("2026-03", iter([]), Catalogue(), phrases, SETTINGS).assignments.schema == ASSIGNMENT_SCHEMA


def test_opinions_that_have_nothing_in_common_make_no_irritant(opinions, table, phrases):
    rows = opinions({"joint": 100})
    random_vectors = np.random.default_rng(0).standard_normal((100, 512))
    for number, row in enumerate(rows):
        row["opinion_vector"] = [None, random_vectors[number].tolist()]
        row["opinion_theme"] = [None, None]
    found = run_batch("2026-03", table(rows), Catalogue(), Phrases.none(), SETTINGS.model_copy(update={"min_score": 0.5}))
    assert found.discovered.num_rows == 0


def test_months_and_batches_in_any_order_take_up_the_same_starter_irritants(opinions, table, starter):
    months = {"2026-03": {"joint": 30, "late": 4}, "2026-04": {"joint": 5, "refund": 20}, "2026-05": {"late": 12, "price": 2}}
    taken = {}
    for order in permutations(months):
        known = Catalogue()
        for month in order:
            found = run_batch(month, table(opinions(months[month], month)), known, Phrases.none(), starter=starter)
            known = known.merge(found.discovered)
        taken[order] = {each.irritant_id: (each.label, each.threshold, each.centroid.tobytes()) for each in known.irritants}
        assert all(each.origin == "starter" for each in known.irritants)
    assert set(map(str, taken.values())) == {str(taken["2026-03", "2026-04", "2026-05"])}
    assert {label for label, *_ in taken["2026-03", "2026-04", "2026-05"].values()} == {
        "service client injoignable",
        "remboursement tardif",
        "colis livré en retard",
    }


def test_a_problem_that_the_starter_catalogue_lacks_is_discovered_beside_it(opinions, table, phrases, starter):
    without = Catalogue(tuple(each for each in starter.irritants if each.label != "produit défectueux"))
    found = run_batch("2026-03", table(opinions({"joint": 30, "late": 30, "broken": 30})), Catalogue(), phrases, starter=without)
    assert labels(found) == {"IRR-0001": "service client injoignable", "IRR-0002": "colis livré en retard", "IRR-1001": "produit défectueux"}


def test_the_words_that_prove_an_irritant_lie_in_its_opinion(opinions, table, starter):
    rows = opinions({"late": 20})
    long = "Je passe sur la couleur qui ne va pas du tout, sur la notice. Le colis est arrivé avec un gros retard, et puis voilà, passons à autre chose."
    rows[0].update(text=f"Bonjour. {long}", opinion_start=[0, 9], opinion_end=[8, 9 + len(long)])
    found = run_batch("2026-03", table(rows), Catalogue(), Phrases.none(), starter=starter).assignments.to_pylist()
    for row, told in zip(rows, found, strict=True):
        assert row["opinion_start"][1] <= told["evidence_start"] < told["evidence_end"] <= row["opinion_end"][1]
    assert rows[0]["text"][found[0]["evidence_start"] : found[0]["evidence_end"]] == "Le colis est arrivé avec un gros retard,"


def test_a_catalogue_survives_its_table(opinions, table, phrases):
    discovered = run_batch("2026-03", table(opinions(MARCH, noise=1.0)), Catalogue(), phrases, SETTINGS).discovered
    catalogue = Catalogue.from_table(discovered)
    assert catalogue.to_table().equals(discovered)
    assert np.allclose(np.linalg.norm(catalogue.centroids, axis=1), 1, atol=1e-3)
    with pytest.raises(WorkspaceError, match="IRR-1001 is already in the catalogue"):
        catalogue.merge(discovered)


def test_vectors_of_another_model_are_refused(opinions, table, phrases):
    known = Catalogue.from_table(run_batch("2026-03", table(opinions(MARCH)), Catalogue(), phrases, SETTINGS).discovered)
    rows = opinions({"late": 3}, "b")
    rows[1]["opinion_vector"] = [None, [1.0, 0.0]]
    with pytest.raises(ModelError, match="2 values where 32 are expected"):
        run_batch("2026-04", table(rows), known, phrases, SETTINGS)
