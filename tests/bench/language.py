"""Measure the language gate and the recognition of no content on real verbatims.

    python -m tests.bench.language [DATA_FOLDER]        default: ../shared/data

Prints tables and keeps them in tests/bench/results/language.json. Detectors that are not installed are left out (pip install lingua-language-detector).

Who is French: all of the French sets, and in booking_mixed_languages.parquet, which comes in blocks of one language, the rows of FRENCH_ROWS.
What is turned away from the French sets above 40 characters was read: language_read.tsv holds the hash of each text and what it is (other, mixed).
`unread` counts what is not there.
"""

import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe.french.content import no_content
from vocpipe.french.languages import CANDIDATES
from vocpipe.stages.base import Context
from vocpipe.stages.language import Language
from vocpipe.taxonomy import load_taxonomy

HERE = Path(__file__).parent
BANDS = {"1-19": range(1, 20), "20-40": range(20, 41), "41-80": range(41, 81), "81-200": range(81, 201), "201-": range(201, 10**9)}
FRENCH = ("insurance", "cdiscount", "amazon", "restaurants", "banks", "showroomprive", "ubaldi")
OTHERS = ("trustpilot_mixed",)
TWEETS = ("deft2017", "umsab_train", "telecom")
FRENCH_ROWS = (range(360), range(2441, 2741))
LONG = 40
PEER_SAMPLE = 2000

Stops = Callable[[str], bool]


def texts(data: Path, name: str) -> list[str]:
    """Return the distinct texts of a set, in order."""
    folder = "tweets" if name in TWEETS else "reviews"
    column = pq.read_table(data / folder / f"{name}.parquet", columns=["text"])["text"].to_pylist()
    return list(dict.fromkeys(text for text in column if text and text.strip()))


def booking(data: Path) -> tuple[list[str], list[str]]:
    """Return the French reviews of the mixed set, and the others."""
    found = texts(data, "booking_mixed_languages")
    places = {row for rows in FRENCH_ROWS for row in rows}
    return [text for row, text in enumerate(found) if row in places], [text for row, text in enumerate(found) if row not in places]


def gate(given: list[str]) -> list[str | None]:
    """Return what the stage with its default settings says of each text."""
    run = Language().load(Context(load_taxonomy()))
    return list(run(pa.record_batch({"text": given}))["reject"])


def by_band(given: list[str], stopped: Iterable[bool]) -> dict[str, dict[str, Any]]:
    """Return the texts and the share kept, by length in characters and above 40."""
    pairs = [(len(text), stop) for text, stop in zip(given, stopped, strict=True)]
    ranges = {**BANDS, f"over {LONG}": range(LONG + 1, 10**9)}
    table = {}
    for name, lengths in ranges.items():
        inside = [stop for length, stop in pairs if length in lengths]
        table[name] = {"n": len(inside), "stopped": sum(inside), "kept_share": round(1 - sum(inside) / len(inside), 5) if inside else None}
    return table


def french_sets(data: Path) -> dict[str, Any]:
    """Return what is turned away from each set, and what reading says of it above 40 characters."""
    lines = (HERE / "language_read.tsv").read_text(encoding="utf8").splitlines()
    read = dict(line.split("\t") for line in lines if line and not line.startswith("#"))
    result = {}
    for name in (*FRENCH, *OTHERS, *TWEETS):
        given = texts(data, name)
        stopped = [reason is not None for reason in gate(given)]
        verdicts = Counter(read.get(key(text), "unread") for text, stop in zip(given, stopped, strict=True) if stop and len(text) > LONG)
        result[name] = {"bands": by_band(given, stopped), "stopped_over_40_as_read": dict(sorted(verdicts.items()))}
    return result


