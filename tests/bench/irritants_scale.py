"""Time and memory of a system on many opinions, each measure in a process of its own that is stopped when it takes too long or too much."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.bench.irritants_data import Opinions, enlarged
from vocpipe.engines.base import peak_memory

WARM_UP = 300
_MIB = 2**20
_EVERY = 0.2


def measure(system: str, folder: Path, count: int, groups: int, most_seconds: float, most_mib: float) -> dict[str, Any]:
    """Return seconds, peak memory and groups of a system on `count` opinions made from those in the folder, or at which limit it was stopped.

    Seconds are of grouping alone: neither of imports, nor of a first small run that compiles what is compiled at first use.
    """
    command = [sys.executable, "-m", "tests.bench.irritants_scale", system, str(folder), str(count), str(groups)]
    error = folder / "error.txt"
    with error.open("w", encoding="utf8") as told, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True) as process:
        stopped = _watched(process, most_seconds, most_mib)
        output = process.stdout.read() if process.stdout and not stopped else ""
    if stopped:
        return {"opinions": count, "stopped": stopped}
    if process.returncode:
        return {"opinions": count, "stopped": f"failed: {error.read_text(encoding='utf8').strip().splitlines()[-1]}"}
    return {"opinions": count, **json.loads(output.strip().splitlines()[-1])}


def _watched(process: "subprocess.Popen[str]", most_seconds: float, most_mib: float) -> str | None:
    """Wait for the end; return the limit at which the process was stopped, if any."""
    watch, began = psutil.Process(process.pid), time.monotonic()
    while process.poll() is None:
        time.sleep(_EVERY)
        try:
            mib = watch.memory_info().rss / _MIB
        except psutil.NoSuchProcess:
            break
        reason = f"over {most_mib:g} MiB" if mib > most_mib else f"over {most_seconds:g} s" if time.monotonic() - began > most_seconds else None
        if reason:
            process.kill()
            return reason
    process.wait()
    return None


def main() -> None:
    """Group in this process and print what it took as one line of JSON: the whole peak, and the memory held before grouping (imports and input)."""
    from tests.bench.irritants_systems import SYSTEMS

    name, folder, count, groups = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    system = next(each for each in SYSTEMS if each.name == name)
    opinions = Opinions.load(folder)
    system.group([opinions.take(np.arange(min(WARM_UP, len(opinions))))], 0, min(groups, 10))
    many = enlarged(opinions, count)
    before, began = psutil.Process().memory_info().rss, time.perf_counter()
    found = system.group([many], None, groups)
    seconds = time.perf_counter() - began
    result = {
        "seconds": round(seconds, 2),
        "peak_mib": round(peak_memory() / _MIB),
        "before_mib": round(before / _MIB),
        "groups": len(set(found.tolist()) - {-1}),
        "residual_share": round(float((found == -1).mean()), 4),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
