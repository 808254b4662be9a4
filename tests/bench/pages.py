"""A guide page against a bare Starlette route with the same bytes, and search in a full district."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from domain.migrating import migrate
from domain.seed import SAMPLE, DistrictFiles, plant, read_district
from domain.store import Store
from tests.bench.load import ask, at
from tests.bench.midday import ZONE
from tests.bench.report import Figure
from tests.world.databases import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.content import CommunityContent

GUIDE = "/c/liujiazhuang/handbook/gaoling-jintie"
COMMUNITIES = 127
SECONDS = 4.0
ROUNDS = 3
QUERIES = ("社保卡丢了怎么办", "低保", "dibao", "gljt", "高龄金贴", "狗", "租房补贴", "老人吃饭")


def measure(folder: Path) -> Iterator[Figure]:
    """Pages a second, and search latencies, each beside a bare route."""
    database = folder / "lianxin.db"
    slugs = asyncio.run(prepare(f"sqlite+aiosqlite:///{database}"))
    with lianxin(folder) as ours:
        body = fetch(ours, GUIDE)
        (folder / "body").write_bytes(body)
        with bare(folder / "body") as baseline:
            rounds = []
            for _ in range(ROUNDS):
                a = len(ask(ours, [GUIDE], SECONDS, 16)) / SECONDS
                b = len(ask(baseline, ["/"], SECONDS, 16)) / SECONDS
                rounds.append((a / b, a, b))
            ratio, a, b = sorted(rounds)[ROUNDS // 2]
            yield Figure(
                "guide page, 16 connections",
                f"{a:.0f}/s",
                f"a bare Starlette route with the same bytes: {b:.0f}/s",
                ratio,
                "at least 0.60",
            )
            paths = [
                f"/f/search?c={slug}&q={urllib.parse.quote(query)}"
                for slug in slugs
                for query in QUERIES
            ]
            for path in paths[:: len(QUERIES)]:
                fetch(ours, path)
            search = ask(ours, paths, SECONDS, 1)
            plain = ask(baseline, ["/"], SECONDS, 1)
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                mine, base = at(search, share), at(plain, share)
                yield Figure(
                    f"search, {COMMUNITIES} communities × 50 items, {name}",
                    f"{mine:.1f} ms",
                    f"the bare route: {base:.2f} ms",
                    mine / base,
                )


async def prepare(url: str) -> list[str]:
    """A district of 127 communities; returns their slugs."""
    files = full_district(read_district(SAMPLE))
    store = Store(url)
    await store.open()
    await migrate(store)
    await store.write(lambda session: plant(session, files))
    await store.close()
    entries = [e for each in files.district.content.subdistricts for e in each.communities]
    return [files.community(entry).slug for entry in entries]


def full_district(files: DistrictFiles) -> DistrictFiles:
    """The sample with copies of 刘家庄 added until there are 127 communities."""
    content = files.district.content
    pattern = files.communities["liujiazhuang"].content
    missing = COMMUNITIES - sum(len(each.communities) for each in content.subdistricts)
    added: list[CommunityContent] = [
        pattern.model_copy(update={"slug": f"copy-{n}", "name": f"样例{n}社区"})
        for n in range(missing)
    ]
    last = content.subdistricts[-1]
    full = last.model_copy(update={"communities": (*last.communities, *added)})
    update = {"subdistricts": (*content.subdistricts[:-1], full)}
    files.district.content = content.model_copy(update=update)
    return files


@contextmanager
def lianxin(folder: Path) -> Iterator[int]:
    """The real server on loopback."""
    with served(folder) as server:
        yield server.port


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The real server on loopback, with what it uses."""
    port = free_port()
    environment = {
        **os.environ,
        "LIANXIN_DATA": str(folder),
        "LIANXIN_PORT": str(port),
        "LIANXIN_TIMEZONE": ZONE.key,
        # Everybody comes from one address here.
        "LIANXIN_NUMBERS_AN_ADDRESS": "1000000",
    }
    with running([sys.executable, "-m", "web", "serve"], port, environment) as process:
        yield Server(port, process.pid)


@dataclass(frozen=True)
class Server:
    """A server process, by its port and its number."""

    port: int
    pid: int

    def seconds(self) -> float:
        """Of processor time so far, as Linux counts it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        os.kill(self.pid, signal.SIGKILL)

    def memory(self) -> int:
        """Bytes that it holds now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def bare(body: Path) -> Iterator[int]:
    """A Starlette application with one route that answers with these bytes, under uvicorn."""
    port = free_port()
    program = (
        "import sys, uvicorn\n"
        "from starlette.applications import Starlette\n"
        "from starlette.responses import Response\n"
        "from starlette.routing import Route\n"
        "body = open(sys.argv[1], 'rb').read()\n"
        "async def page(request): return Response(body, media_type='text/html')\n"
        "app = Starlette(routes=[Route('/', page)])\n"
        "uvicorn.run(app, port=int(sys.argv[2]), access_log=False, log_level='warning')\n"
    )
    with running([sys.executable, "-c", program, str(body), str(port)], port, dict(os.environ)):
        yield port


@contextmanager
def running(
    command: list[str], port: int, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, waited for and ended by its own id."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                fetch(port, "/")
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the server does not answer")
        yield process
    finally:
        process.terminate()
        process.wait(10)


def fetch(port: int, path: str) -> bytes:
    """The bytes that a browser gets for a path, compressed as it takes them."""
    headers = {"accept-encoding": "gzip, deflate, br"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        body: bytes = answer.read()
        return body
