"""Map a task over shards: in this process, in several processes."""

from collections.abc import Callable

from vocpipe.engines.base import Engine
from vocpipe.engines.local import local

ENGINES: dict[str, Callable[[int], Engine]] = {"local": local}
"""Each engine by its name: called with the number of workers, gives the function that maps a task over shards."""
