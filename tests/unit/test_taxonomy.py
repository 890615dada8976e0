"""The taxonomy that ships is the annotation guide's, and a broken one is refused with every mistake named."""

import shutil
from pathlib import Path

import pytest

from vocpipe import resources
from vocpipe.errors import ConfigError
from vocpipe.taxonomy import load_taxonomy

SHIPPED = resources.root() / "configs" / "taxonomies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "taxonomies"))


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_codes_are_those_of_the_guide_in_its_order() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.emotion_codes == ("joie", "gratitude", "surprise", "tristesse", "deception", "peur", "frustration", "colere", "degout")
    assert taxonomy.flag_codes == ("effort", "churn", "suggestion", "reco", "antireco")
    assert " ".join(taxonomy.theme_codes) == (
        "prix delai joignabilite relation information procedure digital livraison produit remboursement "
        "facturation contrat fiabilite disponibilite lieu securite global"
    )
    assert [(step.code, step.phase) for step in taxonomy.steps] == [
        *((code, "avant") for code in ("decouverte", "recherche")),
        *((code, "pendant") for code in ("achat", "livraison")),
        *((code, "apres") for code in ("usage", "facturation", "assistance", "reclamation", "fidelite", "depart")),
        ("general", None),
    ]
    assert taxonomy.version == "1"


def test_roll_ups_are_those_of_the_guide() -> None:
    schemes = load_taxonomy().schemes
    assert list(schemes) == ["ekman", "cx"]
    assert [label.code for label in schemes["ekman"].labels] == ["joie", "surprise", "tristesse", "peur", "colere", "degout"]
    assert [label.code for label in schemes["cx"].labels] == ["joie", "gratitude", "surprise", "deception", "frustration", "colere"]
    assert list(schemes["ekman"].of.values()) == ["joie", "joie", "surprise", "tristesse", "tristesse", "peur", "colere", "colere", "degout"]
    assert list(schemes["cx"].of.values()) == ["joie", "gratitude", "surprise", "deception", "deception", "frustration", "frustration", "colere", "colere"]


def test_every_label_is_readable_in_both_languages() -> None:
    taxonomy = load_taxonomy()
    coarse = [label for scheme in taxonomy.schemes.values() for label in scheme.labels]
    for label in (*taxonomy.emotions, *taxonomy.phases, *taxonomy.steps, *taxonomy.themes, *taxonomy.flags, *coarse):
        assert label.fr, label
        assert label.en, label
        assert label.definition.endswith((".", ")")), label


def test_fingerprint_follows_the_content_and_not_the_layout_of_the_file(folder: Path) -> None:
    shipped = load_taxonomy().fingerprint
    edit(folder / "themes.yaml", "themes:", "# a comment\n\nthemes:")
    assert load_taxonomy(folder).fingerprint == shipped
    edit(folder / "themes.yaml", "Joignabilité", "Accès")
    assert load_taxonomy(folder).fingerprint != shipped


def test_every_mistake_is_told_at_once_with_the_nearest_valid_name(folder: Path) -> None:
    edit(folder / "steps.yaml", "phase: pendant", "phase: pendent")
    edit(folder / "emotions.yaml", "      gratitude: joie\n", "")
    edit(folder / "emotions.yaml", "      degout: colere\n", "      degout: coler\n")
    edit(folder / "emotions.yaml", "      surprise: surprise\n", "      surprise: surprise\n      suprise: surprise\n")
    edit(folder / "themes.yaml", "code: delai", "code: prix")
    edit(folder / "flags.yaml", "fr: Effort, ", "")
    with pytest.raises(ConfigError) as caught:
        load_taxonomy(folder)
    lines = caught.value.message.splitlines()[1:]
    assert lines == [
        "  - flags.yaml: flags.0.fr: Field required",
        "  - emotions.yaml: schemes.ekman.of: 'gratitude' is missing",
        "  - emotions.yaml: schemes.ekman.of: 'suprise' is not an emotion; did you mean 'surprise'?",
        "  - emotions.yaml: schemes.cx.of.degout: 'coler' is not a label of this scheme; did you mean 'colere'?",
        "  - steps.yaml: achat: 'pendent' is not a phase; did you mean 'pendant'?",
        "  - themes.yaml: themes: 'prix' is given 2 times",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"themes: [", "not valid YAML"), (b"", "valid dictionary"), (b"\xff\xfe", "not UTF-8"), (b"version: 2\nthemes: []", "the list is empty")],
)
def test_broken_files_are_told_without_a_traceback(folder: Path, content: bytes, told: str) -> None:
    (folder / "themes.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        load_taxonomy(folder)


def test_a_missing_file_and_mixed_versions_are_told(folder: Path) -> None:
    (folder / "flags.yaml").unlink()
    edit(folder / "steps.yaml", "version: 1", "version: 2")
    with pytest.raises(ConfigError) as caught:
        load_taxonomy(folder)
    assert "flags.yaml: cannot be read" in caught.value.message
    assert "different versions: 1, 2" in caught.value.message
