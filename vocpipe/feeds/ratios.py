"""Shares, and how sure they are."""

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]
Z95 = 1.959963984540054  # 97.5 % of a normal law are under it


def ratio(part: _Doubles, whole: _Doubles) -> _Doubles:
    """Divide arrays of one shape; NaN where the whole is 0."""
    divided: _Doubles = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return divided


def wilson(met: _Doubles, of: _Doubles) -> tuple[_Doubles, _Doubles]:
    """Return the lower and upper ends, in 0 … 1, of the 95 % interval of each share `met / of`; NaN where `of` is 0."""
    share = ratio(met, of)
    spread = ratio(np.full(share.shape, Z95**2), of)
    centre = (share + spread / 2) / (1 + spread)
    half = np.sqrt(spread * share * (1 - share) + spread**2 / 4) / (1 + spread)
    return np.clip(np.minimum(centre - half, share), 0, 1), np.clip(np.maximum(centre + half, share), 0, 1)
