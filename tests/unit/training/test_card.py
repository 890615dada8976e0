"""The readable card says what the figures are, how sure, beside what, and at what cost."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.unit.training.stores import add_version, annotated
from vocpipe.ml.store import load_card, verify
from vocpipe.resources import root
from vocpipe.training.card import readable, write_card
from vocpipe.training.evaluate import evaluate


def test_a_card_tells_everything_and_quotes_nobody(tmp_path: Path) -> None:
    model, data = add_version(tmp_path, "1"), annotated(tmp_path / "data.jsonl")
    card = json.loads((model / "card.json").read_text(encoding="utf8"))
    card |= {"calibration": {"step": [[1.2, 0.0]]}, "splits": {"held_out_source": "source 1"}, "training": {"cost": {"minutes": 60, "cores": 2}}, "metrics": {}}
    (model / "card.json").write_text(json.dumps(card), encoding="utf8")
    assert "It has not been measured." in readable(load_card(model))
    figures = evaluate(model, data, split="test", details=True)
    outside = evaluate(model, data, split="out_of_domain")
    probe = {"accuracy": {"value": 0.5123, "low": 0.49, "high": 0.53}}
    references = {"stars": {"what": "stars 1 to 5", "n": 2000, "figures": {"probe": probe}}, "tweets": {"skipped": "not there"}}
    checklist = {"negation": {"passed": 3, "n": 4}, "irony": {"passed": 0, "n": 1}}
    write_card(model, figures, figures, out_of_domain=outside, checklist=checklist, references=references, today=dt.date(2026, 11, 22))
    page = (model / "README.md").read_text(encoding="utf8")
    for expected in (
        f"How good it is ({figures['n']} segments",
        "source 1, of which it learned nothing (64 segments)",
        "3 of 5 invented cases right (60%)",
        "| negation | 3 / 4 | 75% |",
        "| stars | 2,000 | probe | accuracy 0.512 (0.490 … 0.530) |",
        "tweets: not measured, not there",
        "calibrated on the dev split",
        "0.02 kWh, 0.0006 to 0.001 kg of CO2 equivalent; an estimate",
    ):
        assert expected in page
    figure = outside["summary"]["polarity"]
    assert f"| {figure['value']:.3f} | {figure['low']:.3f} … {figure['high']:.3f} |" in page
    written = (model / "card.json").read_text(encoding="utf8")
    assert "colis est arrivé" not in written + page
    assert verify(model).metrics["measured"] == "2026-11-22"
    write_card(model, figures, figures)
    assert load_card(model).metrics["checklist"] == checklist


def test_a_card_from_before_intervals_is_still_read() -> None:
    card = load_card(root() / "models" / "voc-fr-small" / "2")
    figures, floor = ({name: value for name, value in card.metrics[kind].items() if name != "summary"} for kind in ("held_out", "floor"))
    step = f"| step, kappa | {figures['heads']['step']['kappa']:.3f} | – | {floor['heads']['step']['kappa']:.3f} |"
    assert step in readable(card.model_copy(update={"metrics": {"held_out": figures, "floor": floor}}))


@pytest.mark.parametrize(("cost", "told"), [({}, "not estimated"), ({"minutes": 10, "cores": 1, "gpu_minutes": 60}, "700 W for the GPU")])
def test_carbon_is_an_estimate_with_its_assumptions(cost: dict[str, float], told: str) -> None:
    card = load_card(root() / "models" / "voc-fr-small" / "2").model_copy(update={"training": {"cost": cost}})
    assert told in readable(card)
