"""Source files: every mistake is told at once, and the sources that come with vocpipe read what they say."""

from pathlib import Path

import pytest

from vocpipe.errors import ConfigError
from vocpipe.resources import root
from vocpipe.sources import SourceConfig, ingest, load_source


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
    lines = (root() / "configs" / "sources" / "auto.yaml").read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("# ") for line in lines if line.startswith("# ") and (line[2:].split(":")[0].strip().isidentifier() and ":" in line)]
    path = tmp_path / "all.yaml"
    path.write_text("\n".join(["name: export", *settings]), encoding="utf-8")
    source = load_source(path)
    assert source.model_fields_set == set(SourceConfig.model_fields)


def test_survey_source(tmp_path: Path) -> None:
    path = tmp_path / "enquete.csv"
    path.write_text(
        "N° réponse;Date de réponse;Canal;Magasin;Recommandation (0 à 10);Satisfaction (1 à 5);Commentaire\nR1;01/09/2026;web;Lyon;3;4;Trop d'attente\n",
        encoding="cp1252",
    )
    (row,) = [row for batch in ingest([path], load_source("survey")) for row in batch.to_pylist()]
    assert (row["company"], row["product"], row["channel"], row["nps"], row["csat"], row["score"]) == ("Maison Lutèce", "Lyon", "web", 3.0, 4.0, 0.75)
