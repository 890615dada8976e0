"""How much one client may ask: a bucket of requests each, which fills again over time."""

import time
from collections import OrderedDict
from collections.abc import Callable

_CLIENTS = 10_000


class Buckets:
    """Count the requests of each client: `burst` at once, `rate` a second over time."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, float(burst), clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take one request out of a client's bucket: return 0, or the seconds to wait when it is empty."""
        now = self._clock()
        left, since = self._held.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1
        self._held[client] = (left - 1 if allowed else left, now)
        if len(self._held) > _CLIENTS:
            self._held.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate
