"""Suggest how to read an export: a ready YAML mapping, with how sure each line is."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import yaml

from vocpipe.errors import InputError
from vocpipe.french.redaction import redact
from vocpipe.sources.choices import Choice, Part, are_the_text, candidates, choose, find_parts
from vocpipe.sources.config import RATINGS, SourceConfig
from vocpipe.sources.delimited import NAMES
from vocpipe.sources.inputs import STANDARD_INPUT, expand
from vocpipe.sources.plan import shown
from vocpipe.sources.profile import Profile, profile
from vocpipe.sources.readers import open_reader
from vocpipe.sources.rows import Reader, Row
from vocpipe.sources.scales import is_opposed, suggest_labels, suggest_scale

_SAMPLE_ROWS = 500
# Kinds that no header of an export holds: there, they tell that the first row is a customer's.
_NEVER_IN_A_HEADER = frozenset(("email", "phone", "iban", "card", "nir", "name", "address", "birth_date"))


@dataclass(frozen=True)
class Suggestion:
    """Hold a mapping: the YAML that `load_source` reads, and what was chosen for each of our columns."""

    yaml: str
    choices: tuple[Choice, ...]


def suggest(given: str | Path, name: str | None = None) -> Suggestion:
    """Read the first rows of an export and return how to read it; of a folder or an archive, those of its first file.

    Raises `InputError` when it cannot be read, has no row or no header, or when no column looks like a customer's words.
    """
    first = expand([given])[0]
    name = name or ("export" if str(given) == STANDARD_INPUT else _name_of(first.name))
    reader = open_reader(first, SourceConfig(name=name))
    _refuse_data(reader)
    rows = [row for row in islice(reader.rows(Counter()), _SAMPLE_ROWS) if isinstance(row, Row)]
    if not rows:
        raise InputError(f"{reader.name} has no row to look at", "export it again with its answers")
    profiles = [profile(header, [row.cells.get(header) for row in rows]) for header in reader.headers]
    choices = choose(profiles)
    if not any(choice.column == "text" and not choice.refused for choice in choices):
        columns = ", ".join(repr(shown(header)) for header in reader.headers[:30])
        raise InputError(f"{reader.name}: no column looks like a customer's words\ncolumns found: {columns}", "check that this is the export with the answers")
    lines = (*_head(name, reader, len(rows)), *_settings(profiles, choices), *_left(profiles, choices))
    return Suggestion("\n".join(lines) + "\n", tuple(choices))


def _name_of(file: str) -> str:
    """Return a name for the source: that of the file, without what changes from month to month."""
    stem = re.split(r"[/›]", file)[-1].strip().split(".")[0].lower()
    return re.sub(r"[\W_]*\d[\d\W_]*$", "", stem) or "export"


def _refuse_data(reader: Reader) -> None:
    """Refuse a file whose first row is data: its headers would be a customer's words."""
    for header in reader.headers:
        if _NEVER_IN_A_HEADER.intersection(redact(header).counts) or profile("", [header]).days:
            raise InputError(f"{reader.name} has no header: its first row holds {shown(header)!r}", "put the names of the columns in its first row")


def _head(name: str, reader: Reader, rows: int) -> Iterator[str]:
    facts = ", ".join(
        filter(None, (reader.format, reader.encoding, f"separated by {NAMES.get(reader.delimiter, reader.delimiter)}" if reader.delimiter else ""))
    )
    yield f"# Suggested from the first {rows} rows of {_comment(reader.name)}: {facts}."
    yield "# After each line: how sure it is, from 0 to 1, and why. Correct what is wrong, then try it: vocpipe sources check FILE --source THIS_FILE"
    yield f"name: {_quoted(name)}  # goes into the identifiers of the rows: choose it once for all"


def _settings(profiles: Sequence[Profile], choices: Sequence[Choice]) -> Iterator[str]:
    """Yield the lines that say how to read the export."""
    by_header = {values.header: values for values in profiles}
    found = {choice.column: choice.header for choice in choices if not choice.refused}
    parts = find_parts(profiles, choices)
    together = are_the_text(parts, choices)
    yield "columns:"
    for choice in choices:
        if not (together and choice.column in ("text", "title")):
            header = f"null  # not {_quoted(choice.header)}:" if choice.refused else f"{_quoted(choice.header)}  #"
            yield f"  {choice.column}: {header} {choice.likeness.confidence:.2f}: {choice.likeness.why}"
    yield from (f"  # {line}" for line in _candidates(candidates(profiles, choices), parts if together else []))
    yield from _text_parts(parts, together)
    yield from _ratings({rating: by_header[found[rating]] for rating in RATINGS if rating in found})
    if "date" in found:
        yield from _dates(by_header[found["date"]])
    yield from _constants(found, together)


