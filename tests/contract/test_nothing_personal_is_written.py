"""No personal data in any byte that a run writes or prints: tables, quarantine, reports, temporary files, messages, crashes. All values are invented."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.contract.fakes import write_config

ROOT = Path(__file__).parents[2]
SECRETS = {
    "email": "jeanne.dupre@exemple.fr",
    "phone": "06 39 98 12 34",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "card": "4111 1111 1111 1111",
    "nir": "2 85 05 78 006 084 36",
    "plate": "AB-123-CD",
    "address": "12 bis rue des Tilleuls",
    "order": "CMD-88412907",
    "birth_date": "14/07/1962",
    "ip": "82.64.112.199",
    "url": "token=9f8e7d6c5b4a39281706",
    "handle": "@zouzou_du_77",
    "name": "Jeanne Dupré-Lacombe",
}
SENTENCE = (
    "Je suis Mme {name}, née le {birth_date}, j'habite {address} à Melun. Ma commande n° {order} n'est jamais arrivée. Mon mail est {email}, mon téléphone le "
    "{phone}. Voici mon IBAN {iban}, ma carte {card} et mon numéro de sécurité sociale {nir}. Ma voiture est immatriculée {plate}. Connectée depuis {ip} sur "
    "https://www.exemple.fr/suivi?{url} et sur les réseaux {handle}. Le service client est injoignable !"
).format(**SECRETS)


def needles() -> Iterator[str]:
    """Yield every spelling by which a secret would be found, in lower case."""
    for value in SECRETS.values():
        yield value.lower()
        bare = "".join(character for character in value.lower() if character.isalnum())
        if len(bare) >= 8:
            yield bare
    yield from ("dupré-lacombe", "dupre-lacombe", "tilleuls", "zouzou")


def found_in(content: str) -> list[str]:
    """Return the secrets that a text holds, however it is spaced."""
    lower = content.lower()
    bare = "".join(character for character in lower if character.isalnum())
    return sorted({needle for needle in needles() if needle in lower or (needle.isalnum() and len(needle) >= 8 and needle in bare)})


def readable(path: Path) -> str:
    """Return what a file holds: its bytes, and its values when they are compressed in a table."""
    text = path.read_bytes().decode("utf-8", "ignore")
    if path.suffix == ".parquet":
        text += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            text += json.dumps([connection.execute(f"FROM {name}").fetchall() for name in tables], default=str, ensure_ascii=False)
    return text


def leaks(folder: Path) -> dict[str, list[str]]:
    """Return the secrets by the file that holds them, file names included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name: secrets for path in files if (secrets := found_in(readable(path) + str(path.relative_to(folder))))}


def write_exports(folder: Path) -> list[Path]:
    """Write exports with secrets in every place where an export may have some: texts, titles, free columns, identifiers, broken rows, file names."""
    folder.mkdir()
    quoted = SENTENCE.replace('"', '""')
    lines = ["Identifiant;Date;Note;Titre;Commentaire;Nom du client;E-mail;Remarque interne"]
    cells = f'{SECRETS["name"]};{SECRETS["email"]};"rappeler au {SECRETS["phone"]}"'
    lines += [f'R{number};{number + 1:02}/03/2026;2;Avis de Mme {SECRETS["name"]};"{quoted} ({number})";{cells}' for number in range(8)]
    lines += [
        f'{SECRETS["email"]};01/03/2026;2;;"{quoted}";{cells}',
        f'R98;01/03/2026;2;;"{quoted}";{cells};trop;de;champs;{SECRETS["email"]}',
        f"R99;{SENTENCE}",
    ]
    broken = folder / f"avis de {SECRETS['email']}.csv"
    broken.write_text("\n".join(lines) + "\n", encoding="utf-8")
    posts = folder / "posts.jsonl"
    good = {"Identifiant": "P1", "Commentaire": SENTENCE + " (post)", "user": {"name": SECRETS["name"], "email": SECRETS["email"]}}
    posts.write_text(json.dumps(good) + "\n{broken " + SENTENCE + "\n" + json.dumps([SENTENCE]) + "\n", encoding="utf-8")
    return [broken, posts]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personal")
    write_config(folder)
    write_exports(folder / "exports")
    return folder


