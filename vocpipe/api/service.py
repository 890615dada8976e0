"""What the service answers, from the feed as it is now."""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vocpipe import __version__
from vocpipe.api import answers, listing, quotes
from vocpipe.api.answers import Answer, Kept
from vocpipe.api.listing import Page, Wanted
from vocpipe.api.metrics import Metrics
from vocpipe.api.parts import read_cursor
from vocpipe.api.problems import ProblemError
from vocpipe.api.settings import ApiSettings
from vocpipe.api.snapshots import Snapshot, Snapshots
from vocpipe.feeds.contract import FeedTable

QUOTES = "quotes"
_Made = list[tuple[tuple[str, ...], Answer]]


class Service:
    """Answer requests about the feed of one workspace."""

    def __init__(self, workspace: Path, settings: ApiSettings) -> None:
        self.workspace, self.settings, self.metrics = workspace, settings, Metrics()
        self.snapshots = Snapshots(workspace / "feed", settings.readers, self._opened)
        self._kept = Kept(settings.cache_mib << 20)
        self._makers = ThreadPoolExecutor(settings.readers, "vocpipe-answer")
        self._making: dict[tuple[str, ...], Future[_Made]] = {}
        self._lock = Lock()
        # What an answer depends on, besides the feed and its address.
        self._ways = hashlib.sha256(f"{__version__} {settings.default_limit}".encode()).hexdigest()[:8]

    async def newest(self) -> Snapshot:
        """Return the feed as it is now."""
        open_already = self.snapshots.unchanged()
        return open_already if open_already else await run_in_threadpool(self.snapshots.newest)

    async def answer(self, request: Request, snapshot: Snapshot, key: tuple[str, ...], make: Callable[[], Answer], always: bool = True) -> Response:
        """Send what `make` returns, or what it returned before for that key and feed; 304 when the client has it.

        Without `always`, `make` is called even so: it may find that there is nothing to answer with.
        """
        return await self._answer(request, snapshot, key, lambda: [(key, make())], always)

    async def _answer(self, request: Request, snapshot: Snapshot, key: tuple[str, ...], make: Callable[[], _Made], always: bool = True) -> Response:
        """Send the first of the answers that `make` returns, each with its key; keep all of them."""
        tag = f"{snapshot.id}-{self._ways}"
        has = answers.has(request, tag)
        if has and always:
            return answers.not_changed(tag)
        found = self._kept.get((snapshot.id, *key))
        if found:
            self.metrics.kept.inc()
        else:
            found = await self._once((snapshot.id, *key), make)
        if has:
            return answers.not_changed(tag)
        if found.rows:
            self.metrics.rows.labels(key[0]).inc(found.rows)
        return answers.send(found, tag, answers.wants_gzip(request))

    async def _once(self, key: tuple[str, ...], make: Callable[[], _Made]) -> Answer:
        """Return the first of the answers that `make` returns and keep all; those who ask for the same meanwhile wait for it instead of asking again."""
        with self._lock:
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = self._makers.submit(make)
                making.add_done_callback(lambda _: self._making.pop(key, None))
        made = await asyncio.shield(asyncio.wrap_future(making))  # one client that goes away does not stop it for the others
        for other, answer in made:
            self._kept.put((key[0], *other), answer)
        return made[0][1]

    async def table(self, request: Request, table: FeedTable, query: BaseModel) -> Response:
        """Answer with one page of a table."""
        wanted = listing.wanted(table.name, query, request.headers.get("accept", ""))
        snapshot, after = await self._place(wanted)
        _check_held(snapshot, table.name)
        told = listing.told(wanted.since, table)
        return await self._page(request, snapshot, wanted, lambda: listing.pages(snapshot, table, wanted, after, told))

    async def quotes(self, request: Request, query: BaseModel) -> Response:
        """Answer with one page of quotes."""
        wanted = listing.wanted(QUOTES, query, request.headers.get("accept", ""))
        snapshot, after = await self._place(wanted)
        _check_held(snapshot, "fact_opinion")
        return await self._page(request, snapshot, wanted, lambda: quotes.pages(snapshot, wanted, after))

    async def _page(self, request: Request, snapshot: Snapshot, wanted: Wanted, make: Callable[[], list[Page]]) -> Response:
        return await self._answer(request, snapshot, wanted.key, lambda: [(page.key, answer) for page, answer in make()])

    async def _place(self, wanted: Wanted) -> tuple[Snapshot, int]:
        """Return the feed to read and the position after which to read it; a page after the first comes from the same feed as the first."""
        newest = await self.newest()
        if wanted.cursor is None:
            return newest, -1
        found = read_cursor(wanted.cursor, wanted.canonical)
        if found is None:
            raise ProblemError(400, "the cursor is not one that was given for this request", "repeat the parameters of the first request, or leave it out")
        snapshot = self.snapshots.former(found[0])
        if snapshot is None:
            raise ProblemError(410, "the feed that this cursor reads is no more", "start again without cursor, with `since` to get only what changed")
        return snapshot, found[1]

    def _opened(self, snapshot: Snapshot) -> None:
        self.metrics.snapshots.inc()
        self.metrics.built.set(snapshot.built)


def _check_held(snapshot: Snapshot, table: str) -> None:
    if table not in snapshot.held:
        raise ProblemError(404, f"this feed was built by an older vocpipe: it has no {table}", "run the last batch again to rebuild it")
