"""Small feeds for the tests of sinks: two months made by hand, and words that break what is careless."""

from dataclasses import replace
from pathlib import Path

from tests.unit.feeds.conftest import APRIL, FACTS, MARCH, Opinion, Verbatim, catalogue_of, entry, write_batch
from vocpipe.feeds import BatchFiles, FeedSettings, build
from vocpipe.feeds.settings import AlertSettings
from vocpipe.taxonomy import load_taxonomy

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>alert('été')</script>\t;\r\n\u202ereversed",
    'a\n\\.\nb \\N \\t {NULL,"x"}',
    "'); DROP TABLE fact_opinion; --",
    "a\x00b",
    "long " * 2000,
    '"',
    "👨‍👩‍👧 e\u0301",
    "NULL",
    "",
)
CATALOGUE = catalogue_of(
    entry("IRR-0001", "livraison en retard", label_en="late delivery", terms=['a"b\\', "{c,d}", "NULL", "", "=e\tf"]),
    entry("IRR-0002", "application qui plante", edited=True, quote=HOSTILE[2]),
    entry("ENC-0001", "vendeurs charmants", theme="relation", step="achat", terms=[]),
)
SETTINGS = FeedSettings(alerts=AlertSettings(min_verbatims=1))


def batches(place: Path) -> tuple[BatchFiles, ...]:
    """Write March, April and a batch of hostile words, in May."""
    april = tuple(
        replace(verbatim, opinions=tuple(replace(opinion, nearest=None) for opinion in verbatim.opinions)) if verbatim.verbatim_id == "v9" else verbatim
        for verbatim in APRIL
    )
    hostile = [
        Verbatim(
            f"h{number}",
            (Opinion(text, -2, {"colere": 2}, irritant_id="IRR-0001" if text else None),),
            "2026-05-02",
            attributes=((text, text),),
            company='L\'"Été" \\ ;',
        )
        for number, text in enumerate(HOSTILE)
    ]
    march = [replace(verbatim, nps=float(number)) for number, verbatim in enumerate(MARCH)]
    return (
        replace(write_batch(place, "2026-03", march), facts=FACTS),
        write_batch(place, "2026-04", april),
        write_batch(place, "2026-05", hostile),
    )


def build_feed(place: Path, made: tuple[BatchFiles, ...]) -> Path:
    """Build the feed of some batches in the folder `feed` of a place."""
    build(made, CATALOGUE, load_taxonomy(), place / "feed", settings=SETTINGS)
    return place / "feed"
