"""Columns that hold personal data by their header, and identifiers."""

from pathlib import Path
from typing import Any

import pytest

from vocpipe.french.redaction import KINDS, RedactionSettings, Redactor
from vocpipe.sources import Ingestion, SourceConfig, ingest
from vocpipe.sources.personal import PERSONAL_KINDS, personal_kind


def read(tmp_path: Path, text: str, **settings: object) -> tuple[list[dict[str, Any]], Ingestion]:
    path = tmp_path / "e.csv"
    path.write_text(text, encoding="utf-8")
    ingestion = ingest([path], SourceConfig.model_validate({"name": "essai", **settings}))
    return [row for batch in ingestion for row in batch.to_pylist()], ingestion


def test_kinds_are_those_of_the_redaction() -> None:
    assert set(PERSONAL_KINDS) <= set(KINDS)


HEADERS = {
    "name": "nom|Prénom|Nom du client|NOM ET PRÉNOM|firstName|last_name|Auteur|Auteur de l'avis|Client|reviewer name|Nom du conseiller|nomClient|Votre nom",
    "email": "Email|E-mail|Adresse e-mail du client|Contact mail|email_address|Courriel|order.payer.email",
    "phone": "Téléphone|Tél. portable|phone_number|Mobile|N° de téléphone",
    "address": "Adresse|Adresse postale|Adresse 1|street|Adresse de livraison",
    "birth_date": "Date de naissance|Né(e) le|birth date|Date de naissance du client|DDN",
    "iban": "IBAN|RIB|IBAN/BIC",
    "handle": "Pseudo|pseudonyme|user.screen_name|username|user.name|Surnom",
    "client": "N° client|Numéro client|customer_id|customerId|Code client|N° d'adhérent|N°client|user_id",
    "contract": "N° de contrat|Numéro de police|policy number|N° de contrat du client|Réf. contrat",
    "order": "N° commande|order_id|Référence commande|Numéro de facture",
    "claim": "N° sinistre|N° de dossier|ticket_id|Numéro de réclamation",
}
NOT_PERSONAL = (
    "Nom du produit|Nom du magasin|product name|Magasin|Contrat|Commande|Date de commande|Code postal|Ville|id|Identifiant|Note /5|Adresse du magasin",
    "Canal de contact|Membre|Service client|Satisfaction client|Nombre de commandes|Sujet de la demande|Profil|Title|Code promo|Commentaire|Abonné|Agence",
    "store.name|shop.address|product.details.name|Date appel téléphone|Durée appel mobile|Tél. : heure|M.",
    "Nom commercial|Référence|Numéro|Date|Date de contact|Code produit|Nom de la campagne|Enseigne|Avis|Client depuis|Type de client|Réponse|Question|NPS",
)


@pytest.mark.parametrize(("kind", "header"), [(kind, header) for kind, headers in HEADERS.items() for header in headers.split("|")])
def test_headers_of_personal_data(kind: str, header: str) -> None:
    assert personal_kind(header) == kind


@pytest.mark.parametrize("header", [header for headers in NOT_PERSONAL for header in headers.split("|")])
def test_headers_of_anything_else(header: str) -> None:
    assert personal_kind(header) is None


PERSONAL = {
    "E-mail": ("jean arobase exemple", "email", "[EMAIL]"),
    "Téléphone": ("612345678", "phone", "[TELEPHONE]"),
    "IBAN": ("FR76 3000 6000 0112", "iban", "[IBAN]"),
    "Nom du client": ("dupont", "name", "[NOM]"),
    "Auteur": ("Zoé D.", "name", "[NOM]"),
    "Pseudonyme": ("zouzou75", "handle", None),
    "Adresse": ("3 chemin creux, Lille", "address", None),
    "Date de naissance": ("12/03/1975", "birth_date", None),
    "N° client": ("00123", "client", None),
    "N° de contrat": ("A-77", "contract", None),
    "N° commande": ("2021/77", "order", None),
}


@pytest.mark.parametrize("header", PERSONAL)
def test_columns_of_personal_data_are_replaced_as_a_whole(tmp_path: Path, header: str) -> None:
    value, kind, marker = PERSONAL[header]
    rows, ingestion = read(tmp_path, f"Commentaire;{header};Ville\nbien;{value};Lille\nmal;;Nord\n")
    kept = dict(rows[0]["attributes"])
    assert kept[header] != value
    assert marker in (None, kept[header])
    assert kept["Ville"] == "Lille"
    assert ingestion.report.redactions == {kind: 1}
    assert dict(rows[1]["attributes"]) == {"Ville": "Nord"}


def test_columns_of_personal_data_that_are_kept_or_have_pseudonyms(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("Commentaire;Nom\nbien;Dupont\nmal;DUPONT\nbof;Petit\n", encoding="utf-8")

    def names(mode: str) -> tuple[list[str], dict[str, int]]:
        redactor = Redactor(RedactionSettings.model_validate({"kinds": {"name": mode}}), key="k" * 20)
        ingestion = ingest([path], SourceConfig(name="essai"), redactor=redactor)
        return [dict(row["attributes"])["Nom"] for batch in ingestion for row in batch.to_pylist()], ingestion.report.redactions

    one, two, other = names("pseudonym")[0]
    assert one == two != other
    assert names("pseudonym")[1] == {"name": 3}
    assert names("keep") == (["Dupont", "DUPONT", "Petit"], {})


@pytest.mark.parametrize(
    ("header", "value", "kept"),
    [
        ("N° commande", "4111111111111111", "4111111111111111"),
        ("N° client", "123456782", "123456782"),
        ("Identifiant", "AB-123-CD", "AB-123-CD"),
        ("Identifiant", "0612345678", "[TELEPHONE]"),
        ("E-mail", "jean arobase exemple", "[EMAIL]"),
        ("Téléphone", "612345678", "[TELEPHONE]"),
    ],
)
def test_identifiers_of_rows_are_kept_and_those_of_people_are_not(tmp_path: Path, header: str, value: str, kept: str) -> None:
    rows, _ = read(tmp_path, f"{header};Commentaire\n{value};bien\n", columns={"source_id": header})
    other, _ = read(tmp_path, f"{header};Commentaire\nautre;bien\n", columns={"source_id": header})
    assert rows[0]["source_id"] == kept
    assert (rows[0]["verbatim_id"] == read(tmp_path, "Commentaire\nbien\n")[0][0]["verbatim_id"]) == (kept != value)
    assert other[0]["attributes"] == []
