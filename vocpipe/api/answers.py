"""Send a body with what lets a client keep it: ETag, 304, gzip, and the answers already given."""

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

from vocpipe.api.formats import weighed

_SMALL = 1_000
_FAST = 3
_OBJECTS = 1_000  # bytes that the objects themselves take, about


@dataclass(frozen=True)
class Answer:
    """Hold a body, compressed unless it is short: most clients take it so, and many more can be kept."""

    held: bytes
    is_packed: bool
    media: str
    headers: Mapping[str, str]
    rows: int

    def size(self, key: tuple[str, ...]) -> int:
        """Return about how many bytes it takes to keep under a key."""
        return len(self.held) + sum(map(len, (*key, *self.headers, *self.headers.values()))) + _OBJECTS

    def body(self) -> bytes:
        """Return the body as it was before compression."""
        return gzip.decompress(self.held) if self.is_packed else self.held


def made(body: bytes, media: str, headers: Mapping[str, str] | None = None, rows: int = 0) -> Answer:
    """Return an answer; to be called in a thread, for compression takes time."""
    is_packed = len(body) > _SMALL
    return Answer(gzip.compress(body, _FAST, mtime=0) if is_packed else body, is_packed, media, headers or {}, rows)


class Kept:
    """Keep the last answers, up to so many bytes; those of a feed that is no more are pushed out by newer ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, ...], Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[str, ...]) -> Answer | None:
        """Return an answer given before."""
        with self._lock:
            found = self._held.get(key)
            if found:
                self._held.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], answer: Answer) -> None:
        """Keep an answer; one that alone is more than a quarter of the room is not kept."""
        if answer.size(key) > self._most // 4:
            return
        with self._lock:
            former = self._held.pop(key, None)
            self._bytes += answer.size(key) - (former.size(key) if former else 0)
            self._held[key] = answer
            while self._bytes > self._most:
                oldest, dropped = self._held.popitem(last=False)
                self._bytes -= dropped.size(oldest)


def wants_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip; what it says of gzip itself goes before what it says of all others."""
    weights = dict(map(weighed, request.headers.get("accept-encoding", "").split(",")))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def has(request: Request, tag: str) -> bool:
    """Tell whether the client has the answer already, by the tag that `send` gave it."""
    given = [text.strip().removeprefix("W/") for text in request.headers.get("if-none-match", "").split(",")]
    return "*" in given or f'"{tag}"' in given


def not_changed(tag: str) -> Response:
    """Return the answer 304."""
    return Response(status_code=304, headers=_keeping(tag))


def send(answer: Answer, tag: str, packed: bool) -> Response:
    """Return an answer from a feed, compressed when the client takes that and it pays; `tag` names the feed and what else answers depend on."""
    headers = {**_keeping(tag), **answer.headers}
    if packed and answer.is_packed:
        return Response(answer.held, headers={**headers, "Content-Encoding": "gzip"}, media_type=answer.media)
    return Response(answer.body(), headers=headers, media_type=answer.media)


def _keeping(tag: str) -> dict[str, str]:
    # Weak, because formats and compression differ.
    return {"ETag": f'W/"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Encoding, Authorization, X-API-Key"}
