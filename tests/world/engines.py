"""Three engines that Playwright does not drive, behind one small set of deeds.

Chromium 80 is what a phone of 2020 runs. It is too old for Playwright, which asks for a command
that this version lacks, so it is driven over its own protocol. WebKitGTK speaks WebDriver over
HTTP, and Firefox speaks the same commands over a socket of its own (Marionette). Each protocol
needs few lines; selenium, geckodriver and puppeteer would be more packages for the same commands.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import httpx
import pytest

from tests.world import servers
from tests.world.databases import free_port
from tests.world.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

CHROMIUM_80 = ROOT / "node_modules" / "chrome-aws-lambda" / "bin" / "chromium.br"
MINI_BROWSER = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PHONE = (390, 844)
PATIENCE = servers.PATIENCE / 1000
"""Seconds after which something that should have happened counts as not happening."""

CENTRE = """
const element = document.querySelector(arguments[0]);
if (!element) throw new Error(`nothing here is ${arguments[0]}`);
element.scrollIntoView({ block: "center" });
const box = element.getBoundingClientRect();
return [box.left + box.width / 2, box.top + box.height / 2];
"""


class EngineError(Exception):
    """The engine answered with an error, for example of a script."""


class Engine(ABC):
    """One browser with one tab."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to an address, and return when its page has loaded."""

    @abstractmethod
    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns in the page. Raises EngineError for what it throws."""

    @abstractmethod
    def tap(self, selector: str) -> None:
        """Press the first element that matches, as a finger or a mouse does."""

    @abstractmethod
    def type(self, selector: str, text: str) -> None:
        """Press the field that matches, and then keys."""

    @abstractmethod
    def forget(self) -> None:
        """Lose the cookies, those that scripts do not see as well."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""

    def text(self, selector: str) -> str:
        """The words of the first element that matches; empty when there is none."""
        return str(
            self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)
        )

    def until(self, script: str, *arguments: Any) -> Any:
        """Wait until the body of a function returns something true, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # Between two pages there is nothing to run a script in.
            with suppress(EngineError):
                if answer := self.run(script, *arguments):
                    return answer
            time.sleep(0.05)
        words = self.run("return document.body.innerText")
        pytest.fail(f"{type(self).__name__}: {script} {arguments} did not become true on:\n{words}")


def wait_for(program: subprocess.Popen[bytes], connect: Callable[[], Any]) -> Any:
    """What `connect` returns, as soon as the program listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and program.poll() is None:
        with suppress(OSError, httpx.HTTPError):
            return connect()
        time.sleep(0.02)
    pytest.fail(f"{program.args!r} does not listen")


