"""Write a trained network as a model of the store: graph, weights, wide weights, tokenizer, problem phrases, card."""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from vocpipe.errors import ModelError
from vocpipe.french.cleaning import CLEANING_VERSION
from vocpipe.ml.heads import Layout, Predictions
from vocpipe.ml.model import VocModel
from vocpipe.ml.network import describe
from vocpipe.ml.store import Card, sha256_of
from vocpipe.ml.tokens import OURS, Pieces
from vocpipe.ml.torch_backend import TorchBackend
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.finetune import Trained
from vocpipe.training.graph import export_onnx, int8

MOST_CHANGED = 0.005
"""Share of labels, on average over the heads, that may change when weights become int8."""


def write_model(
    trained: Trained,
    tokenizer: Tokenizer,
    phrases: tuple[Sequence[dict[str, Any]], np.ndarray],
    target: Path,
    taxonomy: Taxonomy,
    about: dict[str, Any],
    *,
    marks: Pieces = OURS,
    sample: Sequence[Sequence[str]] = (),
) -> Card:
    """Write the model into `target`, a new folder `models/<name>/<version>`, and return its card; the folder appears whole or not at all.

    `phrases` are entries {label, theme, count} with their unit vectors; `about` holds description, licence, training and, when there are any, splits;
    `sample` holds opinions, grouped by verbatim, on which the written model must say what the trained one says.
    Raises `ModelError` when the version exists, for versions never change, or when more than 0.5 % of the labels of the sample would change.
    """
    if target.exists():
        raise ModelError(f"{target} exists, and versions never change", "give the next version in the training configuration")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        export_onnx(trained.network, partial)
        values, scales = int8(trained.wide, 1)
        save_file({"weights": values, "scales": scales[None, :], "idf": trained.idf.astype(np.float16)}, partial / "wide.safetensors")
        tokenizer.save(str(partial / "tokenizer.json"), pretty=False)
        entries, vectors = phrases
        (partial / "phrases.json").write_text(json.dumps(list(entries), ensure_ascii=False, indent=0), encoding="utf8")
        save_file({"vectors": vectors.astype(np.float16)}, partial / "phrases.safetensors")
        card = _card(target, taxonomy, trained, about, marks, {file.name: sha256_of(file) for file in sorted(partial.iterdir())})
        (partial / "card.json").write_text(card.model_dump_json(indent=1), encoding="utf8")
        partial.chmod(0o755)
        for file in partial.iterdir():
            file.chmod(0o644)
        if sample:
            _check_labels(trained, partial, sample)
        os.replace(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return card


def changed_labels(some: Predictions, others: Predictions) -> dict[str, float]:
    """Return, for each head, the share of opinions on which two sets of predictions do not say the same."""
    sentiment = (some.sentiment != others.sentiment) | (some.no_opinion != others.no_opinion)
    raised = {name: (getattr(some, name) != getattr(others, name)).any(axis=1) for name in ("emotions", "flags")}
    chosen = {name: getattr(some, name) != getattr(others, name) for name in ("polarity", "step", "theme", "irritant")}
    return {name: float(differs.mean()) for name, differs in {"sentiment": sentiment, **chosen, **raised}.items()}


def _check_labels(trained: Trained, folder: Path, sample: Sequence[Sequence[str]]) -> None:
    """Raise `ModelError` when the written model does not say what the trained one says."""
    written = VocModel.load(folder, device="cpu")
    before = replace(written, backend=TorchBackend(trained.network, "cpu"), wide=trained.wide, idf=trained.idf)
    changed = changed_labels(before.predict_pieces(sample), written.predict_pieces(sample))
    if sum(changed.values()) / len(changed) > MOST_CHANGED:
        listed = ", ".join(f"{head} {100 * share:.2f} %" for head, share in changed.items())
        raise ModelError(
            f"written as int8, the model says something else on {sum(map(len, sample))} opinions: {listed}",
            f"the version was not written, for at most {100 * MOST_CHANGED} % may change; train longer, so that fewer opinions lie between two labels",
        )


def _card(target: Path, taxonomy: Taxonomy, trained: Trained, about: dict[str, Any], marks: Pieces, files: dict[str, str]) -> Card:
    layout = Layout(taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes)
    return Card(
        name=target.parent.name,
        version=target.name,
        description=about["description"],
        licence=about["licence"],
        taxonomy=taxonomy.version,
        cleaning=CLEANING_VERSION,
        emotions=layout.emotions,
        steps=layout.steps,
        themes=layout.themes,
        flags=layout.flags,
        thresholds={name: tuple(values) for name, values in trained.thresholds.items()},
        training=about["training"],
        metrics={},
        files=files,
        calibration={name: tuple(pairs) for name, pairs in trained.calibration.items()},
        network=describe(trained.network.encoder),
        marks=asdict(marks),
        splits=about.get("splits", {}),
    )
