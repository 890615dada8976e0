from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.corrections import words_hash
from vocpipe.errors import ConfigError, InputError, WorkspaceError
from vocpipe.irritants.catalogue import Catalogue, Irritant
from vocpipe.irritants.edit_log import append, check, names, next_ids
from vocpipe.irritants.edits import Child, Edit, read_log, replay, settle, write_log
from vocpipe.irritants.packing import pack
from vocpipe.irritants.scores import Floats, unit
from vocpipe.irritants.splitting import by_words, parts
from vocpipe.irritants.view import CATALOGUE_VIEW, view

DAY = "2026-03-02"
KNOWN = {"IRR-0001": "appli en panne", "IRR-0002": "colis en retard", "IRR-1001": "conseiller injoignable", "ENC-0001": "prix attractif"}
EAST, NORTH = unit(np.array([[1.0, 0.1], [0.1, 1.0]]))


@dataclass(frozen=True)
class Sentences:
    """Opinions as settling needs them."""

    texts: list[str]
    vectors: Floats
    starts: list[int]
    verbatim_ids: pa.Array

    @classmethod
    def of(cls, *texts: str, vectors: Any = None, verbatims: list[str] | None = None) -> "Sentences":
        ids = verbatims or [f"v{place}" for place in range(len(texts))]
        return cls(list(texts), np.zeros((len(texts), 2), np.float32) if vectors is None else np.asarray(vectors), [0] * len(texts), pa.array(ids))

    def take(self, rows: list[int]) -> "Sentences":
        return Sentences([self.texts[row] for row in rows], self.vectors[rows], [self.starts[row] for row in rows], self.verbatim_ids.take(pa.array(rows)))


def log(*told: dict[str, Any]) -> list[Edit]:
    return [Edit(number=number, date=DAY, **each) for number, each in enumerate(told, 1)]


def merge(one: str, into: str) -> dict[str, Any]:
    return {"action": "merge", "irritant": one, "into": into}


def rename(one: str, label: str) -> dict[str, Any]:
    return {"action": "rename", "irritant": one, "label": label, "was": KNOWN.get(one)}


def by_word(one: str, child: str, *words: str) -> dict[str, Any]:
    return {"action": "split", "irritant": one, "words": words, "children": (Child(child, f"{one} ({words[0]})", words),)}


def by_meaning(one: str, *children: str) -> dict[str, Any]:
    made = tuple(Child(child, f"partie {child}", (), pack(way)) for child, way in zip(children, (EAST, NORTH), strict=True))
    return {"action": "split", "irritant": one, "children": made}


def move(text: str, verbatim: str, into: str | None, start: int = 0) -> dict[str, Any]:
    return {
        "action": "move",
        "verbatim_id": verbatim,
        "start": start,
        "end": start + len(text),
        "words_hash": words_hash(text),
        "irritant": "IRR-0002",
        "into": into,
    }


def undo(of: int) -> dict[str, Any]:
    return {"action": "undo", "of": of}


def test_a_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "irritants" / "edits.jsonl"
    told = log(
        rename("IRR-0001", "appli « lente » à l’ouverture"),
        merge("IRR-1001", "IRR-0002"),
        by_word("IRR-0001", "IRR-1002", "appli"),
        by_meaning("IRR-0002", "IRR-1003", "IRR-1004"),
        move("rien ne va", "v7", None),
        {"action": "resolve", "irritant": "IRR-0001", "month": "2026-03", "author": "camille", "reason": "version 4"},
        {"action": "import", "irritants": ({"id": "IRR-0040", "label": "frais cachés", "centroid": "fwA=", "threshold": 0.4, "spread": 0.3},)},
        undo(6),
    )
    write_log(told, path)
    assert read_log(path) == told
    assert read_log(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "line 2: not an edit"),
        ('{"number": 2, "action": "renam", "date": "2026-03-02"}', "did you mean 'rename'"),
        ('{"number": 2, "action": "merge", "date": "2026-03-02", "irritant": "IRR-0001"}', "a merge without into"),
        ('{"number": 3, "action": "reopen", "date": "2026-03-02", "irritant": "IRR-0001"}', "edit 3 where edit 2 is expected"),
        ('{"number": 2, "action": "undo", "date": "2026-03-02", "of": 2}', "undoes edit 2, which does not come before it"),
        ('{"number": 2, "action": "reopen", "date": "2026-03-02", "irritant": 7}', "line 2: not an edit"),
    ],
)
def test_a_broken_log_tells_its_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "edits.jsonl"
    write_log(log(rename("IRR-0001", "autre nom")), path)
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_log(path)
    assert says in str(caught.value)
    assert "line 2" in caught.value.message


