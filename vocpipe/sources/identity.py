"""Give rows identifiers that stay the same from run to run, and find the exact duplicates of a batch."""

import hashlib
import unicodedata
from array import array

import numpy as np

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


class Table:
    """Map hashes to numbers in 8 bytes a slot and those of the values, a third to three quarters of the slots being in use.

    A Python dictionary of the same content takes about five times as much. `values` holds one array for each of the type codes given, such as "Q" for 64
    bits; a new key has zeros. Keys are the first 64 bits of hashes: two of ten million rows share one by chance in one batch out of 300,000.
    """

    def __init__(self, *types: str, slots: int = 1 << 10) -> None:
        self._mask = slots - 1
        self._used = 0
        self._keys = array("Q", bytes(8 * slots))
        self.values = tuple(array(kind, bytes(array(kind).itemsize * slots)) for kind in types)

    def slot(self, key: int) -> int:
        """Return the place of a key in `values`, made for it when it is new. A new key may change `values` and all places: read them afterwards."""
        key = key or 1  # zero marks the slots that are free
        slot = self._find(key)
        if not self._keys[slot]:
            if 4 * self._used > 3 * self._mask:
                self._grow()
                slot = self._find(key)
            self._keys[slot] = key
            self._used += 1
        return slot

    def _find(self, key: int) -> int:
        keys, mask = self._keys, self._mask
        slot = key & mask
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        """Double the slots. In the order of where they belong, keys take the first slot left free: all but the few that pass the end, at once."""
        before, values = self._keys, self.values
        slots = 2 * len(before)
        self._mask = slots - 1
        self._keys = array("Q", bytes(8 * slots))
        self.values = tuple(array(column.typecode, bytes(column.itemsize * slots)) for column in values)
        used = np.flatnonzero(np.asarray(before))
        homes = np.asarray(before)[used] & np.uint64(self._mask)
        used = used[np.argsort(homes, kind="stable")]
        ranks = np.arange(len(used))
        places = np.maximum.accumulate(np.sort(homes).astype(np.int64) - ranks) + ranks
        inside = places < slots
        for source, target in zip((before, *values), (self._keys, *self.values), strict=True):
            np.asarray(target)[places[inside]] = np.asarray(source)[used[inside]]
        for old in used[~inside]:
            new = self._find(before[old])
            for source, target in zip((before, *values), (self._keys, *self.values), strict=True):
                target[new] = source[old]


class Identities:
    """Remember the rows of one batch. Memory grows by about 60 bytes a row."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._times_seen = Table("I")
        self._first_row = Table("Q", "H")  # identifiers have 80 bits

    def verbatim_id(self, source_id: str | None, company: str | None, date: str, normalised: str) -> str:
        """Return 20 hexadecimal digits from the source and its identifier, else from the company, the date and the normalised text.

        The n-th row of the batch with the same key gets an identifier of its own, from the key and n.
        """
        key = _hash("id", self._source, source_id) if source_id else _hash("text", self._source, company or "", date, normalised)
        slot = self._times_seen.slot(int(key[:16], 16))
        (times,) = self._times_seen.values
        seen = times[slot]
        times[slot] = seen + 1
        return _hash(key, str(seen)) if seen else key

    def duplicate_of(self, verbatim_id: str, source_id: str | None, content: str, normalised: str) -> str | None:
        """Return the first row of the batch with the same content, when it is long enough to be a copy or has the same source identifier."""
        if len(normalised) >= LONG_ENOUGH_TO_BE_COPIED:
            key = content
        elif source_id:
            key = _hash(content, source_id)
        else:
            return None
        slot = self._first_row.slot(int(key[:16], 16))
        starts, ends = self._first_row.values
        if starts[slot] or ends[slot]:
            first = f"{starts[slot]:016x}{ends[slot]:04x}"
            return None if first == verbatim_id else first
        starts[slot], ends[slot] = int(verbatim_id[:16], 16), int(verbatim_id[16:], 16)
        return None
