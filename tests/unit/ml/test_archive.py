"""A model travels whole, or does not arrive."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from vocpipe.errors import ModelError
from vocpipe.ml.archive import add_model, export_model
from vocpipe.ml.store import list_models, sha256_of, verify


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "here" / "tiny" / "1"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "README.md").write_text("# tiny")
    empty: dict[str, object] = {name: [] for name in ("emotions", "steps", "themes", "flags")}
    about = {"name": "tiny", "version": "1", "description": "", "licence": "", "taxonomy": "1", "cleaning": 1, "thresholds": {}, "training": {}, "metrics": {}}
    (folder / "card.json").write_text(json.dumps({**about, **empty, "files": {"tokenizer.json": sha256_of(folder / "tokenizer.json")}}))
    return folder


def zipped(place: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return place


def test_there_and_back(model: Path, tmp_path: Path) -> None:
    archive = export_model(model, tmp_path / "tiny.zip")
    assert export_model(model, tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    folder = export_model(model, tmp_path / "plain")
    for given, store in ((archive, tmp_path / "there"), (folder, tmp_path / "elsewhere")):
        added = add_model(given, store)
        assert added == store / "tiny" / "1"
        assert {file.name: file.read_bytes() for file in added.iterdir()} == {file.name: file.read_bytes() for file in model.iterdir()}
        assert [card.name for _, card in list_models(store)] == ["tiny"]
        assert verify(added).version == "1"
        with pytest.raises(ModelError, match="versions never change"):
            add_model(given, store)
    with pytest.raises(ModelError, match="is there already"):
        export_model(model, archive)


def test_a_changed_model_neither_leaves_nor_arrives(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    (copy / "tokenizer.json").write_text("{ }")
    with pytest.raises(ModelError, match="differs from its card"):
        export_model(copy, tmp_path / "changed.zip")
    files = {f"tiny/1/{file.name}": file.read_bytes() for file in copy.iterdir()}
    with pytest.raises(ModelError, match="differs from its card"):
        add_model(zipped(tmp_path / "changed.zip", files), tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"tiny/1/weights.pkl": b"x"}, "is not a file of a model"),
        ({"tiny/1/.hidden.json": b"x"}, "is not a file of a model"),
        ({"tiny/1/extra.json": b"{}"}, "not on the model's card"),
        ({"../outside.json": b"{}"}, "does not hold the files of one model"),
        ({"/etc/outside.json": b"{}"}, "does not hold the files of one model"),
    ],
)
def test_an_archive_of_anything_else_is_refused(model: Path, tmp_path: Path, more: dict[str, bytes], told: str) -> None:
    files = {f"tiny/1/{file.name}": file.read_bytes() for file in model.iterdir()}
    with pytest.raises(ModelError, match=told):
        add_model(zipped(tmp_path / "bad.zip", {**files, **more}), tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "outside.json").exists()


def test_names_from_outside_do_not_choose_the_place(model: Path, tmp_path: Path) -> None:
    files = {f"../../{file.name}": file.read_bytes() for file in model.iterdir()}
    assert add_model(zipped(tmp_path / "up.zip", files), tmp_path / "a" / "there") == tmp_path / "a" / "there" / "tiny" / "1"
    assert not (tmp_path / "card.json").exists()
    card = json.loads((model / "card.json").read_text())
    for name in ("../evil", ".hidden", "a/b", ""):
        files["../../card.json"] = json.dumps({**card, "name": name}).encode()
        with pytest.raises(ModelError, match="cannot be a folder's name"):
            add_model(zipped(tmp_path / "evil.zip", files), tmp_path / "b" / "there")


def test_what_is_no_archive_is_told(model: Path, tmp_path: Path) -> None:
    whole = export_model(model, tmp_path / "tiny.zip").read_bytes()
    for content in (b"", b"PK", whole[: len(whole) // 2]):
        (tmp_path / "cut.zip").write_bytes(content)
        with pytest.raises(ModelError, match="zip archive"):
            add_model(tmp_path / "cut.zip", tmp_path / "there")
    with pytest.raises(ModelError, match="no such file"):
        add_model(tmp_path / "none.zip", tmp_path / "there")
