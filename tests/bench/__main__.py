"""Measure a run: rows and opinions per second, peak memory, each part on one core, and how much batching brings beside the naive loop.

    python -m tests.bench                              the sample
    python -m tests.bench CONFIG EXPORT [EXPORT ...]   your own exports, one batch each

Prints a table and keeps it in tests/bench/results, with the machine's name of processor. No test depends on it.
"""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

import vocpipe
from vocpipe import pipeline
from vocpipe.cli.health import facts
from vocpipe.config import RunConfig, load_config
from vocpipe.french.redaction import Redactor
from vocpipe.french.segmentation import segment
from vocpipe.ml.model import VocModel
from vocpipe.ml.store import resolve
from vocpipe.resources import PACKAGE
from vocpipe.sources import ingest
from vocpipe.stages.base import Context

RESULTS = Path(__file__).parent / "results"


def runs(config: str, exports: list[Path]) -> list[dict[str, Any]]:
    """Run each export as a batch of one workspace; return what each took."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for export in exports:
            report = vocpipe.run(config, export, batch=export.stem, workspace=Path(folder) / "w", workers=2)
            rows.append(
                {
                    "export": export.name,
                    "rows": report.counts["kept"],
                    "opinions": report.counts["opinions"],
                    "seconds": round(report.timing["seconds"], 1),
                    "rows_per_second": round(report.timing["rows_per_second"], 1),
                    "opinions_per_second": round(report.counts["opinions"] / report.timing["seconds"], 1),
                    "peak_memory_mb": round(report.timing["peak_memory"] / 2**20),
                }
            )
    return rows


def parts(config: RunConfig, exports: list[Path]) -> dict[str, Any]:
    """Return the opinions per second of one core for each part of the way, and how many times faster all before the encoder is than the encoder.

    Seconds are those of the processor, so that other programs count little. Reading alone is the ingestion without a rule of redaction.
    """
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = work()
        seconds[name] = time.process_time() - began
        return result

    list(ingest(exports, config.source))  # what is loaded at first use is no part of the measure
    timed("reading", lambda: list(ingest(exports, config.source, redactor=Redactor(rules=()))))
    batches = timed("redaction", lambda: list(ingest(exports, config.source)))
    seconds["redaction"] -= seconds["reading"]
    context = Context(config.taxonomy, config.models, threads=1)
    opinions = 0
    for position, stage in enumerate(config.stages):
        given = tuple(batches[0].schema.names)
        apply = pipeline.load([stage], context, given=[name for name in given if name != pipeline.REJECT])
        kept = [batch.filter(batch[pipeline.REJECT].is_null()).drop_columns([pipeline.REJECT]) if position else batch for batch in batches]
        batches = timed(stage.name, lambda apply=apply, kept=kept: [apply(batch) for batch in kept])
    opinions = sum(pc.sum(pc.list_value_length(batch["opinion_start"])).as_py() or 0 for batch in batches)
    before = sum(value for name, value in seconds.items() if name != "classify")
    return {
        "opinions": opinions,
        "opinions_per_second": {name: round(opinions / value) for name, value in seconds.items()},
        "all_before_the_encoder_per_second": round(opinions / before),
        "ratio_to_the_encoder": round(seconds["classify"] / before, 1),
    }


def batching(texts: list[str]) -> dict[str, Any]:
    """Compare sorted batches with the same graph called once per verbatim (the peer), one thread each, in turn."""
    model = VocModel.load(resolve("voc-fr-small@2"), threads=1)
    spans = [segment(text) for text in texts]
    opinions = sum(map(len, spans))
    model.predict(texts[:20], spans[:20])
    began = time.perf_counter()
    model.predict(texts, spans)
    batched = time.perf_counter() - began
    began = time.perf_counter()
    for text, places in zip(texts, spans, strict=True):
        model.predict([text], [places])
    single = time.perf_counter() - began
    return {
        "opinions": opinions,
        "sorted_batches_per_second": round(opinions / batched, 1),
        "one_by_one_per_second": round(opinions / single, 1),
        "ratio": round(single / batched, 2),
    }


def main() -> None:
    """Measure, print, keep."""
    config, exports = (sys.argv[1], [Path(name) for name in sys.argv[2:]]) if len(sys.argv) > 2 else ("sample", sorted((PACKAGE / "sample").glob("*.csv")))
    measured = runs(config, exports)
    by_part = parts(load_config(config), exports)
    with tempfile.TemporaryDirectory() as folder:
        report = vocpipe.run("sample", PACKAGE / "sample" / "2026-03.csv", batch="2026-03", workspace=Path(folder) / "w")
        texts = [text for text in vocpipe.Workspace(report.workspace).rows("2026-03")["text"].to_pylist() if text]
    machine = {name: value for name, value in facts() if name in ("installed", "processor", "accelerator")}
    result = {"machine": machine, "python": platform.python_version(), "runs": measured, "parts": by_part, "batching": batching(texts)}
    place = RESULTS / f"{Path(config).stem}.json"
    place.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    for row in measured:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    print("parts", json.dumps(by_part))
    print("batching", "  ".join(f"{name} {value}" for name, value in result["batching"].items()))
    print(f"kept in {place}")


if __name__ == "__main__":
    main()
