"""A table of invented reviews, as a company could hold it, and the source that reads it."""

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import Any

from vocpipe.sources.config import SourceConfig
from vocpipe.sources.rows import Row
from vocpipe.sources.sql import SqlReader

ROWS = 5_000
USER, PASSWORD, URL_PASSWORD = "lectrice", "m0t/de:p@sse", "m0t%2Fde%3Ap%40sse"
SUBJECTS = ("Le conseiller", "L'appli", "La hotline", "Mon dossier", "Le livreur", "L’agence d'Évreux", "Le « suivi »", "La caisse n° 3")
_VERBS = (
    "n'a jamais répondu",
    "a été au top 👍🏽",
    "plante à l'étape 2",
    "m'a coûté 15 €",
    'est "perdu"',
    "traîne depuis Noël",
    "a tout réglé ; merci",
    "bugge\tici",
)
_ENDS = (".", " !!", "…\nEt personne ne rappelle.", " 😡😡", ", c'est 100 % dommage", " :(", "\r\n- accueil\r\n- délai", " où ça ? 🇫🇷")
TABLE = """CREATE TABLE avis (id bigint, modifie timestamptz, rang numeric, code text, depose date, commentaire text, note numeric(3, 1), magasin text,
    recommande boolean, meta jsonb, mots text[])"""


def invented(count: int = ROWS) -> list[dict[str, Any]]:
    """Return rows as the table of a company could hold them."""
    dice = random.Random(7)
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = []
    for number in range(count):
        moment = first + dt.timedelta(minutes=17 * number, microseconds=number)
        text = f"{dice.choice(SUBJECTS)} {dice.choice(_VERBS)}{dice.choice(_ENDS)} ({number})"
        row = {
            "id": 10_000_000_000 + 3 * number,
            "modifie": moment,
            "rang": Decimal(number) / 8,
            "code": f"AV-{number:06}",
            "depose": dice.choice([moment.date(), moment.date(), None]),
            "commentaire": dice.choice([text] * 30 + [None]),
            "note": dice.choice([None, *(Decimal(half) / 2 for half in range(2, 11))]),
            "magasin": dice.choice(["Dax", "Sète", "", None]),
            "recommande": dice.choice([True, False, None]),
            "meta": dice.choice([None, {"appli": {"version": f"4.{dice.randint(0, 9)}"}, "étapes": ["panier", "paiement"]}]),
            "mots": dice.choice([None, [], ["délai", 'mot "clé"']]),
        }
        rows.append(row)
    return rows


def source(query: str = "SELECT * FROM avis ORDER BY id", cursor: str | None = None, **others: Any) -> SourceConfig:
    return SourceConfig(name="avis", format="sql", sql={"url_env": "VOC_DB", "query": query, "cursor": cursor}, **others)


def read(reader: SqlReader) -> tuple[list[Row], Counter[str]]:
    problems: Counter[str] = Counter()
    return list(reader.rows(problems)), problems
