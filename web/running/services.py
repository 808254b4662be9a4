"""The services of a process: store, words, assets, cached pages, and what is published.

They notice when the content's revision rises: at once if this process raised it, within a second if
another did (the command line, a second server).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import NothingPublishedError, StoreUnavailableError
from domain.events import ContentChanged, Event, EverythingChanged
from domain.published import Published, load_published
from domain.revision import content_revision
from domain.staff.sealing import seal_all
from domain.store import Store
from push.events import Teller
from push.keys import KeyRing
from web.running.forecast_log import ForecastLog
from web.running.forecasts import HallForecasts
from web.running.retention import erase_by_and_by
from web.running.sealing_key import FILE as SEALING_KEY
from web.running.sealing_key import read_seal
from web.site.assets import Assets
from web.site.client import HallNetworks
from web.site.limits import Limit, LimitUsed, Places
from web.site.live import Live
from web.site.page_cache import PageCache
from web.site.pages import Renderer
from web.site.refused import RefusedForms
from web.site.topics import Topics

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.published import FoundBySearch
    from domain.staff.sealing import Seal
    from web.running.delivery_supervisor import DeliveryProcess
    from web.running.settings import Settings

log = logging.getLogger("lianxin.services")

# Seconds between two looks at the revision.
EVERY = 1.0
# Argon2id takes tens of milliseconds on purpose and uses all cores by itself. A password is hashed
# in a low-priority thread, one at a time, before the unit of work begins: never on the event loop,
# never inside a transaction.
# Concurrent password hashes: one alone uses every core for tens of milliseconds.
HASHES = 1
# Passwords of one address that wait for their check at the same time.
SIGN_INS_OF_ADDRESS = 8
# Numbers that a phone can take in an hour, cancelled ones included.
NUMBERS_A_DEVICE = 20
# Supporters of one wish from one internet address in a day: a building's network may be one.
SUPPORTS_AN_ADDRESS = 30
# Mistakes on pages that can be reported behind one address in an hour.
MISTAKES_AN_ADDRESS = 20
# Messages that a phone can write in an hour, in all its conversations.
MESSAGES_A_DEVICE = 30
# Codes that can be typed behind one address in ten minutes: with eight letters of 31, guessing one
# of a million conversations takes longer than they are kept.
CODES_AN_ADDRESS = 20
# Times that browsers behind one address may register a push subscription in ten minutes.
BROWSERS_AN_ADDRESS = 240
# Letters to new addresses that can be asked for behind one address in an hour.
LETTERS_AN_ADDRESS = 20
# Times that a device can save its settings in an hour.
SETTINGS_A_DEVICE = 60
# The nice value of background threads: pages go first, yet the work gets done on a busy day.
BACK = 10

# Photographs that are decoded at the same time: each takes a core, and memory.
PICTURES = 2

T = TypeVar("T")


def _stand_back() -> None:
    # On Linux a priority belongs to the thread, and argon2's own threads inherit it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACK)


@cache
def _assets() -> Assets:
    """Styles, scripts and pictures, read and joined once per process."""
    return Assets()


@cache
def _renderer(*, development: bool) -> Renderer:
    """Templates, compiled once per process."""
    return Renderer(_assets(), development=development)


class Services:
    """Everything a request needs, opened once."""

    def __init__(
        self,
        settings: Settings,
        found_by_search: FoundBySearch,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:
        self.settings = settings
        self._found_by_search = found_by_search
        self.clock = clock or (lambda: dt.datetime.now(dt.UTC))
        self.zone = settings.zone
        self.store = Store(settings.database_url)
        # Our keys for push services; a page gives a browser `keys.current.public`.
        self.keys = KeyRing(settings.data)
        self.store.before_commit(Teller(settings.ways))
        # The sending process, if this process serves the public.
        self.delivery: DeliveryProcess | None = None
        self.assets = _assets()
        self.renderer = _renderer(development=settings.development)
        self.kept = PageCache()
        self.refused = RefusedForms()
        self._published: Published | None = None
        self._changes = 1
        # The number of the last change included in what was loaded; lower than `_changes` means
        # stale.
        self._loaded = 0
        self._loading = asyncio.Lock()
        # Held while something costly is built, so that a crowd builds it once.
        self.building = asyncio.Lock()
        self.hashing = asyncio.Semaphore(HASHES)
        self.signing_in = Places(SIGN_INS_OF_ADDRESS)
        self._background = ThreadPoolExecutor(HASHES, "aside", initializer=_stand_back)
        # Held while a workbook is read: it takes memory and time, so one at a time.
        self.reading = asyncio.Lock()
        # Held while titles are compared with what nothing has in it: one search at a time.
        self.comparing = asyncio.Lock()
        self.picturing = asyncio.Semaphore(PICTURES)
        # Set when the process stops, so that works of features end between two units of theirs.
        self.stopping = asyncio.Event()
        self._trouble: str | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._eraser: asyncio.Task[None] | None = None
        self.waits = HallForecasts()
        self.live = Live(self.store, self.published, self.waits, self.now)
        self.topics = Topics(self.store)
        self.hall_networks = HallNetworks()
        self.messages_by_device = Limit(MESSAGES_A_DEVICE, dt.timedelta(hours=1))
        self.messages_by_address = Limit(settings.numbers_an_address, dt.timedelta(minutes=10))
        self.supports_by_address = Limit(SUPPORTS_AN_ADDRESS, dt.timedelta(days=1))
        self.follows_by_address = Limit(settings.numbers_an_address, dt.timedelta(minutes=10))
        self.mistakes_by_address = Limit(MISTAKES_AN_ADDRESS, dt.timedelta(hours=1))
        self.codes_by_address = Limit(CODES_AN_ADDRESS, dt.timedelta(minutes=10))
        self.numbers_by_address = Limit(settings.numbers_an_address, dt.timedelta(minutes=10))
        self.numbers_by_device = Limit(NUMBERS_A_DEVICE, dt.timedelta(hours=1))
        self.letters_by_address = Limit(LETTERS_AN_ADDRESS, dt.timedelta(hours=1))
        self.settings_by_address = Limit(settings.numbers_an_address, dt.timedelta(minutes=10))
        self.settings_by_device = Limit(SETTINGS_A_DEVICE, dt.timedelta(hours=1))
        self.browsers_by_address = Limit(BROWSERS_AN_ADDRESS, dt.timedelta(minutes=10))
        self.measuring = ForecastLog(self.store, self.published, self.waits, self.now)

    async def open(self) -> None:
        """Open the store and start watching the revision."""
        await self.store.open()
        await self._seal_secrets()
        self.store.listen(self._heard, everywhere=True)
        self._share_limits()
        await self.store.hear_others()
        if self.delivery is not None:
            self.store.listen(self.delivery.heard)
            self.delivery.start()
        self._watcher = asyncio.create_task(self._watch(), name="revision-watcher")
        eraser = erase_by_and_by(self.store, self.settings, self.now)
        self._eraser = asyncio.create_task(eraser, name="eraser")
        self.measuring.open()

    @cached_property
    def seal(self) -> Seal:
        """What seals secrets in the database. Raises `SealingKeyError`."""
        return read_seal(self.settings.data)

    async def _seal_secrets(self) -> None:
        """Seal second factors from before they were sealed, and say which cannot be opened."""
        try:
            foreign = await self.store.write(partial(seal_all, seal=self.seal))
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("second factors are not looked at: %s", error)
            return
        if foreign:
            path = self.settings.data / SEALING_KEY
            log.error("%s second factors were sealed with another key than %s", foreign, path)

    async def close(self) -> None:
        """Stop watching and close the store."""
        for task in (self._watcher, self._eraser):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self.measuring.close()
        if self.delivery is not None:
            await self.delivery.close()
        await self.live.close()
        await self.topics.close()
        self._background.shutdown()
        await self.store.close()

    async def stops_within(self, seconds: float) -> bool:
        """Wait so long, and while another server leads; whether the process stops meanwhile.

        What waits here between two rounds is done by one of several servers.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.stopping.wait()
            if self.store.leads or self.stopping.is_set():
                return self.stopping.is_set()

    async def in_background_thread(self, work: Callable[..., T], *given: object) -> T:
        """Run CPU-heavy work in a low-priority thread."""
        return await asyncio.get_running_loop().run_in_executor(self._background, work, *given)

    def now(self) -> dt.datetime:
        """The current time, aware and local."""
        return self.clock().astimezone(self.zone)

    async def published(self) -> Published:
        """What is published now. Raises `NothingPublishedError` before the first district."""
        if not self.is_current:
            async with self._loading:
                if not self.is_current:
                    await self._load()
        if self._published is None:
            raise NothingPublishedError
        return self._published

    async def _load(self) -> None:
        """Read what is published; a change during the reading makes it stale again."""
        change = self._changes
        published = await load_published(self.store, self._found_by_search)
        if published is not None:
            # A tenth of a second of pinyin, which nobody need wait behind.
            await asyncio.to_thread(getattr, published, "index")
            self.kept.at(published.revision)
        self._published, self._loaded = published, change

    @property
    def is_current(self) -> bool:
        """Whether the cached pages have the newest known revision."""
        return self._loaded == self._changes

    def content_changed(self) -> None:
        """Have what is published read again before the next page."""
        self._changes += 1

    def _heard(self, event: Event) -> None:
        if isinstance(event, (ContentChanged, EverythingChanged)):
            self.content_changed()

    def _share_limits(self) -> None:
        """Count what is done through other servers, and tell them what is done here."""
        limits = {name: each for name, each in vars(self).items() if isinstance(each, Limit)}

        def tell(name: str, key: str, form: str) -> None:
            self.store.say(LimitUsed(name, key, form))

        def heard(event: Event) -> None:
            if isinstance(event, LimitUsed) and event.limit in limits:
                limits[event.limit].count(event, self.now())

        for name, limit in limits.items():
            limit.tell = partial(tell, name)
        self.store.listen(heard, everywhere=True)

    def _say_trouble(self, trouble: str | None) -> None:
        """Log once that the store keeps nothing any more, and once that it does again."""
        if trouble != self._trouble:
            log.error("the store keeps nothing: %s", trouble) if trouble else log.warning(
                "the store keeps what it is given again"
            )
        self._trouble = trouble

    async def _watch(self) -> None:
        answers = True
        while True:
            await asyncio.sleep(EVERY)
            try:
                self._say_trouble(await self.store.trouble())
                async with self.store.read() as session:
                    revision = await content_revision(session)
            except (StoreUnavailableError, SQLAlchemyError) as error:
                if answers:
                    log.warning("the store does not answer: %s", error)
                answers = False
                continue
            if not answers:
                log.warning("the store answers again")
            answers = True
            # What is stale already, or was never requested, is read at the next request.
            known = self._published.revision if self._published else None
            if self.is_current and revision != known:
                self.content_changed()
