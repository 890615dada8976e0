"""Suggested mappings: right by header and by values, ready to be used, and without a customer's words."""

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vocpipe.errors import InputError
from vocpipe.resources import PACKAGE, root
from vocpipe.sources import SourceConfig, ingest, load_source
from vocpipe.sources.headers import KNOWN_HEADERS
from vocpipe.sources.likeness import likeness
from vocpipe.sources.profile import profile
from vocpipe.sources.suggest import Suggestion, suggest

DICE = random.Random(3)
SUBJECTS = ("Le conseiller", "La livraison", "Mon colis", "L'application", "Le magasin", "La caisse", "Votre site", "Le service")
VERBS = ("a mis trois jours à répondre", "est arrivé cassé dans son carton", "ne marche plus depuis la mise à jour", "m'a très bien renseigné pour mon achat")
ENDS = ("je suis déçue", "merci à vous", "à revoir", "rien à redire")
SATISFACTION = ("Pas du tout satisfait", "Plutôt pas satisfait", "Plutôt satisfait", "Très satisfait")


def words(number: int = 0) -> str:
    return f"{DICE.choice(SUBJECTS)} {DICE.choice(VERBS)}, {DICE.choice(ENDS)} ({DICE.randrange(10_000)})."


def day(number: int = 0) -> str:
    return f"{DICE.randrange(1, 29):02}/03/2026"


def one_of(*values: object) -> Callable[[int], object]:
    return lambda number: DICE.choice(values)


def table(tmp_path: Path, rows: int = 150, **columns: Callable[[int], object]) -> Path:
    """Write an export of those columns; an underscore in a name stands for a space."""
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([name.replace("_", " ") for name in columns])
        writer.writerows([make(number) for make in columns.values()] for number in range(rows))
    return path


def loaded(tmp_path: Path, suggestion: Suggestion) -> SourceConfig:
    path = tmp_path / "suggested.yaml"
    path.write_text(suggestion.yaml, encoding="utf-8")
    return load_source(path)


def lines_about(suggestion: Suggestion, word: str) -> list[str]:
    return [line for line in suggestion.yaml.split("\n") if word in line]


def test_survey_with_three_ratings_and_two_texts(tmp_path: Path) -> None:
    mood = [DICE.randrange(4) for _ in range(200)]
    path = table(
        tmp_path,
        rows=200,
        **{
            "N° réponse": lambda number: f"R{number:05}",
            "Répondu le": day,
            "Canal": one_of("web", "sms", "magasin"),
            "Recommanderiez-vous l'enseigne à un proche ? (0 à 10)": one_of(*range(11)),
            "Satisfaction globale": lambda number: SATISFACTION[mood[number]],
            "Effort fourni": lambda number: min(7, 7 - 2 * mood[number] + number % 2),
            "Points forts": lambda number: words() if number % 5 else "",
            "Points faibles": lambda number: words() if number % 3 else "",
            "E-mail": lambda number: f"c{number}@exemple.fr",
            "N° commande": lambda number: str(10_000 + number),
            "Remarque interne": lambda number: "rappeler le 06 12 34 56 78" if number % 2 else "vu",
            "Région": one_of("Nord", "Sud"),
        },
    )
    suggestion = suggest(path, "satisfaction")
    source = loaded(tmp_path, suggestion)
    assert source.columns == {
        "source_id": "N° réponse",
        "date": "Répondu le",
        "channel": "Canal",
        "nps": "Recommanderiez-vous l'enseigne à un proche ? (0 à 10)",
        "csat": "Satisfaction globale",
        "ces": "Effort fourni",
    }
    assert source.text_parts == {"points forts": "Points forts", "points faibles": "Points faibles"}
    assert source.scales == {"nps": (0, 10), "ces": (7, 1)}
    assert source.labels == {"csat": SATISFACTION}
    assert "goes down where csat goes up" in suggestion.yaml
    for expected in ("E-mail (email, by its header", "N° commande (order, by its header", "Remarque interne (phone in 50% of the cells", "Région"):
        assert lines_about(suggestion, expected)
    assert all(choice.likeness.confidence >= 0.7 for choice in suggestion.choices)
    assert not any(private in suggestion.yaml for private in (*SUBJECTS, *VERBS, "exemple.fr", "10042", "06 12"))
    ingestion = ingest([path], source)
    rows = [row for batch in ingestion for row in batch.to_pylist()]
    assert ingestion.report.problems == {}
    assert all(row["score"] is not None for row in rows)


