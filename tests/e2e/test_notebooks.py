"""The notebooks run from top to bottom, and what is committed of their outputs gives no machine away."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

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
from vocpipe.feeds import open_feed, sinks, top_irritants
from vocpipe.feeds.month_report import month_report
from vocpipe.ml.store import promotion_of, verify
from vocpipe.resources import PACKAGE, root
from vocpipe.training.encoders import save_encoder
from vocpipe.training.jobs import finetune_job
from vocpipe.training.segments import labels_of

NOTEBOOKS = sorted((PACKAGE.parent / "notebooks").glob("*.ipynb"))
PLACES = re.compile(r"/home/|/root/|/Users/|/tmp/|/work/|site-packages|[A-Z]:\\\\Users")
SUREST = """
SELECT label, agg.status, q_value
FROM agg_irritant_month AS agg
JOIN dim_irritant USING (irritant_id)
WHERE month = '2026-03' AND q_value IS NOT NULL
ORDER BY q_value, rank
LIMIT 1
"""
PROOFS = """
SELECT DISTINCT substring(verbatim.text, opinion.evidence_start + 1, opinion.evidence_end - opinion.evidence_start)
FROM fact_opinion AS opinion
JOIN fact_verbatim AS verbatim USING (batch, verbatim_id)
JOIN dim_irritant AS irritant USING (irritant_id)
WHERE irritant.label = ? AND opinion.month = '2026-03'
"""
EMBEDDED = pytest.mark.skipif(not (root() / "models" / "voc-fr-small").is_dir(), reason="the embedded model is not there")


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


def executed(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a notebook on the sample, in a folder; return its outputs as text."""
    for variable, value in {"VOCPIPE_WORK": folder, "OMP_NUM_THREADS": 1, "IPYTHONDIR": folder / "ipython"}.items():
        monkeypatch.setenv(variable, str(value))
    for variable in ("VOCPIPE_WORKSPACE", "VOCPIPE_MONTH"):
        monkeypatch.delenv(variable, raising=False)
    notebook = nbformat.read(PACKAGE.parent / "notebooks" / name, as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    told = "\n".join(output["text"] if output.output_type == "stream" else "\n".join(map(str, output["data"].values())) for output in outputs)
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert str(folder) not in told
    assert not PLACES.findall(told)
    return told


def test_a_month_is_explored(sample_run: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(sample_run[0], tmp_path / "workspace")  # running the months again changes nothing
    told = executed("explore_a_month.ipynb", tmp_path, monkeypatch)
    top = top_irritants(tmp_path / "workspace" / "feed", "2026-03", 8)
    assert all(each.label in told for each in top)
    sure, status, q = table(tmp_path, SUREST)[0]
    assert f"{sure} ({status}, q = {q:.2f})" in told
    assert re.search(r"^  2026-03 +\d+\.\d %  .*─●─", told, re.MULTILINE)
    assert sum(words[:80] in told for (words,) in table(tmp_path, PROOFS, sure)) >= 3
    assert "not enough data" in told
    assert re.search(rf"« {re.escape(sure)} » dans « .+ » \(proximité [01]\.\d\d\) : (\d+) opinions sur \1 changeraient", told)
    assert "edits in the log: 0" in told
    assert month_report(tmp_path / "workspace" / "feed", "2026-03").split("\n## ")[2] in told


@EMBEDDED
def test_the_feed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = executed("read_the_feed.ipynb", tmp_path, monkeypatch)
    ((rows, nps),) = table(tmp_path, "SELECT n, round(value, 1) FROM agg_kpi_month WHERE measure = 'nps' AND company IS NULL AND month = '2026-02'")
    assert re.search(rf"2026-02 +│ +{rows} +│ +{nps} ", told)
    assert re.search(r"^(\d+) parts loaded, then 0$", told, re.MULTILINE)
    ((march,),) = table(tmp_path, "SELECT count(*) FROM fact_verbatim WHERE month = '2026-03'")
    assert re.search(rf"^fact_verbatim +0 +0 +{march}$", told, re.MULTILINE), "a new month leaves the verbatims of the others alone"
    assert r"b'\xef\xbb\xbfmonth;company;measure;n;value;low;high\r\n" in told
    verified = re.findall(r"^\d+ parts, \d+ rows, (\d+) differ$", told, re.MULTILINE)
    assert verified == ["0", "1", "0"]
    assert "fact_opinion 2026-03: 0 rows in place of" in told
    assert sinks.verify(tmp_path / "workspace" / "feed", str(tmp_path / "feed-parquet")).differences == ()
    assert sinks.verify(tmp_path / "workspace" / "feed", str(tmp_path / "feed-excel")).differences == ()


def table(folder: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Return what a query on the feed that a notebook made gives."""
    with open_feed(folder / "workspace" / "feed") as feed:
        return list(feed.execute(query, values).fetchall())
