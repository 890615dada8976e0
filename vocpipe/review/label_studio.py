"""Write a review as tasks of Label Studio, and read what it exports."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from vocpipe import files
from vocpipe.errors import InputError
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.segments import HEADS

_NONE = "aucun"
_SENTIMENTS = {"-2": "très négatif", "-1": "négatif", "0": "mitigé", "1": "positif", "2": "très positif", _NONE: "aucune opinion"}
_TITLES = {"sentiment": "Sentiment", "emotions": "Émotions", "step": "Étape", "theme": "Thème", "flags": "Signaux", "irritant": "Irritant"}
_ONE_OF = ("sentiment", "step", "theme")
_HINT = "export it from Label Studio as JSON (not JSON-MIN), with the labelling configuration that came with the tasks"


def write_tasks(rows: Sequence[Mapping[str, Any]], path: Path, taxonomy: Taxonomy) -> Path:
    """Write rows as tasks with the predictions filled in; write the labelling configuration beside, and return its path."""
    files.write_json([_task(row) for row in rows], path)
    beside = path.with_suffix(".xml")
    with files.replacing(beside) as temporary:
        temporary.write_text(configuration(taxonomy), encoding="utf-8")
    return beside


def configuration(taxonomy: Taxonomy) -> str:
    """Return the labelling configuration of a taxonomy."""
    emotions = {f"{label.code}:{number}": f"{label.fr} ({word})" for label in taxonomy.emotions for number, word in ((1, "légère"), (2, "forte"))}
    choices: dict[str, dict[str, str]] = {
        "sentiment": _SENTIMENTS,
        "emotions": emotions,
        "step": {label.code: label.fr for label in taxonomy.steps},
        "theme": {**{label.code: label.fr for label in taxonomy.themes}, _NONE: "aucun thème"},
        "flags": {label.code: label.fr for label in taxonomy.flags},
    }
    lines = ["<View>", '  <Header value="$raison"/>', '  <Text name="text" value="$text"/>', '  <Header value="Opinion à juger"/>']
    lines.append('  <Text name="segment" value="$segment"/>')
    for head, options in choices.items():
        one = head in _ONE_OF
        attributes = f'name="{head}" toName="segment" choice="{"single" if one else "multiple"}" showInline="true" required="{str(one).lower()}"'
        lines += [f'  <Header value="{_TITLES[head]}"/>', f"  <Choices {attributes}>"]
        lines += [f"    <Choice value={quoteattr(shown)} alias={quoteattr(code)}/>" for code, shown in options.items()]
        lines.append("  </Choices>")
    lines += [f'  <Header value="{_TITLES["irritant"]}"/>']
    lines.append('  <TextArea name="irritant" toName="segment" maxSubmissions="1" editable="true" rows="1" placeholder="le problème, en quelques mots"/>')
    return "\n".join([*lines, "</View>", ""])


def _task(row: Mapping[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in row.items() if name not in (*HEADS, "relu")}
    result = []
    for head in HEADS:
        value = str(row[head])
        if head == "irritant":
            answers = {"text": [value]} if value else {}
        else:
            codes = value.split(", ") if head not in _ONE_OF else [value or _NONE]
            answers = {"choices": codes} if codes != [""] else {}
        if answers:
            kind = "textarea" if head == "irritant" else "choices"
            result.append({"id": f"{row['id']}-{row['start']}-{head}", "from_name": head, "to_name": "segment", "type": kind, "value": answers})
    return {"data": data, "predictions": [{"model_version": "vocpipe", "result": result}]}


def read_tasks(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the annotated tasks of an export as rows of a review, marked as read, with their place in the file; skipped tasks are left out.

    The last annotation of a task counts. What has no answer where one is due is not judged. Raises `InputError` when it is no such export.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
        return [(f"task {number}", _answered(task)) for number, task in enumerate(tasks, 1) if _annotation(task)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not an export of Label Studio", _HINT) from error


def _annotation(task: Mapping[str, Any]) -> dict[str, Any] | None:
    done = [each for each in task["annotations"] if not each.get("was_cancelled")]
    return max(done, key=lambda each: each.get("updated_at") or each.get("created_at") or "") if done else None


def _answered(task: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for answer in (_annotation(task) or {})["result"]:
        value = answer["value"]
        found.setdefault(answer["from_name"], []).extend(value.get("choices") or value.get("text") or [])
    cells = {head: ", ".join(found[head]) if head in found else "?" if head in _ONE_OF else "" for head in HEADS}
    for head in ("sentiment", "theme"):
        cells[head] = "" if cells[head] == _NONE else cells[head]
    return {**{name: value for name, value in task["data"].items() if value is not None}, **cells, "relu": "oui"}
