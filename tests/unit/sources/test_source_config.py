"""Source files: every mistake is told at once, and the sources that come with vocpipe read what they say."""

import re
from pathlib import Path

import pytest

from vocpipe.errors import ConfigError
from vocpipe.resources import root
from vocpipe.sources import SourceConfig, ingest, load_source
from vocpipe.sources.headers import MAPPABLE


def test_every_mistake_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text("nme: x\nformat: cvs\nencoding: utf-9\ndelimiter: ';;'\ncolumns: {txt: a}\nscales: {star: [1, 5]}\nmax_text: beaucoup\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_source(path)
    message = caught.value.message
    for part in (
        "did you mean 'name'",
        "name: Field required",
        "'xlsx'",
        "utf-9",
        "';;' is not a delimiter",
        "did you mean 'text'",
        "did you mean 'stars'",
        "max_text",
    ):
        assert part in message
    assert "8 mistake(s)" in message


@pytest.mark.parametrize("content", ["", "- a\n", "name: [", "name: x\nscales: {stars: [3, 3]}\n"])
def test_broken_yaml(tmp_path: Path, content: str) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"faux\.yaml"):
        load_source(path)


def test_unknown_source_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'insurance'"):
        load_source("insurence")


NAMES = sorted(path.stem for path in (root() / "configs" / "sources").glob("*.yaml"))


def test_sources_that_come_with_vocpipe() -> None:
    assert {"auto", "ecommerce", "insurance", "posts", "survey"} <= set(NAMES)
    sources = [load_source(name) for name in NAMES]
    assert len({source.name for source in sources}) == len(sources)


def test_commented_lines_of_auto_are_valid(tmp_path: Path) -> None:
    text = (root() / "configs" / "sources" / "auto.yaml").read_text(encoding="utf-8")
    blocks = re.findall(r"^# ([a-z_]+):(.*(?:\n#  .*)*)", text, re.MULTILINE)
    assert {name for name, _ in blocks} == set(SourceConfig.model_fields) - {"name"}
    for name, content in blocks:
        path = tmp_path / "one.yaml"
        path.write_text(f"name: export\n{'format: sql' if name == 'sql' else ''}\n{name}:{content}".replace("\n# ", "\n"), encoding="utf-8")
        assert name in load_source(path).model_fields_set
    listed = dict(blocks)["columns"]
    assert all(f"#   {column}: " in listed for column in MAPPABLE)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ("format: sql", "sql: is missing: with format: sql"),
        ("sql: {url_env: VOC_URL, query: SELECT 1}", "belongs to format: sql"),
        ("format: sql\nsql: {url_env: 'postgresql://voc:secret@host/base', query: SELECT 1}", "never the address itself"),
        ("format: sql\nsql: {url_env: VOC_URL, qery: SELECT 1}", "did you mean 'query'"),
        ("records: data..reviews", "not a dotted path"),
        ("format: csv\nrecords: data.reviews", "belongs to format: json"),
        ("timezone: paris", "did you mean 'Europe/Paris'"),
        ("timezone: Europe/Pariss", "did you mean 'Europe/Paris'"),
        ("timezone: chez nous", "such as Europe/Paris"),
        ("columns: {text: Avis}\ntext_parts: {plus: Les +}", "columns maps text too"),
        ("columns: {title: Titre}\ntext_parts: {plus: Les +}", "columns maps title too"),
        ("text_parts: {plus: Les +, moins: LES +}", "has two roles"),
        ("text_parts: {plus: ' '}", "'plus' needs the header of a column"),
        ("text_parts: {'': Les +}", "a role is blank"),
        ("labels: {csta: [bof, bien]}", "did you mean 'csat'"),
        ("labels: {csat: [bien]}", "two labels or more"),
        ("labels: {csat: [Moyen, BIEN, bien]}", "'bien' is there twice"),
    ],
)
def test_settings_that_do_not_go_together(tmp_path: Path, settings: str, part: str) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text(f"name: x\n{settings}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_source(path)
    assert part in caught.value.message
    assert "1 mistake(s)" in caught.value.message or "qery" in settings
    assert "secret" not in str(caught.value)


def test_mistakes_of_every_new_setting_in_one_error(tmp_path: Path) -> None:
    path = tmp_path / "faux.yaml"
    settings = ("format: sql", "records: a.", "text_parts: {a: b, c: b}", "labels: {nps: [oui]}", "timezone: Pariss", "columns: {text: a}")
    path.write_text("name: x\n" + "\n".join(settings), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"5 mistake\(s\)") as caught:
        load_source(path)
    for setting in ("sql", "records", "text_parts", "labels", "timezone"):
        assert f"\n  {setting}: " in caught.value.message


def test_null_text_goes_with_parts() -> None:
    source = SourceConfig.model_validate({"name": "x", "columns": {"text": None}, "text_parts": {"plus": "Les +"}})
    assert source.text_parts == {"plus": "Les +"}


def test_survey_source(tmp_path: Path) -> None:
    path = tmp_path / "enquete.csv"
    path.write_text(
        "N° réponse;Date de réponse;Canal;Magasin;Recommandation (0 à 10);Satisfaction (1 à 5);Commentaire\nR1;01/09/2026;web;Lyon;3;4;Trop d'attente\n",
        encoding="cp1252",
    )
    (row,) = [row for batch in ingest([path], load_source("survey")) for row in batch.to_pylist()]
    assert (row["company"], row["product"], row["channel"], row["nps"], row["csat"], row["score"]) == ("Maison Lutèce", "Lyon", "web", 3.0, 4.0, 0.75)
