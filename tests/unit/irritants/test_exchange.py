from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.errors import ConfigError, ModelError
from vocpipe.irritants.catalogue import Catalogue, Irritant
from vocpipe.irritants.edits import Edit, replay
from vocpipe.irritants.exchange import export_yaml, read_yaml, with_imported
from vocpipe.irritants.packing import pack, pack_bytes, unpack, unpack_bytes
from vocpipe.irritants.scores import Floats, unit

MODEL, OTHER = "voc-essai@1", "voc-autre@3"
THEMES = ("livraison", "prix", "remboursement")
WIDTH = 48


def direction(seed: int) -> Floats:
    return unit(np.random.default_rng(seed).normal(size=WIDTH))


def irritant(number: int, label: str, theme: str | None = "prix") -> Irritant:
    return Irritant(f"IRR-{number:04d}", label, theme, "achat", direction(number), 0.41, 0.3, 12, ("frais", "dossier"), "Des mots de client.", "2026-01")


def embed(texts: Sequence[str]) -> Floats:
    return unit(np.stack([direction(len(text)) for text in texts]))


def read(path: Path, model: str = MODEL) -> list[dict[str, Any]]:
    return read_yaml(path, WIDTH, model, THEMES, embed, threshold=0.38, spread=0.5)


@given(st.integers(0, 10_000), st.integers(2, 400))
def test_vectors_come_back(seed: int, width: int) -> None:
    vector = unit(np.random.default_rng(seed).normal(size=width))
    assert np.array_equal(unpack(pack(vector)), vector)
    assert float(vector @ unpack_bytes(pack_bytes(vector))) > 0.9998


def test_what_is_exported_is_what_stands_and_can_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "irritants.yaml"
    known = Catalogue((irritant(1, "frais cachés"), irritant(2, "colis en retard", "livraison"), irritant(1001, "dossier perdu", None)))
    edits = [
        Edit(1, "rename", "2026-03-02", irritant="IRR-0001", label="frais de dossier cachés : trop", was="frais cachés"),
        Edit(2, "merge", "2026-03-02", irritant="IRR-1001", into="IRR-0002"),
    ]
    assert export_yaml(known, replay(edits), path, MODEL) == 2
    text = path.read_text("utf-8")
    assert "Des mots de client" not in text
    assert "label: 'frais de dossier cachés : trop'" in text
    assert [line for line in text.splitlines() if line.startswith("- id:")] == ["- id: IRR-0001", "- id: IRR-0002"]
    entries = read(path)
    assert [(entry["id"], entry["label"], entry["theme"]) for entry in entries] == [
        ("IRR-0001", "frais de dossier cachés : trop", "prix"),
        ("IRR-0002", "colis en retard", "livraison"),
    ]
    export_yaml(known, replay(edits), path, MODEL, quotes={"IRR-0002": ["Mon colis traîne."]})
    assert "Mon colis traîne." in path.read_text("utf-8")
    assert read(path) == entries
    brought = with_imported(Catalogue(), replay([Edit(1, "import", "2026-03-02", irritants=tuple(entries))]))
    assert [(each.origin, each.theme, each.terms) for each in brought.irritants] == [
        ("imported", "prix", ("frais", "dossier")),
        ("imported", "livraison", ("frais", "dossier")),
    ]
    assert min(float(each.centroid @ other.centroid) for each, other in zip(brought.irritants, known.irritants[:2], strict=True)) > 0.9998


def test_what_the_workspace_knows_by_itself_is_not_replaced() -> None:
    entry = {"id": "IRR-0001", "label": "autre", "centroid": pack_bytes(direction(9)), "threshold": 0.4, "spread": 0.3}
    standing = replay([Edit(1, "import", "2026-03-02", irritants=(entry, {**entry, "id": "ENC-0007"}))])
    assert with_imported(Catalogue((irritant(1, "frais cachés"),)), standing).labels == ("frais cachés",)
    assert with_imported(Catalogue(), standing, "enchantment").ids == ("ENC-0007",)


def test_another_model_needs_examples(tmp_path: Path) -> None:
    path = tmp_path / "irritants.yaml"
    export_yaml(Catalogue((irritant(1, "frais cachés"), irritant(2, "colis en retard"))), replay([]), path, OTHER)
    with pytest.raises(ModelError) as caught:
        read(path)
    assert f"{path} was made with {OTHER}, the workspace with {MODEL}" in caught.value.message
    assert "IRR-0001 (frais cachés), IRR-0002 (colis en retard)" in caught.value.message
    tree = yaml.safe_load(path.read_text("utf-8"))
    for entry in tree["irritants"]:
        entry["examples"] = ["On me compte des frais.", "Frais oubliés"]
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    first, _ = read(path)
    assert first["threshold"] == 0.38
    assert float(unpack_bytes(first["centroid"]) @ unit(embed(first["examples"]).sum(axis=0))) > 0.9998


def test_a_file_by_hand_needs_no_vector(tmp_path: Path) -> None:
    path = tmp_path / "a-la-main.yaml"
    path.write_text("format: 1\nirritants:\n- id: IRR-0500\n  label: frais cachés\n  examples:\n  - On me compte des frais.\n", "utf-8")
    (entry,) = read(path)
    assert (entry["id"], entry["spread"]) == ("IRR-0500", 0.5)


def test_every_mistake_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text(
        """\
format: 2
irritants:
- id: 12
  label: frais cachés
- id: IRR-0002
  label: colis en retard
  theme: livraisons
- id: IRR-0002
  label: colis perdu
  centroid: "???"
  exemples: [une phrase]
- id: IRR-0002
  label: colis volé
""",
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        read(path)
    for line, says in ((1, "format"), (3, "irritants.1.id"), (7, "did you mean 'livraison'?"), (10, "centroid"), (11, "did you mean 'examples'?")):
        assert any(f"line {line}:" in told and says in told for told in caught.value.message.splitlines()), (line, says, caught.value.message)
    assert "IRR-0002 is given twice" in caught.value.message
    path.write_text("[1, 2]", "utf-8")
    with pytest.raises(ConfigError, match="a mapping is expected"):
        read(path)
