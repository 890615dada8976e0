"""Measure the service: how long clients wait, at once, on a large feed.

    python -m tests.bench.api WORKSPACE                       50 clients without pause, 100,000 verbatims
    python -m tests.bench.api WORKSPACE --pause 1 --seconds 20

The feed is that of the workspace (`vocpipe run --sample` makes one), repeated under new ids. Every client follows pages of opinions and verbatims, which
are never the same twice, and asks for what dashboards show, which is. Prints the times and keeps them in tests/bench/results/api.json.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import numpy as np

from vocpipe.cli.health import facts
from vocpipe.feeds.inputs import literal

RESULT = Path(__file__).parent / "results" / "api.json"
_SERVE = "import sys, pathlib; from vocpipe.cli.serve import serve; serve(pathlib.Path(sys.argv[1]), port=0, rate=1e6)"
_PAGED = ("fact_opinion", "fact_verbatim")
_SHOWN = ("agg_irritant_month", "agg_step_month", "agg_theme_month", "agg_step_emotion_month", "alerts", "dim_irritant", "data_quality")
Times = list[tuple[str, float]]


def enlarge(workspace: Path, target: Path, verbatims: int) -> int:
    """Write a workspace whose feed repeats the facts of another one under new ids; return its verbatims."""
    shutil.copytree(workspace, target, ignore=shutil.ignore_patterns("batches", "*.parquet", "voc.duckdb", "api"))
    with duckdb.connect(target / "feed" / "voc.duckdb") as connection:
        connection.execute(f"ATTACH {literal(workspace / 'feed' / 'voc.duckdb')} AS small (READ_ONLY)")
        names = [row[0] for row in connection.execute("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'small' ORDER BY 1").fetchall()]
        (rows,) = connection.execute("SELECT count(*) FROM small.fact_verbatim").fetchone() or (1,)
        times = -(-verbatims // rows)
        for name in names:
            ids = {"fact_verbatim": ["verbatim_id"], "fact_opinion": ["verbatim_id", "opinion_id"]}.get(name)
            if ids:
                renamed = ", ".join(f"replace({column}, verbatim_id, verbatim_id || 'x' || copy) AS {column}" for column in ids)
                copies = f"(FROM small.{name}), range({times}) AS copies(copy)"
                connection.execute(f"CREATE TABLE {name} AS SELECT * EXCLUDE (copy) REPLACE ({renamed}) FROM {copies} ORDER BY batch, {ids[-1]}")
            else:
                connection.execute(f"CREATE TABLE {name} AS FROM small.{name}")
    return int(rows * times)


@contextmanager
def serving(workspace: Path) -> Iterator[int]:
    """Run the service in a process of its own; yield its port."""
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(workspace)], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            yield int(server.stderr.readline().partition("127.0.0.1:")[2].partition("/")[0])
        finally:
            server.terminate()


async def get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> dict[str, str]:
    """Ask on an open connection; return the headers once the whole body is there. Done by hand, so that the client costs little beside the server."""
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    await reader.readexactly(int(headers["content-length"]))
    if " 200 " not in status:
        raise RuntimeError(f"{address}: {status}")
    return headers


async def client(port: int, number: int, until: float, pause: float, irritants: list[str], months: list[str]) -> Times:
    """Ask until the time is over; return the kind and the seconds of each request."""
    draw = random.Random(number)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    following = dict.fromkeys(_PAGED, "")
    times: Times = []
    for turn in itertools.count(number):
        await asyncio.sleep(draw.random() * 2 * pause)
        if time.perf_counter() > until:
            break
        if turn % 4 == 0:
            kind = "page of facts"
            table = _PAGED[turn // 4 % 2]
            address = following[table] or f"/v1/{table}?month={draw.choice(months)}&limit={50 + number}"
        elif turn % 4 == 1:
            kind, address = "quotes", f"/v1/quotes?irritant={draw.choice(irritants)}&month={draw.choice(months)}&limit=20"
        else:
            kind, address = "aggregates", f"/v1/{draw.choice(_SHOWN)}?limit=1000"
        started = time.perf_counter()
        headers = await get(reader, writer, address)
        times.append((kind, time.perf_counter() - started))
        if kind == "page of facts":
            following[table] = headers.get("link", "<>").partition("<")[2].partition(">")[0]
    writer.close()
    return times


async def measure(port: int, clients: int, seconds: float, pause: float, irritants: list[str], months: list[str]) -> Times:
    """Return the times of all clients; the first second, in which the feed is opened, is asked before."""
    await client(port, 0, time.perf_counter() + 3, 0, irritants, months)
    until = time.perf_counter() + seconds
    found = await asyncio.gather(*(client(port, number, until, pause, irritants, months) for number in range(clients)))
    return [pair for times in found for pair in times]


def summary(times: list[float], seconds: float) -> dict[str, Any]:
    """Return requests, requests a second, and the times that 50, 95 and 99 of 100 requests stay under, in milliseconds."""
    p50, p95, p99 = np.percentile(times, (50, 95, 99)) * 1000
    return {"requests": len(times), "per_second": round(len(times) / seconds, 1), "p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "p99_ms": round(p99, 1)}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--verbatims", type=int, default=100_000)
    parser.add_argument("--pause", type=float, default=0, help="mean seconds between an answer and the next request of a client")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "workspace"
        verbatims = enlarge(given.workspace, place, given.verbatims)
        with duckdb.connect(place / "feed" / "voc.duckdb", read_only=True) as connection:
            irritants = [quote(row[0]) for row in connection.execute("SELECT irritant_id FROM dim_irritant ORDER BY 1").fetchall()]
            months = [quote(row[0]) for row in connection.execute("SELECT DISTINCT month FROM fact_opinion ORDER BY 1").fetchall()]
        with serving(place) as port:
            busy = os.getloadavg()[0]
            times = asyncio.run(measure(port, given.clients, given.seconds, given.pause, irritants, months))
    kinds = sorted({kind for kind, _ in times})
    found = {kind: summary([taken for other, taken in times if other == kind], given.seconds) for kind in kinds}
    found["all"] = summary([taken for _, taken in times], given.seconds)
    for kind, figures in found.items():
        print(f"{kind:<15}", *(f"{name} {value:>8,}" for name, value in figures.items()))
    print(f"load before the clients came: {busy:.1f} on {os.cpu_count()} cores")
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.is_file() else {}
    case = f"{given.clients} clients, mean pause {given.pause:g} s"
    machine = {name: told for name, told in facts() if name in ("python", "installed", "processor")}
    kept[case] = {"machine": machine, "load_before": round(busy, 1), "verbatims": verbatims, "seconds": given.seconds, "times": found}
    RESULT.write_text(json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
