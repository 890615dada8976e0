"""Give rows identifiers that stay the same from run to run, and find the exact duplicates of a batch."""

import hashlib
import unicodedata
from dataclasses import dataclass, field

# Below that length in normalised characters two customers may well write the same words ("Très bien").
LONG_ENOUGH_TO_BE_COPIED = 30


def normalise(text: str) -> str:
    """Return a text without differences of case and white space; accents are kept, in composed form."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()


def content_hash(company: str | None, text: str) -> str:
    """Return 20 hexadecimal digits, equal for the same company and the same redacted text once normalised."""
    return hash_normalised(company, normalise(text))


def hash_normalised(company: str | None, normalised: str) -> str:
    """Return the `content_hash` of a text that is already normalised."""
    return _hash("content", company or "", normalised)


@dataclass
class Identities:
    """Remember the rows of one batch. Memory grows by about 300 bytes a row."""

    source: str
    _times_seen: dict[str, int] = field(default_factory=dict)
    _first_row: dict[str, str] = field(default_factory=dict)

    def verbatim_id(self, source_id: str | None, company: str | None, date: str, normalised: str) -> str:
        """Return 20 hexadecimal digits from the source and its identifier, else from the company, the date and the normalised text.

        The n-th row of the batch with the same key gets an identifier of its own, from the key and n.
        """
        key = _hash("id", self.source, source_id) if source_id else _hash("text", self.source, company or "", date, normalised)
        seen = self._times_seen.get(key, 0)
        self._times_seen[key] = seen + 1
        return _hash(key, str(seen)) if seen else key

    def duplicate_of(self, verbatim_id: str, source_id: str | None, content: str, normalised: str) -> str | None:
        """Return the first row of the batch with the same content, when it is long enough to be a copy or has the same source identifier."""
        if len(normalised) >= LONG_ENOUGH_TO_BE_COPIED:
            key = content
        elif source_id:
            key = _hash(content, source_id)
        else:
            return None
        first = self._first_row.setdefault(key, verbatim_id)
        return None if first == verbatim_id else first
