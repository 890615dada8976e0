"""Recognise verbatims in which no customer speaks: "RAS", out-of-office mails, the firm's own answers.

A customer who is taken for one of them is lost, so every rule reads the whole verbatim, and one word of a customer outweighs all signs.
"""

import re
import unicodedata
from typing import Literal, TypeAlias, get_args

from vocpipe.french.content.automatic import is_auto_reply
from vocpipe.french.content.firm import is_company_reply
from vocpipe.french.content.nothing import is_nothing
from vocpipe.french.content.phrases import CUSTOMER

Kind: TypeAlias = Literal["nothing", "auto_reply", "company_reply"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_LONGEST = 4000
_APOSTROPHE = re.compile(r"\s?[’‘ʼ´`']\s?")
_ACCENT = re.compile(r"[\u0300-\u036f]")


def no_content(text: str) -> Kind | None:
    """Return why nothing is said in a verbatim; null when a customer may be speaking, when it is blank, or when it is longer than 4,000 characters."""
    if not text.strip() or len(text) > _LONGEST:
        return None
    folded = _fold(text)
    if is_nothing(folded):
        return "nothing"
    if CUSTOMER.search(folded):
        return None
    if is_auto_reply(folded):
        return "auto_reply"
    return "company_reply" if is_company_reply(folded) else None


def _fold(text: str) -> str:
    """Return the text without capitals and accents, apostrophes unified: people type them as they can."""
    return _APOSTROPHE.sub("'", _ACCENT.sub("", unicodedata.normalize("NFKD", text))).lower().strip()