def vocpipe(folder: Path, *arguments: str, before: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Run the command line in a folder of its own, its temporary files in it too; return all that it prints."""
    for name in ("home", "temporary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    program = f"{before}\nfrom vocpipe.cli import main\nmain()"
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary"), **(environment or {})}
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def run(place: Path, folder: Path, before: str = "") -> str:
    exports = [str(path) for path in sorted((place / "exports").iterdir())]
    return vocpipe(folder, "run", str(place / "run.yaml"), *exports, "--batch", "2026-03", "--workspace", "w", "--workers", "2", before=before)


def test_the_needles_are_found_in_the_exports(place: Path) -> None:
    assert found_in(" ".join(path.read_text(encoding="utf-8") for path in (place / "exports").iterdir())) == sorted({*needles()} - {"dupre-lacombe"})


def test_a_run_writes_and_prints_none(place: Path, tmp_path: Path) -> None:
    printed = run(place, tmp_path)
    assert "10 kept" in printed, printed
    assert "3 in quarantine" in printed or "4 in quarantine" in printed, printed
    assert found_in(printed) == []
    assert leaks(tmp_path) == {}
    manifest = json.loads((tmp_path / "w" / "batches" / "2026-03" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["counts"]["redactions"]) >= set(SECRETS)
    rows = pq.read_table(tmp_path / "w" / "batches" / "2026-03" / "rows")
    assert all("injoignable" in text for text in rows["text"].to_pylist())


@pytest.mark.parametrize("moment", [0, 1, 2, 4, 8])
def test_a_run_that_is_killed_leaves_none(place: Path, tmp_path: Path, moment: int) -> None:
    run(place, tmp_path, before=f"from tests.contract.kill_at import kill_before; kill_before({moment})")
    assert leaks(tmp_path) == {}


def test_a_crash_while_reading_prints_none(place: Path, tmp_path: Path) -> None:
    crash = """
import sys, vocpipe.sources
ingest = sys.modules["vocpipe.sources.ingest"]
def fail(value, *rest):
    raise ValueError(f"cannot read {value!r} of the customer")
ingest.to_date = fail
"""
    printed = run(place, tmp_path, before=crash)
    assert found_in(printed) == []
    assert leaks(tmp_path) == {}
    assert "ValueError" in printed + readable(tmp_path / "w" / "batches" / "2026-03" / "quarantine.parquet")


@pytest.mark.parametrize("command", ["check", "sources check", "sources suggest", "no header"])
def test_other_commands_print_none(place: Path, tmp_path: Path, command: str) -> None:
    exports = [str(path) for path in sorted((place / "exports").iterdir())]
    if command == "check":
        printed = vocpipe(tmp_path, "check", str(place / "run.yaml"), *exports)
    elif command == "sources check":
        printed = vocpipe(tmp_path, "sources", "check", *exports, "--source", str(place / "source.yaml"))
    elif command == "sources suggest":
        printed = vocpipe(tmp_path, "sources", "suggest", exports[0])
    else:
        headless = tmp_path / "headless.csv"
        headless.write_text(f"{SENTENCE}\n{SENTENCE}\n", encoding="utf-8")
        printed = vocpipe(tmp_path, "run", str(place / "run.yaml"), str(headless), "--batch", "2026-03")
        headless.unlink()
    assert printed.strip()
    assert "Traceback" not in printed
    assert found_in(printed) == []
    assert leaks(tmp_path) == {}


def test_pseudonyms_follow_a_person_and_a_workspace_refuses_another_key(place: Path, tmp_path: Path) -> None:
    config = place / "pseudonyms.yaml"
    config.write_text((place / "run.yaml").read_text(encoding="utf-8") + "redaction: {kinds: {name: pseudonym, email: pseudonym}}\n", encoding="utf-8")
    export = tmp_path / "mars.csv"
    export.write_text("Commentaire\nMme Odile Marchand-Rey m'a bien reçue\nmerci à madame ODILE MARCHAND-REY\nM. Karim Benali aussi\n", encoding="utf-8")
    arguments = ("run", str(config), str(export), "--batch", "2026-03", "--workspace", "w")
    assert "VOCPIPE_REDACTION_KEY" in vocpipe(tmp_path, *arguments)
    key = {"VOCPIPE_REDACTION_KEY": "une-phrase-secrète-assez-longue"}
    printed = vocpipe(tmp_path, *arguments, environment=key)
    export.unlink()
    texts = pq.read_table(tmp_path / "w" / "batches" / "2026-03" / "rows")["text"].to_pylist()
    odile, again, karim = (text[text.index("[NOM:") : text.index("]") + 1] for text in texts)
    assert odile == again != karim
    everything = printed + "".join(readable(path) for path in tmp_path.rglob("*") if path.is_file())
    assert "archand" not in everything.lower()
    assert key["VOCPIPE_REDACTION_KEY"] not in everything
    refused = vocpipe(tmp_path, *arguments, environment={"VOCPIPE_REDACTION_KEY": "une-autre-phrase-assez-longue"})
    assert "redaction_key" in refused
    assert "Traceback" not in refused
