"""Bring customers' text to the form that models read. The stored text is never changed: this is for the model's eyes only."""

import re
import unicodedata

import ftfy

CLEANING_VERSION = 1
"""Raise it with any change of `clean`: a model card records the version its model was trained with."""

_MOJIBAKE = re.compile(r"[ÃÂ][\x80-\xbf\u2018-\u203a€™œ¢§¨©ª«®°±´]|â€|ï¿½")
_APOSTROPHE = re.compile(r"[’‘ʼ´`]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)@\w+")
_ELONGATION = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return the text in the form that models read; cleaning twice changes nothing more.

    Repairs mojibake, composes accents, unifies apostrophes and spaces, replaces links by `http` and mentions by `@user`,
    shortens "troooop" to "troop" and "!!!!!!" to "!!!" (repetition is kept as a signal). Emoji, accents and capitals stay.
    """
    if _MOJIBAKE.search(text):
        text = ftfy.fix_encoding(text)
    text = unicodedata.normalize("NFC", text)
    text = _INVISIBLE.sub("", text)
    text = _APOSTROPHE.sub("'", text)
    text = _URL.sub("http", text)
    text = _MENTION.sub("@user", text)
    text = _ELONGATION.sub(r"\1\1", text)
    text = _REPEATED.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()
