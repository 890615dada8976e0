"""The notebooks run from top to bottom, and what is committed of their outputs gives no machine away."""

import json
import re
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("ipykernel")
pytest.importorskip("nbclient")

import nbformat
import torch
from nbclient import NotebookClient

from tests.small_models import our_encoder, tokenizer
from tests.unit.training import tiny
from vocpipe.ml.store import promotion_of, verify
from vocpipe.resources import PACKAGE
from vocpipe.training.encoders import save_encoder
from vocpipe.training.jobs import finetune_job
from vocpipe.training.segments import labels_of

NOTEBOOKS = sorted((PACKAGE.parent / "notebooks").glob("*.ipynb"))
PLACES = re.compile(r"/home/|/root/|/Users/|/tmp/|/work/|site-packages|[A-Z]:\\\\Users")


def test_what_is_committed_is_whole_and_gives_no_machine_away() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert [output for output in outputs if output.output_type == "error"] == [], path.name
        assert PLACES.findall(json.dumps(outputs)) == [], path.name
        assert len(path.read_bytes()) < 300_000, path.name


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model around a tiny encoder that has learned a few phrases about deliveries and shops."""
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(0)
    save_encoder(our_encoder(), tokenizer(), folder / "encoder")
    rows = [
        {"id": one.id, "source": one.source, "text": one.text, "segments": [{"text": part.text, **labels_of(part)} for part in one.segments]}
        for one in tiny.verbatims()
    ]
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    job = {"name": "small", "version": "1", "about": {"description": "A model of a test.", "licence": "none"}, "start": str(folder / "encoder")}
    job |= {"data": str(folder / "labels.jsonl"), "epochs": 2, "learning_rate": 0.003, "work": str(folder / "work")}
    job["more"] = {"models": str(folder / "models"), "batch_windows": 8, "average": 0.9}
    (folder / "job.yaml").write_text(yaml.safe_dump(job), encoding="utf-8")
    return finetune_job(folder / "job.yaml")


def test_from_corrected_labels_to_a_promoted_version(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = nbformat.read(PACKAGE.parent / "notebooks" / "retrain_a_classifier.ipynb", as_version=4)
    settings = {"VOCPIPE_START": start, "VOCPIPE_ROWS": 300, "VOCPIPE_EPOCHS": 5, "VOCPIPE_LEARNING_RATE": 0.003, "VOCPIPE_WORK": tmp_path / "work"}
    for name, value in {**settings, "OMP_NUM_THREADS": 1, "IPYTHONDIR": tmp_path / "ipython"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("VOCPIPE_WORKSPACE", "VOCPIPE_CORRECTED"):
        monkeypatch.delenv(name, raising=False)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()

    store = tmp_path / "work" / "models"
    promotion = promotion_of("small", store)
    assert promotion is not None
    assert (promotion.version, promotion.against) == ("1.1", "1")
    assert "theme" in promotion.regressions
    assert promotion.reason
    assert verify(store / "small" / "1.1").training["start"] == "small@1"
    told = json.dumps([cell.get("outputs", []) for cell in notebook.cells], ensure_ascii=False)
    assert "does worse than small@1, beyond chance" in told
    assert "opinions judged" in told
    assert str(tmp_path) not in told
    assert not PLACES.findall(told)
    predictions = notebook.cells[-1].outputs[-1]["data"]["text/plain"]
    assert "Livraison en retard de deux semaines." in predictions
    assert len(predictions.splitlines()) >= 5
