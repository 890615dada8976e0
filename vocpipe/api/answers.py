"""Send a body with what lets a client keep it: ETag, 304, gzip, and the answers already given."""

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

_SMALL = 1_000
_FAST = 3


@dataclass(frozen=True)
class Answer:
    """Hold a body, compressed unless it is short: most clients take it so, and many more can be kept."""

    held: bytes
    is_packed: bool
    media: str
    headers: Mapping[str, str]
    rows: int

    @property
    def size(self) -> int:
        """Return about how many bytes it takes to keep, its headers included."""
        return len(self.held) + 1_000

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
        if answer.size > self._most // 4:
            return
        with self._lock:
            former = self._held.pop(key, None)
            self._bytes += answer.size - (former.size if former else 0)
            self._held[key] = answer
            while self._bytes > self._most:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= oldest.size


def wants_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip."""
    offered = [part.strip().lower().split(";") for part in request.headers.get("accept-encoding", "").split(",")]
    return any(name.strip() in ("gzip", "*") and "q=0" not in [text.strip() for text in rest] for name, *rest in offered)


def etag(snapshot: str) -> str:
    """Return the ETag of every answer from a feed: weak, because formats and compression differ."""
    return f'W/"{snapshot}"'


def has(request: Request, snapshot: str) -> bool:
    """Tell whether the client has the answer already."""
    given = [text.strip().removeprefix("W/") for text in request.headers.get("if-none-match", "").split(",")]
    return "*" in given or f'"{snapshot}"' in given


def not_changed(snapshot: str) -> Response:
    """Return the answer 304."""
    return Response(status_code=304, headers=_keeping(snapshot))


def send(answer: Answer, snapshot: str, packed: bool) -> Response:
    """Return an answer from a feed, compressed when the client takes that and it pays."""
    headers = {**_keeping(snapshot), **answer.headers}
    if packed and answer.is_packed:
        return Response(answer.held, headers={**headers, "Content-Encoding": "gzip"}, media_type=answer.media)
    return Response(answer.body(), headers=headers, media_type=answer.media)


def _keeping(snapshot: str) -> dict[str, str]:
    return {"ETag": etag(snapshot), "Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Encoding, Authorization, X-API-Key"}
