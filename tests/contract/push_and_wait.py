"""Push a feed, and wait just before the end of its last transaction, for a test to kill this program there."""

import sys
import time
from pathlib import Path

from vocpipe.feeds.sinks import push, staging

if __name__ == "__main__":
    feed, url, marker = sys.argv[1:]

    def wait(*_: object) -> None:
        Path(marker).touch()
        time.sleep(120)

    staging.drop = wait
    push(Path(feed), url, "killed")