class Chromium80(Engine):
    """The Chromium of February 2020, over the DevTools protocol in a pipe."""

    def __init__(self, folder: Path) -> None:
        (commands, self._out), (self._in, answers) = high_pipe(), high_pipe()
        arguments = [
            "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--no-first-run", "--lang=zh-CN",
            "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={folder}",
        ]  # fmt: skip
        # The browser reads commands from file 3 and writes answers to file 4.
        shell = f'exec "$0" "$@" 3<&{commands} 4>&{answers} {commands}<&- {answers}>&-'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, str(inflated(CHROMIUM_80)), *arguments],
            pass_fds=(commands, answers),
            env={**os.environ, "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"},
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._read, self._number, self._session = b"", 0, ""
        self._events: list[str] = []
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._do("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self._do("Page.enable")
        width, height = PHONE
        self._do(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=True,
        )  # fmt: skip
        self._do("Emulation.setTouchEmulationEnabled", enabled=True)

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            if not select.select([self._in], [], [], PATIENCE)[0]:
                pytest.fail("Chromium 80 does not answer")
            part = os.read(self._in, 1 << 16)
            if not part:
                pytest.fail("Chromium 80 ended by itself")
            self._read += part
        message, _, self._read = self._read.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _do(self, command: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": command, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._message()).get("id") != self._number:
            self._events.append(answer.get("method", ""))
        if "error" in answer:
            raise EngineError(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, url: str) -> None:
        self._events.clear()
        self._do("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            self._events.append(self._message().get("method", ""))

    def run(self, script: str, *arguments: Any) -> Any:
        result = self._do(
            "Runtime.evaluate",
            expression=f"(function () {{ {script} }})(...{json.dumps(arguments)})",
            returnByValue=True,
            awaitPromise=True,
        )
        if "exceptionDetails" in result:
            raise EngineError(result["exceptionDetails"])
        return result["result"].get("value")

    def tap(self, selector: str) -> None:
        x, y = self.run(CENTRE, selector)
        self._do("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self._do("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def type(self, selector: str, text: str) -> None:
        self.tap(selector)
        for key in text:
            self._do("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
            self._do("Input.dispatchKeyEvent", type="keyUp", key=key)

    def forget(self) -> None:
        self._do("Network.clearBrowserCookies")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)


def high_pipe() -> tuple[int, int]:
    """A pipe whose file numbers leave 3 and 4 alone."""
    low = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low)
    for end in low:
        os.close(end)
    return read, write


def inflated(packed: Path) -> Path:
    """The program that a package holds compressed, unpacked beside it once."""
    if not packed.exists():
        pytest.fail("Chromium 80 is missing. Run `npm ci` (or `make test`) first.")
    program = packed.with_suffix("")
    if not program.exists():
        # Under a name of its own first: two test processes may do this at once.
        fresh = packed.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(brotli.decompress(packed.read_bytes()))
        fresh.chmod(0o755)
        fresh.replace(program)
    return program


class WebDriver(Engine):
    """An engine that takes the commands of W3C WebDriver."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

    @abstractmethod
    def _do(self, command: str, **parameters: Any) -> Any:
        """Run one command, named as in Marionette."""

    def open(self, url: str) -> None:
        self._do("Navigate", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self._do("ExecuteScript", script=script, args=list(arguments))

    def tap(self, selector: str) -> None:
        self.run(CENTRE, selector)
        self._do("ElementClick", id=self._element("css selector", selector))

    def type(self, selector: str, text: str) -> None:
        self.tap(selector)
        self._do("ElementSendKeys", id=self._element("css selector", selector), text=text)

    def forget(self) -> None:
        self._do("DeleteAllCookies")

    def _element(self, using: str, value: str) -> str:
        found = self._do("FindElement", using=using, value=value)
        return str(found[self.ELEMENT])


class WebKit(WebDriver):
    """WebKitGTK, the engine of Safari, through its own driver on a screen that nobody sees."""

    ADDRESSES: dict[str, str] = {  # noqa: RUF012 (a constant)
        "Navigate": "url",
        "ExecuteScript": "execute/sync",
        "FindElement": "element",
        "ElementClick": "element/{id}/click",
        "ElementSendKeys": "element/{id}/value",
        "SetWindowRect": "window/rect",
    }

    def __init__(self, folder: Path) -> None:
        # The screen takes a free number by itself, and writes it to file `write`.
        read, write = os.pipe()
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        # To the end of the line: closed too early, it would end the screen.
        with os.fdopen(read) as numbers:
            display = numbers.readline().strip()
        port = free_port()
        # Everything that the browser keeps stays in a folder of its own.
        homes = {
            name: str(folder)
            for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
        }
        self._driver = subprocess.Popen(
            [program("WebKitWebDriver", "webkit2gtk-driver"), f"--port={port}"],
            env={
                **os.environ,
                **homes,
                "DISPLAY": f":{display}",
                "LANG": "zh_CN.UTF-8",
                "NO_AT_BRIDGE": "1",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False
        )
        wait_for(self._driver, lambda: self._client.get("/status"))
        browser = next(Path("/").glob(MINI_BROWSER[1:]))
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._session = ""
        self._session = self._post("/session", wanted)["sessionId"]
        width, height = PHONE
        self._do("SetWindowRect", width=width, height=height)

    def _post(self, address: str, body: dict[str, Any]) -> Any:
        value = self._client.post(address, json=body).json()["value"]
        if isinstance(value, dict) and "error" in value:
            raise EngineError(value)
        return value

    def _do(self, command: str, **parameters: Any) -> Any:
        address = self.ADDRESSES[command].format(**parameters)
        return self._post(f"/session/{self._session}/{address}", parameters)

    def forget(self) -> None:
        self._client.delete(f"/session/{self._session}/cookie")

    def close(self) -> None:
        self._client.delete(f"/session/{self._session}")
        self._client.close()
        for process in (self._driver, self._screen):
            process.terminate()
            process.wait()


class Firefox(WebDriver):
    """Firefox ESR, over Marionette: what geckodriver itself talks to."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        wishes = {
            "marionette.port": port,
            "intl.accept_languages": "zh-CN",
            "browser.startup.page": 0,
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
        }
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wishes.items()
        ]
        (folder / "user.js").write_text("\n".join(lines))
        width, height = PHONE
        self._process = subprocess.Popen(
            [
                program("firefox-esr", "firefox-esr"), "--headless", "--no-remote", "--marionette",
                "--profile", str(folder), "--width", str(width), "--height", str(height),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._socket: socket.socket = wait_for(
            self._process, lambda: socket.create_connection(("127.0.0.1", port), PATIENCE)
        )
        self._answers = self._socket.makefile("rb")
        self._answer()
        self._number = 0
        self._do("NewSession", capabilities={"alwaysMatch": {}})

    def _answer(self) -> Any:
        length = b""
        while (character := self._answers.read(1)) != b":":
            length += character
        return json.loads(self._answers.read(int(length)))

    def _do(self, command: str, **parameters: Any) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._answer()
        if error:
            raise EngineError(error)
        return result["value"] if set(result) == {"value"} else result

    def close(self) -> None:
        self._answers.close()
        self._socket.close()
        self._process.terminate()
        self._process.wait()


def program(name: str, package: str) -> str:
    """Where a program lies. A missing one fails the tests: nothing is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing. On Debian: apt-get install {package}")
    return found
