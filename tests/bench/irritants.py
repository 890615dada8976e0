"""Measure how steady, how true to annotators, how fast and how small grouping is, beside BERTopic and k-means.

    python -m tests.bench.irritants                       all of it (some hours on two cores); kept in tests/bench/results/irritants.json and .md
    python -m tests.bench.irritants --quick               a look: few opinions, few repeats
    python -m tests.bench.irritants --systems vocpipe     one system; printed, not kept

Needs `pip install -r requirements/bench.txt` for the peers. The opinions are the annotated problems of the test split, which no model was trained on, with
the vector and the theme that the shipped model gives them. For time and memory they are repeated, each time with noise on the vector. What annotators
wrote is what an opinion is compared with: theme and phrase, first as they stand, then with the phrases that the starter catalogue holds for one
irritant taken as one. `--encoder` is the multilingual sentence encoder that BERTopic gets for its own French set-up (`make train` fetches it).
"""

import argparse
import json
import tempfile
import time
from collections.abc import Hashable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.irritants_data import Opinions, told_as_annotated, told_canonical, unseen_problems, with_other_vectors
from tests.bench.irritants_measures import RESIDUAL, quality
from tests.bench.irritants_names import naming
from tests.bench.irritants_report import OURS, behind, lines, table
from tests.bench.irritants_scale import WARM_UP, measure
from tests.bench.irritants_stability import stability
from tests.bench.irritants_systems import SYSTEMS, System
from tests.bench.irritants_vocpipe import MODEL, names
from vocpipe.cli.health import facts
from vocpipe.ml.store import resolve

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("numpy", "scipy", "scikit-learn", "bertopic", "umap-learn", "hdbscan")
_QUICK_OPINIONS, _QUICK_TIMES, _QUICK_SIZES = 600, 1, (2000,)


def measured(system: System, opinions: Opinions, told: Mapping[str, Sequence[Hashable]], groups: int | None, times: int) -> dict[str, Any]:
    """Return what a system makes of the opinions, how true it is and how steady; `groups` is how many to ask for, null to find out."""
    wanted = groups or 0
    system.group([opinions.take(np.arange(min(WARM_UP, len(opinions))))], 0, min(wanted, 10))
    began = time.perf_counter()
    found = system.group([opinions], 0, wanted)
    seconds = time.perf_counter() - began
    return {
        "about": system.about,
        "abstains": system.abstains,
        "groups": len(set(found.tolist()) - {RESIDUAL}),
        "residual_share": float((found == RESIDUAL).mean()),
        "seconds": round(seconds, 2),
        "quality": {name: quality(found, names) for name, names in told.items()},
        "stability": stability(system, opinions, found, wanted, times),
    }


def scaled(system: System, opinions: Opinions, sizes: Sequence[int], groups: int, limits: tuple[float, float]) -> dict[str, Any]:
    """Return seconds and memory by number of opinions; once stopped, larger ones are not tried."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        opinions.save(Path(folder))
        for size in sizes:
            stopped = next((result["stopped"] for result in found.values() if "stopped" in result), None)
            found[str(size)] = {"stopped": f"{stopped} with fewer"} if stopped else measure(system.name, Path(folder), size, groups, *limits)
            print(f"  {size:,}: {found[str(size)]}", flush=True)
    return found


def main() -> None:
    """Measure, print, keep."""
    asked = _arguments()
    opinions = unseen_problems(asked.data / "annotated" / "verbatims.jsonl", resolve(MODEL))
    if asked.quick:
        opinions = opinions.take(np.random.default_rng(0).permutation(len(opinions))[:_QUICK_OPINIONS])
    chosen = [system for system in SYSTEMS if system.name in asked.systems and (asked.encoder.is_file() or not system.other_vectors)]
    if any(system.other_vectors for system in chosen):
        opinions = with_other_vectors(opinions, asked.encoder)
    told: dict[str, Sequence[Hashable]] = {"as_annotated": told_as_annotated(opinions), "canonical": told_canonical(opinions)}
    systems: dict[str, Any] = {}
    for system in chosen:
        print(f"{system.name}: {system.about}", flush=True)
        systems[system.name] = measured(system, opinions, told, systems[OURS]["groups"] if systems else None, asked.times)
        if system.scaled:
            systems[system.name]["scale"] = scaled(system, opinions, asked.sizes, systems[OURS]["groups"], (asked.most_seconds, asked.most_mib))
    shown = lines(asked.sizes, asked.times, list(told))
    result = {
        "machine": {name: value for name, value in facts() if name in ("python", "processor", "accelerator")},
        "versions": {name: _version(name) for name in _PACKAGES},
        "model": resolve(MODEL).name,
        "opinions": {"n": len(opinions), **{f"{name}_classes": len(set(names)) for name, names in told.items()}},
        "names": naming(opinions, names(opinions)),
        "systems": systems,
        "behind": behind(systems, shown),
    }
    _tell(result, table(systems, shown), keep=not asked.quick and len(chosen) == len(SYSTEMS))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.irritants")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds annotated/verbatims.jsonl")
    parser.add_argument("--encoder", type=Path, default=Path("work/teacher.onnx"), help="sentence encoder of BERTopic's own French set-up")
    parser.add_argument("--quick", action="store_true", help="few opinions, few repeats; printed, not kept")
    parser.add_argument("--systems", nargs="+", choices=[system.name for system in SYSTEMS], default=[system.name for system in SYSTEMS])
    parser.add_argument("--times", type=int, help="orders, seeds and tenths left out, 10 at most (default: 10, 1 with --quick)")
    parser.add_argument("--sizes", type=int, nargs="*", help="opinions that time and memory are measured on (default: 10000 100000 1000000)")
    parser.add_argument("--most-seconds", type=float, default=1800, help="stop a measure of time and memory after this")
    parser.add_argument("--most-mib", type=float, default=12_000, help="stop a measure of time and memory above this")
    asked = parser.parse_args()
    asked.times = asked.times or (_QUICK_TIMES if asked.quick else 10)
    asked.sizes = asked.sizes if asked.sizes is not None else (_QUICK_SIZES if asked.quick else (10_000, 100_000, 1_000_000))
    if OURS not in asked.systems:
        asked.systems = [OURS, *asked.systems]  # k-means asks for as many groups, and the table compares with it
    return asked


def _tell(result: dict[str, Any], shown: str, keep: bool) -> None:
    ahead = "vocpipe is ahead or level on every line" if not result["behind"] else "vocpipe is behind on: " + "; ".join(result["behind"])
    head = f"names: {result['names']}\n{result['opinions']}\n{result['machine']}\n{result['versions']}"
    print(f"\n{head}\n\n{shown}\n\n{ahead}")
    if not keep:
        print("not kept: not a whole run")
        return
    for name, text in (("irritants.json", json.dumps(result, indent=1, ensure_ascii=False)), ("irritants.md", shown)):
        part = RESULTS / f"{name}.tmp"
        part.write_text(text + "\n", encoding="utf8")
        part.replace(RESULTS / name)
        print(f"kept in {RESULTS / name}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