def _candidates(maybe: Sequence[Choice], parts: Sequence[Part]) -> Iterator[str]:
    """Yield a line for each free column that may be one of ours, the likeliest first."""
    by_header: dict[str, list[Choice]] = {}
    for choice in maybe:
        by_header.setdefault(choice.header, []).append(choice)
    for header, choices in by_header.items():
        if all(header != part.header for part in parts):
            first, *others = choices
            more = f"; or {', '.join(choice.column for choice in others)}" if others else ""
            yield f"{first.column}: {_comment(_quoted(header))}  # only {first.likeness.confidence:.2f}: {first.likeness.why}{more}"


def _text_parts(parts: Sequence[Part], together: bool) -> Iterator[str]:
    if not parts:
        return
    if not together:
        yield "# Several columns hold text. To join them, take `text` and `title` out of `columns` and write:"
    mark = "" if together else "# "
    yield f"{mark}text_parts:"
    yield from (f"{mark}  {_quoted(part.role)}: {_quoted(part.header)}" for part in parts)


def _ratings(ratings: dict[str, Profile]) -> Iterator[str]:
    """Yield the scales of the ratings in figures, then the labels of those in words."""
    anchor = next(iter(ratings), "")
    scales, labels = [], []
    for rating, values in ratings.items():
        words = suggest_labels(values)
        if words:
            labels.append(f"  {rating}: [{', '.join(map(_quoted, words))}]  # worst to best; add the words that this sample lacks")
        if values.numeric:
            (worst, best), why = suggest_scale(rating, values)
            opposed = is_opposed(values, ratings[anchor]) if rating != anchor else None
            if opposed is not None:
                worst, best, why = best, worst, f"{why}; goes down where {anchor} goes up ({opposed:.2f}): low is good"
            elif rating == "ces":
                why += "; check the direction: [worst, best]"
            scales.append(f"  {rating}: [{worst:g}, {best:g}]  # {why}")
    yield from ["scales:", *scales] if scales else []
    yield from ["labels:", *labels] if labels else []


def _dates(values: Profile) -> Iterator[str]:
    if values.month_first:
        yield "day_first: false  # some days are possible only with the month first"
    if values.offsets >= 0.5:
        yield "timezone: Europe/Paris  # moments tell their offset: the day is the one it was there"


def _constants(found: dict[str, str], together: bool) -> Iterator[str]:
    if "company" not in found:
        yield "# company: Maison Exemple  # no column tells it: say here whose customers they are"
    if "channel" not in found:
        yield "# channel: review  # no column tells it: review, survey, store, social …"
    if "question" not in found and not together and "?" in found["text"]:
        yield f"question: {_quoted(' '.join(found['text'].split()))}  # the header of the text"


def _left(profiles: Sequence[Profile], choices: Sequence[Choice]) -> Iterator[str]:
    """Yield, as comments, the columns that become attributes, and what of them is masked."""
    used = {choice.header for choice in choices if not choice.refused}
    used |= {part.header for part in find_parts(profiles, choices)} if are_the_text(find_parts(profiles, choices), choices) else set()
    left = [values for values in profiles if values.header not in used]
    if left:
        yield f"# Kept as attributes: {', '.join(_comment(shown(values.header)) for values in left)}"
    for values in left:
        if values.personal:
            yield f"# Personal data: {_comment(shown(values.header))} ({values.personal}, by its header: cells are replaced as a whole)"
        elif values.personal_shares:
            found = ", ".join(f"{kind} in {share:.0%} of the cells" for kind, share in values.personal_shares.items())
            yield f"# Personal data: {_comment(shown(values.header))} ({found}: replaced where it is found)"


def _quoted(text: str) -> str:
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)).strip()


def _comment(text: str) -> str:
    return " ".join(text.split())
