"""Write vectors as short text: exactly for logs, in one byte per value for files that people share."""

import base64

import numpy as np

from vocpipe.irritants.scores import Floats, unit

_STEPS = 127


def pack(vector: Floats) -> str:
    """Return a vector as base64 of its float32 values."""
    return base64.b64encode(np.ascontiguousarray(vector, dtype="<f4").tobytes()).decode()


def unpack(text: str) -> Floats:
    """Return the vector that `pack` wrote, to the bit. Raises `ValueError` when the text is none."""
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").astype(np.float32)


def pack_bytes(vector: Floats) -> str:
    """Return a unit vector as base64 of int8 values, scaled by 127 over its largest one; its direction changes by a degree at most."""
    largest = float(np.abs(vector).max(initial=0.0)) or 1.0
    return base64.b64encode(np.rint(np.asarray(vector, dtype=np.float64) * (_STEPS / largest)).astype(np.int8).tobytes()).decode()


def unpack_bytes(text: str) -> Floats:
    """Return the unit vector, on the grid, that `pack_bytes` wrote. Raises `ValueError` when the text is none."""
    return unit(np.frombuffer(base64.b64decode(text, validate=True), dtype=np.int8))