def key(text: str) -> str:
    """Return the hash under which a text that was read is noted."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def mixed(french: list[str], others: list[str], number: int = 6000) -> dict[str, Any]:
    """Return the share kept of texts made of a French and another review, by the French share of their characters."""
    draw = random.Random(0)
    french, others = ([text for text in given if len(text) > 25] for given in (french, others))
    pairs = [(draw.choice(french), draw.choice(others), draw.random() < 0.5) for _ in range(number)]
    shares = [len(first) / (len(first) + len(second)) for first, second, _ in pairs]
    kept = [reason is None for reason in gate([f"{first} {second}" if turn else f"{second} {first}" for first, second, turn in pairs])]
    table = {}
    for tenth in (0, 1, 2, 3, 4, 5, 7):
        low, high = tenth / 10, {5: 0.7, 7: 1.0}.get(tenth, (tenth + 1) / 10)
        inside = [keep for share, keep in zip(shares, kept, strict=True) if low <= share < high]
        table[f"{low:.0%}-{high:.0%}"] = {"n": len(inside), "kept_share": round(sum(inside) / len(inside), 3)}
    return table


def detectors() -> dict[str, Stops]:
    """Return, for each detector, the function that says whether a text is turned away."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(CANDIDATES)
    run = Language().load(Context(load_taxonomy()))
    found: dict[str, Stops] = {
        "vocpipe gate": lambda text: run(pa.record_batch({"text": [text]}))["reject"][0] is not None,
        "py3langid, likeliest": lambda text: identifier.classify(text)[0] != "fr",
        "py3langid, another with 0.8": lambda text: (lambda best: best[0] != "fr" and best[1] >= 0.8)(identifier.classify(text)),
    }
    try:
        from lingua import Language as LinguaLanguage
        from lingua import LanguageDetectorBuilder
    except ImportError:
        return found
    builder = LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models()
    for name, detector in (("lingua", builder.build()), ("lingua low accuracy", builder.with_low_accuracy_mode().build())):
        found[f"{name}, likeliest"] = lambda text, detector=detector: detector.detect_language_of(text) not in (LinguaLanguage.FRENCH, None)
        found[f"{name}, French at most 0.02"] = lambda text, detector=detector: detector.compute_language_confidence(text, LinguaLanguage.FRENCH) <= 0.02
    return found


def compare(french: list[str], others: list[str]) -> dict[str, Any]:
    """Return, for each detector, the French kept and the others stopped, short and long, and texts per second of processor time."""
    table = {}
    for name, stops in detectors().items():
        began = time.process_time()
        of_french, of_others = [stops(text) for text in french], [stops(text) for text in others]
        seconds = time.process_time() - began
        kept, stopped = by_band(french, of_french), by_band(others, of_others)
        short = {side: _share(bands, "1-19", "20-40") for side, bands in (("kept", kept), ("stopped", stopped))}
        table[name] = {
            "french_kept_to_40": round(1 - short["kept"], 4),
            "french_kept_over_40": round(1 - _share(kept, "over 40"), 4),
            "others_stopped_to_40": round(short["stopped"], 4),
            "others_stopped_over_40": round(_share(stopped, "over 40"), 4),
            "texts_per_second": round((len(french) + len(others)) / seconds),
        }
    return table


def _share(bands: dict[str, dict[str, Any]], *names: str) -> float:
    return float(sum(bands[name]["stopped"] for name in names) / sum(bands[name]["n"] for name in names))


def silent(data: Path) -> dict[str, Any]:
    """Return how many texts of each set hold no content, by kind; duplicates count."""
    table = {}
    for name in (*FRENCH, *OTHERS, *TWEETS, "booking_mixed_languages"):
        folder = "tweets" if name in TWEETS else "reviews"
        given = [text for text in pq.read_table(data / folder / f"{name}.parquet", columns=["text"])["text"].to_pylist() if text]
        began = time.process_time()
        kinds = Counter(kind for text in given if (kind := no_content(text)))
        table[name] = {"n": len(given), **dict(sorted(kinds.items())), "texts_per_second": round(len(given) / (time.process_time() - began))}
    return table


def speed(data: Path) -> dict[str, int]:
    """Return texts per second of processor time of the gate, by set: the best of three, since other work slows a shared core."""
    return {name: max(_pace(texts(data, name)[:5000]) for _ in range(3)) for name in ("insurance", "cdiscount", "trustpilot_mixed", "booking_mixed_languages")}


def _pace(given: list[str]) -> int:
    run = Language().load(Context(load_taxonomy()))
    batch = pa.record_batch({"text": given})
    began = time.process_time()
    run(batch)
    return round(len(given) / (time.process_time() - began))


def main() -> None:
    """Measure, print, keep."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    french, others = booking(data)
    sample = [text for name in FRENCH[:4] for text in texts(data, name)]
    result = {
        "booking": {"french": by_band(french, [bool(reason) for reason in gate(french)]), "others": by_band(others, [bool(reason) for reason in gate(others)])},
        "french_sets": french_sets(data),
        "code_mixed": mixed(french, others),
        "detectors": compare(french + sample[:: len(sample) // PEER_SAMPLE], others),
        "texts_per_second": speed(data),
        "no_content": silent(data),
    }
    place = HERE / "results" / "language.json"
    place.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    show(result)
    print(f"kept in {place}")


def show(tree: dict[str, Any], depth: int = 0) -> None:
    """Print a tree of measures, one line for each of the lowest branches."""
    for name, value in tree.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            print(f"{'  ' * depth}{name}")
            show(value, depth + 1)
        else:
            listed = "  ".join(f"{inner} {number}" for inner, number in value.items()) if isinstance(value, dict) else value
            print(f"{'  ' * depth}{name:32} {listed}")


if __name__ == "__main__":
    main()
