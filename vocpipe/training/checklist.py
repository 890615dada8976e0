"""Hold a model to invented cases of what trips readers of French (CheckList, Ribeiro et al. 2020, arXiv:2005.04118).

    python -m vocpipe.training.checklist MODEL CASES

The cases are a test: no model is trained on them.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from vocpipe.errors import ConfigError, InputError, VocpipeError, nearest
from vocpipe.french.segmentation import Span, segment
from vocpipe.ml.heads import Layout, Predictions
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import Taxonomy, load_taxonomy

Polarity = Literal["positive", "negative", "mixed", "none"]


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Codes = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Expect(BaseModel):
    """Say what must hold of a text, or of its words `part`; what is left out is not judged.

    `emotions` and `flags` must all be said, `no_emotions` and `no_flags` must not; of `step` and `theme` one code must be among those said;
    `strength` is "very" when an opinion reaches -2 or 2, else "mild".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    part: str | None = None
    polarity: Polarity | None = None
    strength: Literal["very", "mild"] | None = None
    emotions: Codes = ()
    no_emotions: Codes = ()
    flags: Codes = ()
    no_flags: Codes = ()
    step: Codes = ()
    theme: Codes = ()
    irritant: bool | None = None


class Case(BaseModel):
    """Hold one case; with `same_as`, the answer must also be that of the case of that id: polarity, steps, emotions, flags, irritant."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    kind: str
    text: str
    expect: Annotated[tuple[Expect, ...], BeforeValidator(_several)]
    same_as: str | None = None


@dataclass(frozen=True)
class Answer:
    """Sum up what a model says of neighbouring opinions.

    The polarity is the sign of the sum of the opinions' sentiments (-2…2): zero is "mixed", and no opinion at all is "none".
    """

    polarity: Polarity
    strength: Literal["very", "mild"]
    emotions: frozenset[str]
    flags: frozenset[str]
    steps: frozenset[str]
    themes: frozenset[str]
    irritant: bool

    @classmethod
    def of(cls, found: Predictions, layout: Layout) -> "Answer":
        """Return the answer for the opinions of `found`."""
        total = int(found.sentiment.sum())
        said: Polarity = "none" if found.no_opinion.all() else "positive" if total > 0 else "negative" if total < 0 else "mixed"
        return cls(
            said,
            "very" if (abs(found.sentiment) == 2).any() else "mild",
            frozenset(code for place, code in enumerate(layout.emotions) if found.emotions[:, place].any()),
            frozenset(code for place, code in enumerate(layout.flags) if found.flags[:, place].any()),
            frozenset(layout.steps[place] for place in found.step),
            frozenset(layout.themes[place] for place in found.theme if place >= 0),
            bool(found.irritant.any()),
        )

    def faults(self, expect: Expect) -> list[str]:
        """Return what is not as expected, in words; empty when all is."""
        faults = []
        for name, wanted, said in (("polarity", expect.polarity, self.polarity), ("strength", expect.strength, self.strength)):
            if wanted is not None and said != wanted:
                faults.append(f"{name}: expected {wanted}, found {said}")
        for name, codes, absent, found in (
            ("emotions", expect.emotions, expect.no_emotions, self.emotions),
            ("flags", expect.flags, expect.no_flags, self.flags),
        ):
            faults.extend(f"{name}: {code} is missing" for code in codes if code not in found)
            faults.extend(f"{name}: {code} is said" for code in absent if code in found)
        for name, accepted, among in (("step", expect.step, self.steps), ("theme", expect.theme, self.themes)):
            if accepted and not among & set(accepted):
                faults.append(f"{name}: expected {' or '.join(accepted)}, found {', '.join(sorted(among)) or 'none'}")
        if expect.irritant is not None and self.irritant != expect.irritant:
            faults.append(f"irritant: {'is missing' if expect.irritant else 'is said'}")
        return faults

    def differences(self, other: "Answer") -> list[str]:
        """Return on what two answers differ, themes and strength left aside."""
        names = ("polarity", "emotions", "flags", "steps", "irritant")
        return [f"same_as: {name} differs" for name in names if getattr(self, name) != getattr(other, name)]


def read_cases(path: Path, taxonomy: Taxonomy | None = None) -> list[Case]:
    """Read cases, one JSON object a line; raise `InputError` with the line and the nearest valid code."""
    codes = taxonomy or load_taxonomy()
    if not path.is_file():
        raise InputError(f"no such file: {path}", "give the cases as JSON lines, like tests/golden/checklist.jsonl")
    cases: dict[str, Case] = {}
    for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1):
        try:
            case = Case.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "line"
            raise InputError(f"{path}, line {number}: not a case: {where}: {first['msg']}", f"fields of a case: {', '.join(Case.model_fields)}") from error
        _check(case, cases, codes, f"{path}, line {number}")
        cases[case.id] = case
    if not cases:
        raise InputError(f"{path} holds no case", "give one case per line")
    return list(cases.values())


def _check(case: Case, earlier: Mapping[str, Case], taxonomy: Taxonomy, where: str) -> None:
    if case.id in earlier:
        raise InputError(f"{where}: the id {case.id} is used twice", "give every case its own id")
    if case.same_as is not None and case.same_as not in earlier:
        raise InputError(f"{where}: no case {case.same_as} before it", nearest(case.same_as, earlier) if earlier else "put the case it refers to first")
    for expect in case.expect:
        if expect.part is not None and case.text.count(expect.part) != 1:
            raise InputError(f"{where}: {expect.part!r} is not once in the text", "give words that stand there exactly once")
        for names, known in (
            (expect.emotions + expect.no_emotions, taxonomy.emotion_codes),
            (expect.flags + expect.no_flags, taxonomy.flag_codes),
            (expect.step, taxonomy.step_codes),
            (expect.theme, taxonomy.theme_codes),
        ):
            for code in names:
                if code not in known:
                    raise InputError(f"{where}: unknown code {code!r}", nearest(code, known))


def run_checklist(model: VocModel, cases: Sequence[Case]) -> dict[str, Any]:
    """Return `{"passed", "n", "kinds": {kind: {"passed", "n"}}, "failed": [{"id", "kind", "text", "faults"}]}`.

    Each text is cut into opinions as the pipeline does; a case passes when it has no fault.
    """
    spans = [segment(case.text) for case in cases]
    found = model.predict([case.text for case in cases], spans)
    kinds: dict[str, dict[str, int]] = {}
    failed: list[dict[str, Any]] = []
    answers: dict[str, Answer] = {}
    first = 0
    for case, places in zip(cases, spans, strict=True):
        own = found.rows(slice(first, first + len(places)))
        first += len(places)
        answers[case.id] = Answer.of(own, model.layout)
        faults = _faults(case, places, own, model.layout)
        if case.same_as in answers:
            faults += answers[case.id].differences(answers[case.same_as])
        kind = kinds.setdefault(case.kind, {"passed": 0, "n": 0})
        kind["n"] += 1
        kind["passed"] += not faults
        if faults:
            failed.append({"id": case.id, "kind": case.kind, "text": case.text, "faults": faults})
    return {"passed": len(cases) - len(failed), "n": len(cases), "kinds": kinds, "failed": failed}


def _faults(case: Case, places: Sequence[Span], found: Predictions, layout: Layout) -> list[str]:
    faults = []
    for expect in case.expect:
        start = case.text.index(expect.part) if expect.part else 0
        end = start + len(expect.part) if expect.part else len(case.text)
        rows = [row for row, (left, right) in enumerate(places) if left < end and start < right]
        label = f"«{expect.part}» " if expect.part else ""
        faults += [label + fault for fault in Answer.of(found.rows(rows), layout).faults(expect)]
    return faults


def table(result: Mapping[str, Any]) -> Iterable[str]:
    """Yield the lines of a readable report: one per kind, then one per failed case."""
    for kind, count in {**result["kinds"], "all": result}.items():
        yield f"{kind:<22} {count['passed']:>4} / {count['n']:<4} {count['passed'] / count['n']:>6.0%}"
    for case in result["failed"]:
        yield f"\n{case['id']}: {case['text']}"
        yield from (f"    {fault}" for fault in case["faults"])


def main(arguments: Sequence[str]) -> int:
    """Print how a model does on the cases; return the exit status."""
    from vocpipe.ml.store import resolve

    try:
        if len(arguments) != 2:
            raise ConfigError("a model and a file of cases are needed", "python -m vocpipe.training.checklist voc-fr-small@2 tests/golden/checklist.jsonl")
        cases = read_cases(Path(arguments[1]))
        print("\n".join(table(run_checklist(VocModel.load(resolve(arguments[0])), cases))))
    except VocpipeError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
