"""Measure a run: rows and opinions per second, peak memory, and how much batching brings beside the naive loop.

    python -m tests.bench                              the sample
    python -m tests.bench CONFIG EXPORT [EXPORT ...]   your own exports, one batch each

Prints a table and keeps it in tests/bench/results, with the machine's name of processor. No test depends on it.
"""

import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import vocpipe
from vocpipe.cli.health import facts
from vocpipe.french.segmentation import segment
from vocpipe.ml.model import VocModel
from vocpipe.ml.store import resolve
from vocpipe.resources import PACKAGE

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


def batching(texts: list[str]) -> dict[str, Any]:
    """Compare sorted batches with the same graph called once per verbatim (the peer), one thread each, in turn."""
    model = VocModel.load(resolve("voc-fr-small@1"), threads=1)
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
    with tempfile.TemporaryDirectory() as folder:
        report = vocpipe.run("sample", PACKAGE / "sample" / "2026-03.csv", batch="2026-03", workspace=Path(folder) / "w")
        texts = [text for text in vocpipe.Workspace(report.workspace).rows("2026-03")["text"].to_pylist() if text]
    machine = {name: value for name, value in facts() if name in ("installed", "processor", "accelerator")}
    result = {"machine": machine, "python": platform.python_version(), "runs": measured, "batching": batching(texts)}
    place = RESULTS / f"{Path(config).stem}.json"
    place.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    for row in measured:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    print("batching", "  ".join(f"{name} {value}" for name, value in result["batching"].items()))
    print(f"kept in {place}")


if __name__ == "__main__":
    main()