def test_merges_splits_and_moves_act_in_the_order_of_the_log() -> None:
    opinions = Sentences.of("l'appli plante", "le colis traîne", "l’application du colis", "personne au téléphone", "appli encore", "hors sujet")
    ids = ["IRR-0001", "IRR-0002", "IRR-0002", "IRR-1001", None, "IRR-0002"]
    told = log(
        merge("IRR-0001", "IRR-0002"),
        by_word("IRR-0002", "IRR-1002", "appli", "application"),
        move("le colis traîne", "v1", "IRR-1001"),
        merge("IRR-1001", "IRR-0002"),
        move("hors sujet", "v5", None),
    )
    found, numbers = settle(replay(told), opinions, ids)
    assert found == ["IRR-1002", "IRR-0002", "IRR-1002", "IRR-0002", None, None]
    assert numbers == [2, 4, 2, 4, None, 5]


def test_a_split_by_meaning_leaves_nothing_to_the_parent() -> None:
    vectors = unit([[1, 0], [0.9, 0.2], [0, 1]])
    found, numbers = settle(replay(log(by_meaning("IRR-0001", "IRR-1002", "IRR-1003"))), Sentences.of("a", "b", "c", vectors=vectors), ["IRR-0001"] * 3)
    assert found == ["IRR-1002", "IRR-1002", "IRR-1003"]
    assert numbers == [1, 1, 1]


def test_a_move_follows_its_words_and_no_others() -> None:
    told = replay(log(move("la borne est en panne", "v0", "IRR-0002", start=12)))
    elsewhere = Sentences.of("autre chose", "la borne  est en panne", verbatims=["v0", "v0"])
    assert settle(told, elsewhere, [None, "IRR-0001"]) == ([None, "IRR-0002"], [None, 1])
    twice = replace(Sentences.of("la borne est en panne", "la borne est en panne", verbatims=["v0", "v0"]), starts=[0, 12])
    assert settle(told, twice, [None, None])[0] == [None, "IRR-0002"]
    assert settle(told, Sentences.of("la borne marche", verbatims=["v0"]), ["IRR-0001"]) == (["IRR-0001"], [None])
    praised = Sentences.of("la borne est en panne", verbatims=["v0"])
    assert settle(told, praised, ["ENC-0001"]) == (["ENC-0001"], [None])


def test_words_are_found_in_any_form() -> None:
    texts = ["Les APPLICATIONS plantent", "j'ai payé mes réclamations", "RECLAMATION perdue", "le service client", "le service au client", "rien"]
    assert by_words(texts, ["application"]).tolist() == [True, False, False, False, False, False]
    assert by_words(texts, ["réclamation"]).tolist() == [False, True, True, False, False, False]
    assert by_words(texts, ["service client"]).tolist() == [False, False, False, True, False, False]
    assert not by_words(texts, ["…"]).any()


def test_parts_are_the_groups_that_vectors_fall_into() -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, (60, 8))
    rows = unit(noise + np.repeat(np.eye(8)[:2], [40, 20], axis=0))
    found = parts(rows, 2)
    assert (rows @ found.T).argmax(axis=1).tolist() == [0] * 40 + [1] * 20
    assert np.array_equal(found, parts(rows, 2))
    assert len(parts(np.repeat(rows[:1], 9, axis=0), 2)) == 0


@given(st.permutations(range(6)), st.integers(0, 6))
def test_settling_depends_on_neither_order_nor_batches(order: list[int], cut: int) -> None:
    opinions = Sentences.of("appli lente", "appli", "colis", "retard", "téléphone", "rien", vectors=unit(np.random.default_rng(1).normal(size=(6, 2))))
    ids = ["IRR-0001", "IRR-0001", "IRR-0002", "IRR-0002", "IRR-1001", None]
    told = replay(
        log(
            by_word("IRR-0001", "IRR-1002", "lent"),
            merge("IRR-1001", "IRR-0001"),
            by_meaning("IRR-0001", "IRR-1003", "IRR-1004"),
            move("rien", "v5", "IRR-0002"),
        )
    )
    whole = list(zip(*settle(told, opinions, ids), strict=True))
    pieces: list[Any] = []
    for rows in (order[:cut], order[cut:]):
        pieces += zip(*settle(told, opinions.take(rows), [ids[row] for row in rows]), strict=True) if rows else []
    assert pieces == [whole[row] for row in order]


