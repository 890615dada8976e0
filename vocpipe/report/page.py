"""One HTML file that holds everything: it opens without a network, from a disk, a mail or the API."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from vocpipe.errors import ConfigError, nearest
from vocpipe.report.payload import read_payload
from vocpipe.report.safe_json import safe_json
from vocpipe.report.stories import LANGUAGES

LARGEST = 3_000_000
"""Bytes that the page may take, so that it can be mailed."""
_STATIC = Path(__file__).with_name("static")
_SCRIPTS = (
    *("words_fr", "words_en", "text", "store", "intervals", "figures", "charts", "curves"),
    *("parts", "opening", "journey", "irritants", "ratings", "why", "panel", "main"),
)
_FRAME = 10_000  # bytes of the template and of the policy, with room to spare
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def html(workspace: Path, language: str = "fr") -> str:
    """Return the page of a workspace as one HTML document of at most 3 MB that asks nothing of any network.

    It opens in `language`, fr or en, and has both. Raises `WorkspaceError` when there is no feed, `ConfigError` for another language.
    """
    if language not in LANGUAGES:
        raise ConfigError(f"the page is not written in {language!r}", nearest(language, LANGUAGES))
    library, script, style = _static("echarts/echarts.js"), _script(), _static("page.css")
    room = LARGEST - sum(len(part.encode()) for part in (library, script, style)) - _FRAME
    filled = {
        "language": language,
        "policy": _policy([library, script], [style]),
        "style": style,
        "data": safe_json(read_payload(Path(workspace), language, room)),
        "library": library,
        "script": script,
    }
    return _SLOT.sub(lambda found: filled[found[1]], _static("page.html"))


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _script() -> str:
    """Return the page's own code: its files one after the other, in a scope of their own."""
    return '(() => {\n"use strict";\n' + "\n".join(_static(f"js/{name}.js") for name in _SCRIPTS) + "\n})();"


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return a content security policy under which nothing runs but these scripts, and nothing is fetched."""
    allowed_scripts, allowed_styles = (" ".join(map(_hash, texts)) for texts in (scripts, styles))
    return f"default-src 'none'; script-src {allowed_scripts}; style-src {allowed_styles}; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
