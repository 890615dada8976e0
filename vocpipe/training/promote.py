"""Make a version of a model the one that its name stands for, unless it does worse than the one before on pinned data."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vocpipe.errors import ConfigError, ModelError
from vocpipe.files import sha256, write_json
from vocpipe.ml.store import PROMOTED, Promotion, promotion_of, resolve, store_folder, verify
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.compare import LEAST_VERBATIMS, regressions
from vocpipe.training.evaluate import evaluate
from vocpipe.training.splits import Part


def promote(
    model: str,
    data: Path | None = None,
    *,
    split: Part = "all",
    accept_regression: str | None = None,
    folder: Path | None = None,
    taxonomy: Taxonomy | None = None,
    today: dt.date | None = None,
) -> Promotion:
    """Promote `name@version` of a store and return what was recorded in `models/<name>/promoted.json`.

    It is measured on the pinned `data` beside the version promoted now; both figures and differences are recorded. The first promotion needs no data.
    Raises `ModelError` with the heads whose whole 95 % interval of difference (verbatims drawn again, both models on the same draws) lies below zero,
    unless `accept_regression` says why that is right; and when there is nothing to compare on.
    """
    name, _, version = model.partition("@")
    card = verify(resolve(model, folder, pinned=True))
    if (card.name, card.version) != (name, version):
        raise ModelError(f"{model} is not a model of the store", "give name@version; `vocpipe models list` shows them")
    current = promotion_of(name, folder)
    if current and current.version == version:
        raise ModelError(f"{model} is the promoted version already", "nothing was changed")
    if current and data is None:
        raise ConfigError(
            f"{name}@{current.version} is promoted: {model} must be compared with it", "give annotated verbatims that neither learned from: --data FILE"
        )
    figures = _figures(model, current, data, split, folder, taxonomy) if data else {}
    worse = regressions({head: figure["difference"] for head, figure in figures.items() if "difference" in figure})
    if worse and not (accept_regression or "").strip():
        raise ModelError(
            f"{model} does worse than {name}@{current.version if current else ''}, beyond chance, on "
            + "; ".join(_told(head, figures[head]) for head in worse),
            'keep the promoted version, or say why this is right: --accept-regression "REASON"',
        )
    promotion = Promotion(
        version=version,
        date=(today or dt.date.today()).isoformat(),
        against=current.version if current else None,
        reason=(accept_regression or "").strip() or None,
        regressions=tuple(worse),
        data={"name": data.name, "sha256": sha256(data), "split": split} if data else {},
        figures=figures,
        before=(current.model_dump(include={"version", "date", "against", "reason"}), *current.before) if current else (),
    )
    write_json(promotion.model_dump(mode="json"), store_folder(folder) / name / PROMOTED)
    return promotion


def _figures(model: str, current: Promotion | None, data: Path, split: Part, folder: Path | None, taxonomy: Taxonomy | None) -> dict[str, Any]:
    against = resolve(f"{model.partition('@')[0]}@{current.version}", folder) if current else None
    result = evaluate(resolve(model, folder), data, split=split, against=against, taxonomy=taxonomy)
    if against and result["verbatims"] < LEAST_VERBATIMS:
        raise ModelError(f"{data} holds {result['verbatims']} verbatims to compare on", f"give at least {LEAST_VERBATIMS}, better a few hundred")
    figures: dict[str, Any] = result["summary"]
    return figures


def _told(head: str, figure: Mapping[str, Any]) -> str:
    difference = figure["difference"]
    return f"{head}: {figure['against']:.3f} -> {figure['value']:.3f} (difference {difference['low']:+.3f} … {difference['high']:+.3f})"
