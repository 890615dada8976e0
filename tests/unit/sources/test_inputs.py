"""Inputs: files, archives, folders, patterns and standard input, and what is refused in them."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from vocpipe.errors import InputError
from vocpipe.sources import SourceConfig, ingest
from vocpipe.sources import inputs as module
from vocpipe.sources.inputs import Input, expand

SOURCE = SourceConfig(name="essai")
CSV = "Id;Commentaire\nA1;Déçu par l'accueil\nA2;Très bien\n".encode()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def names(*given: str | Path) -> list[str]:
    return [each.name for each in expand(given)]


def texts(*given: str | Path | Input) -> list[str]:
    return [row["text"] for batch in ingest(given, SOURCE) for row in batch.to_pylist()]


def test_a_folder_gives_its_exports_sorted_without_what_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    for name in (
        "b.csv",
        "a.CSV",
        "2026/mars.jsonl",
        "part-00000.gz",
        "photo.png",
        ".cache.csv",
        ".git/x.csv",
        "~$b.xlsx",
        "README.txt",
        "logo.png.gz",
        "x.tar.gz",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(gzip.compress(CSV) if name.endswith(".gz") else CSV)
    (folder / "vide.csv").touch()
    (folder / "vide.csv.gz").write_bytes(gzip.compress(b""))
    os.symlink(folder / "absent.csv", folder / "lien.csv")
    zipped(folder / "avril.zip", **{"avril.csv": CSV, "photo.png": PNG, "__MACOSX/._avril.csv": PNG, "dedans.zip": b"PK\x03\x04", "vide.csv": b"", "d/": b""})
    assert names(folder) == [
        *("exports/2026/mars.jsonl", "exports/a.CSV", "exports/avril.zip › avril.csv", "exports/b.csv", "exports/part-00000.gz"),
    ]
    assert all(each.part and each.open().read() == CSV for each in expand([folder]))


def test_order_and_repetition_on_the_command_line_change_nothing(tmp_path: Path) -> None:
    for name, content in (("b.csv", CSV), ("a.csv", CSV), ("d/a.csv", CSV + b"A3;autre\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    given = [tmp_path / "b.csv", tmp_path / "a.csv", tmp_path / "d" / "a.csv"]
    found = [each.path for each in expand(given)]
    assert sorted(map(str, found)) == sorted(map(str, given))
    assert [each.path for each in expand([*reversed(given), str(tmp_path / "*.csv")])] == found
    assert [each.name for each in expand(expand(given))] == ["a.csv", "a.csv", "b.csv"]


def test_patterns(tmp_path: Path) -> None:
    for name in ("2025/mars.csv.gz", "2026/mars.csv.gz", "2026/~$mars.csv.gz", "avis[1].csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(gzip.compress(CSV))
    assert names(f"{tmp_path}/*/*.csv.gz") == names(f"{tmp_path}/**/*.csv.gz") == ["2025/mars.csv.gz", "2026/mars.csv.gz"]
    assert names(f"{tmp_path}/202*") == ["2025/mars.csv.gz", "2026/mars.csv.gz"]
    assert names(f"{tmp_path}/avis[1].csv") == ["avis[1].csv"]
    with pytest.raises(InputError, match="no file matches"):
        expand([f"{tmp_path}/*.parquet"])


def test_gzip_is_known_by_its_content_and_hashed_unpacked(tmp_path: Path) -> None:
    (tmp_path / "avis.csv").write_bytes(CSV)
    (tmp_path / "packed.csv").write_bytes(gzip.compress(CSV[:20]) + gzip.compress(CSV[20:]))
    plain, packed = expand([tmp_path / "avis.csv", tmp_path / "packed.csv"])
    assert plain.sha256() == packed.sha256()
    assert (plain.path is None, packed.path) == (False, None)
    assert packed.open_seekable().read() == CSV
    (report,) = list_files(packed)
    assert report == ("packed.csv", len(CSV), packed.sha256())


def list_files(given: Input) -> list[tuple[str, int, str]]:
    ingestion = ingest([given], SOURCE)
    assert sum(batch.num_rows for batch in ingestion) == 2
    return [(file.name, file.bytes, file.sha256) for file in ingestion.report.files]


def test_standard_input_is_kept_in_memory_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (given,) = expand(["-", "-"], io.BytesIO(gzip.compress(CSV)))
    assert (given.name, given.suffix, given.open().read(), given.open().read()) == ("standard input", "", CSV, CSV)
    archive = zipped(tmp_path / "a.zip", **{"mars.csv": CSV}).read_bytes()
    assert [each.name for each in expand(["-"], io.BytesIO(archive))] == ["standard input › mars.csv"]
    monkeypatch.setattr(module, "MEMORY_LIMIT", 10)
    with pytest.raises(InputError, match="standard input holds more than"):
        expand(["-"], io.BytesIO(CSV))
    with pytest.raises(InputError, match=r"avis\.xlsx holds more than"):
        expand([zipped(tmp_path / "b.zip", **{"avis.xlsx": CSV})])[0].open_seekable()


def test_nothing_read_from_standard_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input is empty"):
        ingest(expand(["-"], io.BytesIO(b"")), SOURCE)


def test_missing_files_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "mars.csv").write_bytes(CSV)
    (tmp_path / "vide").mkdir()
    (tmp_path / "creux").mkdir()
    (tmp_path / "creux" / "a.csv").touch()
    for given, message in (
        (tmp_path / "mar.csv", "did you mean 'mars.csv'"),
        (tmp_path / "absent" / "mars.csv", "does not exist either"),
        (tmp_path / "vide", "holds no export"),
        (tmp_path / "vide" / "mars.csv", "is empty"),
        (tmp_path / "creux", "every file is empty"),
    ):
        with pytest.raises(InputError, match=message):
            expand([given])


def test_a_part_may_have_no_row(tmp_path: Path) -> None:
    (tmp_path / "part-0.csv").write_bytes(CSV)
    (tmp_path / "part-1.csv").write_bytes(CSV.splitlines(keepends=True)[0])
    assert texts(tmp_path) == ["Déçu par l'accueil", "Très bien"]
    with pytest.raises(InputError, match="has a header and no row"):
        ingest([tmp_path / "part-1.csv"], SOURCE)


@pytest.mark.parametrize("size", [30, 100, -9, -4])
def test_truncated_gzip(tmp_path: Path, size: int) -> None:
    path = tmp_path / "avis.csv.gz"
    path.write_bytes(gzip.compress(os.urandom(3_000).hex().encode())[:size])
    with pytest.raises(InputError, match=r"avis\.csv\.gz is damaged"):
        ingest([path], SOURCE)


def test_damaged_archives(tmp_path: Path) -> None:
    path = zipped(tmp_path / "avis.zip", **{"mars.csv": CSV * 50})
    whole = bytearray(path.read_bytes())
    whole[60] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"avis\.zip › mars\.csv is damaged"):
        ingest([path], SOURCE)
    path.write_bytes(whole[:100])
    with pytest.raises(InputError, match=r"avis\.zip is damaged"):
        expand([path])


@pytest.mark.parametrize("content", [{}, {"photo.png": PNG}, {"mars.zip": b"PK\x03\x04"}, {"lisez-moi.txt": b"bonjour"}])
def test_archive_without_export(tmp_path: Path, content: dict[str, bytes]) -> None:
    with pytest.raises(InputError, match=r"avis\.zip holds no export"):
        expand([zipped(tmp_path / "avis.zip", **content)])


def test_a_member_that_points_outside_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    path = zipped(tmp_path / "d" / "avis.zip", **{"mars.csv": CSV, "../evil.csv": CSV})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="points outside its archive"):
        expand([path])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_protected_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "avis.zip", **{"mars.csv": CSV})
    content = bytearray(path.read_bytes())
    for start in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[start] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"mars\.csv is protected by a password") as caught:
        expand([path])
    assert "unpack" in caught.value.hint


def test_bombs_are_refused(tmp_path: Path) -> None:
    zeros = bytes(70 << 20)
    small = CSV + b"x" * (5 << 20)  # packed more than 500 times too, but small enough to be harmless
    with pytest.raises(InputError, match=r"mars\.csv grows more than 500 times"):
        expand([zipped(tmp_path / "avis.zip", **{"mars.csv": zeros})])
    (tmp_path / "avis.csv.gz").write_bytes(gzip.compress(zeros))
    with pytest.raises(InputError, match=r"avis\.csv\.gz grows more than 500 times"):
        ingest([tmp_path / "avis.csv.gz"], SOURCE)
    with pytest.raises(InputError, match=r"x\.csv\.gz grows more than 500 times"):
        ingest([zipped(tmp_path / "deux.zip", **{"x.csv.gz": gzip.compress(zeros)})], SOURCE)
    with pytest.raises(InputError, match=r"avis\.xlsx grows more than 500 times"):
        ingest([zipped(tmp_path / "avis.xlsx", **{"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": zeros})], SOURCE)
    assert expand([zipped(tmp_path / "petit.zip", **{"mars.csv": small})])[0].open().read() == small


def test_a_picture_named_as_an_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mars.csv").write_bytes(CSV)
    (tmp_path / "photo.csv").write_bytes(PNG)
    with pytest.raises(InputError, match=r"photo\.csv is not a text file"):
        ingest([tmp_path], SOURCE)


def test_unreadable_member_of_an_unknown_packing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "avis.zip", **{"mars.csv": CSV})
    content = bytearray(path.read_bytes())
    for start in (content.index(b"PK\x03\x04") + 8, content.index(b"PK\x01\x02") + 10):
        content[start] = 9
    path.write_bytes(content)
    with pytest.raises(InputError, match="packed in a way that is not known"):
        expand([path])
