"""Write into a starter catalogue the words that customers use for each irritant.

python -m vocpipe.training.signatures STARTER.yaml HELD_OUT_SOURCE LABELS...
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from vocpipe import files
from vocpipe.french.lemmas import content_lemmas
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.splits import split_by_verbatim

WORDS = 30
_FEWEST = 3


def signatures(
    sentences: Iterable[tuple[str, str]], phrases: Mapping[str, Sequence[str]], names: Collection[str] = (), limit: int = WORDS
) -> dict[str, tuple[str, ...]]:
    """Return the words of each irritant, the most telling first, from (phrase, sentence) pairs: lemmas more frequent in its sentences than in all.

    `phrases` gives the annotators' phrases of each irritant, `names` the words to leave out.
    A word counts by its share of the sentence's words, weighted by how rare it is; words of fewer than three sentences are left out.
    """
    of_phrase = {phrase: irritant for irritant, own in phrases.items() for phrase in own}
    told = [(of_phrase[phrase], [word for word in content_lemmas(sentence) if word not in names]) for phrase, sentence in sentences if phrase in of_phrase]
    frequency = Counter(word for _, words in told for word in words)
    rarity = {word: float(np.log(len(told) / count)) for word, count in frequency.items() if count >= _FEWEST}
    profiles: dict[str, dict[str, float]] = {irritant: {} for irritant in phrases}
    count: Counter[str] = Counter()
    everywhere: dict[str, float] = {}
    for irritant, words in told:
        weights = {word: rarity[word] for word in words if word in rarity}
        norm = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
        count[irritant] += 1
        for word, weight in weights.items():
            profiles[irritant][word] = profiles[irritant].get(word, 0.0) + weight / norm
            everywhere[word] = everywhere.get(word, 0.0) + weight / norm
    usual = {word: total / max(len(told), 1) for word, total in everywhere.items()}
    return {name: _most_telling({word: total / count[name] - usual[word] for word, total in profile.items()}, limit) for name, profile in profiles.items()}


def _most_telling(values: Mapping[str, float], limit: int) -> tuple[str, ...]:
    ranked = sorted((word for word, value in values.items() if value > 0), key=lambda word: (-round(values[word], 9), word))
    return tuple(ranked[:limit])


def names_left_out(path: Path) -> frozenset[str]:
    """Return the words of a file, one a line, comments aside."""
    return frozenset(line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#"))


def write_starter(path: Path, header: str, catalogue: Sequence[Mapping[str, Any]]) -> None:
    """Write a starter catalogue, one short block per irritant, under a header of comment lines."""
    with files.replacing(path) as temporary:
        temporary.write_text(f"{header}version: 1\ncatalogue:\n" + "\n".join(map(_block, catalogue)), encoding="utf-8")


def _block(entry: Mapping[str, Any]) -> str:
    lines = [f"{name}: {_flow(value)}" for name, value in entry.items() if value and name != "examples"]
    examples = [f"  - {_flow(example)}" for example in entry.get("examples", ())]
    return "  - " + "\n    ".join([*lines, *(["examples:", *examples] if examples else [])]) + "\n"


def _flow(value: object) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=100_000)).removesuffix("\n").removesuffix("\n...").strip()


def main(path: Path, held_out_source: str, data: Sequence[Path]) -> None:
    """Rewrite the words of a starter catalogue from annotated verbatims; those of the test split and of the source held out are not looked at.

    Words listed in `names.txt` beside it are left out.
    """
    taxonomy = load_taxonomy()
    sentences = []
    for each in data:
        verbatims = read_annotated(each, taxonomy)
        there = any(verbatim.source == held_out_source for verbatim in verbatims)
        part = split_by_verbatim(verbatims, held_out_source=held_out_source if there else None)
        sentences += [(s.irritant, s.text) for v in verbatims if part[v.id] in ("train", "dev") for s in v.segments if s.irritant]
    text = path.read_text(encoding="utf-8")
    catalogue = yaml.safe_load(text)["catalogue"]
    found = signatures(sentences, {entry["id"]: entry.get("phrases", ()) for entry in catalogue}, names_left_out(path.with_name("names.txt")))
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    write_starter(path, header, [{**entry, "words": list(found[entry["id"]])} for entry in catalogue])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(name) for name in sys.argv[3:]])