def test_english_reviews_in_nested_json(tmp_path: Path) -> None:
    path = tmp_path / "reviews-2026-03.jsonl"
    rows = [
        {
            "reviewId": f"{DICE.getrandbits(64):016x}",
            "createdAt": f"2026-03-{number % 28 + 1:02}T23:10:00Z",
            "rating": DICE.randrange(1, 6),
            "reviewText": words(),
            "user": {"name": "zouzou", "id": number % 70},
            "store": {"name": DICE.choice(["Lille", "Lyon"])},
            "reply": {"text": words()},
        }
        for number in range(150)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    suggestion = suggest(path)
    source = loaded(tmp_path, suggestion)
    assert source.name == "reviews"
    assert source.columns == {"text": "reviewText", "source_id": "reviewId", "date": "createdAt", "product": "store.name", "stars": "rating"}
    assert source.timezone == "Europe/Paris"
    assert source.text_parts == {}
    assert "zouzou" not in suggestion.yaml
    assert lines_about(suggestion, "user.name (handle")


def test_unknown_headers_are_found_by_their_values(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        Q1=one_of(1, 2, 3, 4, 5),
        Q2=words,
        Q3=one_of("Oui", "Non"),
        Moment=lambda number: f"03/{number % 28 + 1:02}/2026 10:00",
        Clef=lambda number: f"K-{number}",
    )
    suggestion = suggest(path)
    source = loaded(tmp_path, suggestion)
    assert source.columns == {"text": "Q2", "date": "Moment", "source_id": "Clef"}
    assert source.day_first is False
    assert lines_about(suggestion, '# stars: "Q1"  # only 0.4')
    assert lines_about(suggestion, "Kept as attributes: Q1, Q3")
    assert {choice.column: choice.likeness.confidence for choice in suggestion.choices}["text"] < 0.95


def test_headers_that_lie_are_refused(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        id=lambda number: number + 1,
        Objet=one_of("Devis", "Sinistre"),
        Avis=words,
        score=one_of("A1", "B2", "C3"),
        Réponse_du_magasin=words,
        Date_de_naissance=lambda number: "12/03/1975",
        Date_de_visite=day,
    )
    suggestion = suggest(path)
    source = loaded(tmp_path, suggestion)
    assert source.columns == {"text": "Avis", "title": None, "source_id": None, "date": "Date de visite", "stars": None}
    assert lines_about(suggestion, "only numbers the rows")
    assert lines_about(suggestion, '# not "Objet": 0.1')
    (row, *_) = [row for batch in ingest([path], source) for row in batch.to_pylist()]
    assert dict(row["attributes"])["Date de naissance"] == "[NAISSANCE]"


def test_question_and_answer(tmp_path: Path) -> None:
    path = table(tmp_path, Question=one_of("Que pensez-vous du magasin ?", "Et de la caisse ?"), Réponse=words, Note=one_of(1, 2, 3, 4, 5, 5))
    source = loaded(tmp_path, suggest(path))
    assert source.columns == {"text": "Réponse", "question": "Question", "stars": "Note"}


def test_a_question_as_header_is_the_question(tmp_path: Path) -> None:
    path = table(tmp_path, **{'Pourquoi "5" ?\n(dites-nous tout : #1)': words})
    source = loaded(tmp_path, suggest(path))
    assert source.columns["text"] == 'Pourquoi "5" ?\n(dites-nous tout : #1)'
    assert source.question == 'Pourquoi "5" ? (dites-nous tout : #1)'
    assert ingest([path], source).report.kept == 0


def test_other_long_texts_are_proposed_as_parts(tmp_path: Path) -> None:
    path = table(tmp_path, Commentaire=words, Votre_suggestion=words, Réponse_de_l_enseigne=words)
    suggestion = suggest(path)
    source = loaded(tmp_path, suggestion)
    assert source.columns == {"text": "Commentaire"}
    text = suggestion.yaml[suggestion.yaml.index("# text_parts:") :].split("\n")
    assert text[1:3] == ['#   "Commentaire": "Commentaire"', '#   "suggestions": "Votre suggestion"']
    assert "Réponse de l enseigne" not in "".join(text[:4])


@pytest.mark.parametrize(
    ("header", "values", "scale"),
    [
        ("Note", [1, 2, 3, 4, 5], (1, 5)),
        ("Note", ["4/10", "8/10"], (0, 10)),
        ("Note", [0, 3, 5, 7, 10], (0, 10)),
        ("Note", [1, 3, 5, 8, 10], (1, 10)),
        ("Note", [2, 3, 4], (1, 4)),
        ("Note", [3, 3], (1, 5)),
        ("Note", [12, 15, 20], (0, 20)),
        ("Note", [1, 2, 3, 4, 4.5, 5], (1, 5)),
        ("Note sur 20", [3, 4], (0, 20)),
        ("Satisfaction (de 1 à 7)", [1, 2], (1, 7)),
        ("Satisfaction", [10, 55, 80], (0, 100)),
        ("Satisfaction", ["★★★", "★★★★★"], (1, 5)),
        ("NPS", [7, 8, 9], (0, 10)),
        ("CES", [1, 2, 3, 4, 5, 6, 7], (1, 7)),
    ],
)
def test_scale_seen(tmp_path: Path, header: str, values: list[object], scale: tuple[float, float]) -> None:
    path = table(tmp_path, rows=400, **{header: one_of(*values), "Commentaire": words})
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([lines[0], f"99;{words()}", *lines[1:]]), encoding="utf-8")
    (found,) = loaded(tmp_path, suggest(path)).scales.values()
    assert found == scale


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ({"12/03/2026": day, "Très bien": words}, "has no header"),
        ({"jean@exemple.fr": words, "x": day}, "has no header"),
        ({"Code": one_of("A", "B"), "Montant": one_of(*range(200)), "Ville": one_of("Lille", "Lyon")}, "no column looks like a customer's words"),
    ],
)
def test_exports_that_cannot_be_read(tmp_path: Path, columns: dict[str, Callable[[int], object]], part: str) -> None:
    with pytest.raises(InputError) as caught:
        suggest(table(tmp_path, **columns))
    assert part in caught.value.message
    assert caught.value.hint
    assert "jean@" not in str(caught.value)


