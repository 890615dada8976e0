"""The lists of words beside patterns: `words.txt` says what each is for."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    found: dict[str, list[str]] = {}
    group: list[str] = []
    for line in files("vocpipe.french.redaction").joinpath("words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            group = found.setdefault(line[2:].partition(":")[0], [])
        elif not line.startswith("# "):
            group += line.split()
    return {name: frozenset(words) for name, words in found.items()}


def words(group: str) -> frozenset[str]:
    """Return the words of one list, folded."""
    return _lists()[group]