@given(st.lists(st.sampled_from(["rename", "merge", "resolve", "undo"]), min_size=1, max_size=8), st.data())
def test_to_undo_an_undo_gives_everything_back(actions: list[str], data: st.DataObject) -> None:
    told: list[dict[str, Any]] = []
    for number, action in enumerate(actions, 1):
        name = data.draw(st.sampled_from(sorted(KNOWN)))
        if action == "undo" and number > 1:
            told.append(undo(data.draw(st.integers(1, number - 1))))
        elif action == "merge":
            told.append(merge(name, "IRR-0002"))
        elif action == "resolve":
            told.append({"action": "resolve", "irritant": name, "month": f"2026-{number:02d}"})
        else:
            told.append(rename(name, f"nom {number}"))
    last = len(told)
    assert replay(log(*told, undo(last), undo(last + 1))) == replay(log(*told))
    assert replay(log(*told, undo(last))) == (replay(log(*told[:-1])) if told[-1]["action"] != "undo" else replay(log(*told, undo(last))))


def refusal(*told: dict[str, Any]) -> str:
    *before, last = log(*told)
    for end in range(1, len(before) + 1):
        check(before[:end], KNOWN)
    with pytest.raises(ConfigError) as caught:
        check([*before, last], KNOWN)
    return str(caught.value)


def test_an_edit_that_cannot_hold_is_refused() -> None:
    there = merge("IRR-0001", "IRR-0002")
    assert "IRR-0001 is merged into IRR-0002: it can take no opinion" in refusal(there, merge("IRR-0002", "IRR-0001"))
    assert "it holds no opinion any more" in refusal(there, merge("IRR-0001", "IRR-1001"))
    assert "cannot be merged into itself" in refusal(merge("IRR-0001", "IRR-0001"))
    assert "did you mean 'IRR-0001'" in refusal(merge("IRR-00011", "IRR-0002"))
    assert "not of one kind" in refusal(merge("IRR-0001", "ENC-0001"))
    assert "is split into IRR-1002, IRR-1003" in refusal(by_meaning("IRR-0001", "IRR-1002", "IRR-1003"), move("mot", "v0", "IRR-0001"))
    assert "would both be called 'colis en retard'" in refusal(rename("IRR-0001", "Colis en retard"))
    assert "IRR-1001 is taken" in refusal(by_word("IRR-0001", "IRR-1001", "appli"))
    assert "undo edit 2 first" in refusal(by_word("IRR-0001", "IRR-1002", "appli"), merge("IRR-1002", "IRR-0002"), undo(1))
    assert "undo edit 3 first" in refusal(there, undo(1), merge("IRR-0002", "IRR-0001"), undo(2))
    check(log(there, rename("IRR-0002", "appli en panne")), KNOWN)


def test_the_log_takes_one_edit_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "edits.jsonl"
    first, second = log(by_word("IRR-0001", "IRR-1002", "appli"), undo(1))
    append(path, first, KNOWN)
    with pytest.raises(WorkspaceError, match="meanwhile"):
        append(path, first, KNOWN)
    append(path, second, KNOWN)
    assert [edit.action for edit in read_log(path)] == ["split", "undo"]
    taken = {*KNOWN, *(name for edit in read_log(path) for name in edit.makes)}
    assert next_ids("IRR", taken, 2) == ["IRR-1003", "IRR-1004"]
    assert next_ids("ENC", taken, 1) == ["ENC-1001"]
    assert "IRR-1002" not in names(replay(read_log(path)), KNOWN)


def test_the_view_keeps_every_irritant_with_its_state() -> None:
    known = tuple(
        Irritant(name, label, "prix", "achat", EAST, 0.4, 0.3, 9, ("mot",), "une phrase", "2026-01") for name, label in KNOWN.items() if name[0] == "I"
    )
    told = log(
        merge("IRR-1001", "IRR-0002"),
        by_meaning("IRR-0001", "IRR-1002", "IRR-1003"),
        rename("IRR-1002", "appli lente"),
        {"action": "resolve", "irritant": "IRR-0002", "month": "2026-02"},
        merge("IRR-1003", "IRR-0002"),
    )
    table = view(Catalogue(known), replay(told), quotes={"IRR-1002": "elle rame"})
    assert table.schema.equals(CATALOGUE_VIEW)
    rows = {row["irritant_id"]: row for row in table.to_pylist()}
    assert list(rows) == ["IRR-0001", "IRR-0002", "IRR-1001", "IRR-1002", "IRR-1003"]
    assert {name: row["state"] for name, row in rows.items()} == {
        "IRR-0001": "split",
        "IRR-0002": "resolved",
        "IRR-1001": "merged",
        "IRR-1002": "active",
        "IRR-1003": "merged",
    }
    assert rows["IRR-1002"] | {"label": "appli lente", "split_from": "IRR-0001", "origin": "split", "quote": "elle rame", "theme": "prix"} == rows["IRR-1002"]
    assert rows["IRR-1001"]["merged_into"] == rows["IRR-1003"]["merged_into"] == "IRR-0002"
    assert rows["IRR-0002"]["resolved_since"] == "2026-02"
    assert all(row["edited"] for row in rows.values())
    assert view(Catalogue(known), replay([])).column("edited").to_pylist() == [False] * 3