def test_an_export_without_rows_or_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no row"):
        suggest(table(tmp_path, rows=0, Commentaire=words, Date=day))
    with pytest.raises(InputError, match="did you mean"):
        suggest(tmp_path / "exprot.csv")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    headers=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12), min_size=1, max_size=5, unique_by=str.casefold),
    cells=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=1, max_size=10),
)
def test_whatever_the_headers_what_is_printed_can_be_loaded(tmp_path: Path, headers: list[str], cells: list[str]) -> None:
    book = openpyxl.Workbook()
    for row in ([*headers, "Commentaire"], *([*([cell] * len(headers)), words()] for cell in cells)):
        book.active.append([f"'{value}" if value.startswith("=") else value for value in row])
    book.save(tmp_path / "export.xlsx")
    try:
        suggestion = suggest(tmp_path / "export.xlsx")
    except InputError:
        return
    source = loaded(tmp_path, suggestion)
    list(ingest([tmp_path / "export.xlsx"], source))


def test_every_column_of_ours_can_be_judged() -> None:
    for values in ([], [None, " "], ["a"], [3, "x" * 5000], ["12/03/2026", "jean@exemple.fr"]):
        for column in KNOWN_HEADERS:
            assert 0 <= likeness(column, profile("Avis", values)).confidence <= 1


DUMPS = root().parent / "shared" / "data" / "dumps"
INSURANCE = {
    "text": "Commentaire",
    "source_id": "Identifiant",
    "date": "Date de dépôt",
    "company": "Assureur",
    "product": "Produit",
    "stars": "Note /5",
}
SHOP = {"text": "review", "source_id": None, "date": "published", "stars": "stars"}
EXPECTED = {
    **dict.fromkeys((f"assurance-2021-{month}.csv" for month in ("03", "04", "05", "06")), INSURANCE),
    **dict.fromkeys(("ecommerce-2023-03.xlsx", "ecommerce-2023-04.xlsx"), SHOP),
    "telecom-posts.jsonl": {"text": "full_text", "date": "created_at", "channel": "platform"},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_exports_need_no_edit(tmp_path: Path, name: str) -> None:
    if not (DUMPS / name).is_file():
        pytest.skip("the real exports are not part of the project")
    suggestion = suggest(DUMPS / name)
    source = loaded(tmp_path, suggestion)
    assert source.columns == EXPECTED[name]
    assert source.scales == ({"stars": (1, 5)} if "stars" in source.columns else {})
    assert all(choice.likeness.confidence >= 0.8 for choice in suggestion.choices if not choice.refused)


def test_the_sample_needs_no_edit(tmp_path: Path) -> None:
    suggested = loaded(tmp_path, suggest(PACKAGE / "sample" / "2026-01.csv"))
    declared = load_source("survey")
    assert suggested.columns == declared.columns
    assert suggested.scales == declared.scales
