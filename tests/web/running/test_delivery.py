"""What sends: its settings, its keys, and that it lives and ends with the one that serves."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from domain.events import ContentChanged
from domain.queue.happened import QueueAdvanced
from domain.store import Store
from push.keys import KeyRing
from push.subscriptions import Known
from push.tables import ChannelKind
from tests.world.clock import NOW
from tests.world.push_browsers import FCM, OURS, PushBrowser, device_of
from web.running import delivery_supervisor
from web.running.cli import main
from web.running.delivery_process import channels, say_which_keys_are_missing
from web.running.delivery_supervisor import DeliveryProcess
from web.running.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.databases import SqliteFiles

SOON = 60.0
"""Seconds in which another process starts, or ends, on any machine."""
HERE = {"LIANXIN_PUBLIC_URL": "https://lianxin.example.cn"}
MAIL = {**HERE, "LIANXIN_SMTP_HOST": "mail.example.cn", "LIANXIN_SMTP_FROM": "hall@example.cn"}
CHAT = {
    **HERE,
    "LIANXIN_WEBHOOK_URL": "https://chat.example.cn/x",
    "LIANXIN_WEBHOOK_SECRET": "s" * 16,
}


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path))


async def test_without_settings_there_is_push_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    found = channels(settings)
    assert set(found) == settings.ways.channels == {ChannelKind.PUSH}
    for each in found.values():
        await each.close()


async def test_each_channel_is_there_by_its_settings(tmp_path: Path) -> None:
    settings = Settings.from_environment({**MAIL, **CHAT, "LIANXIN_DATA": str(tmp_path)})
    found = channels(settings)
    assert set(found) == settings.ways.channels == set(ChannelKind)
    for each in found.values():
        await each.close()


@pytest.mark.parametrize(
    ("public_url", "contact", "said"),
    [
        (None, None, "mailto:postmaster@localhost"),
        ("https://lianxin.example.cn", None, "https://lianxin.example.cn"),
        ("http://hall.example.cn:8000", None, "mailto:postmaster@hall.example.cn"),
        ("https://lianxin.example.cn", "mailto:it@example.cn", "mailto:it@example.cn"),
    ],
)
def test_whom_a_push_service_can_ask(public_url, contact, said) -> None:
    settings = Settings(public_url=public_url, push_contact=contact)
    assert settings.contact == said
    assert settings.is_without_contact is ("localhost" in said)


@pytest.mark.parametrize(
    ("host", "form"), [("qyapi.weixin.qq.com", None), ("proxy.example.cn", "wecom")]
)
def test_a_robot_may_do_without_a_secret(host, form) -> None:
    environment = {**HERE, "LIANXIN_WEBHOOK_URL": f"https://{host}/x"}
    settings = Settings.from_environment(
        environment | ({"LIANXIN_WEBHOOK_FORM": form} if form else {})
    )
    assert settings.webhook is not None
    assert (settings.webhook.secret, settings.webhook.form) == ("", form)
    assert ChannelKind.WEBHOOK in settings.ways.channels


def test_letters_may_come_from_an_address_with_a_name() -> None:
    settings = Settings.from_environment({**MAIL, "LIANXIN_SMTP_FROM": "连心 <hall@example.cn>"})
    assert settings.smtp is not None
    assert settings.smtp.sender == "连心 <hall@example.cn>"
    assert settings.smtp_address == "hall@example.cn"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"LIANXIN_PUSH_CONTACT": "it@example.cn"},
            "LIANXIN_PUSH_CONTACT=it@example.cn: must begin with mailto",
        ),
        ({"LIANXIN_PUSH_CONTACT": "mailto: it@example.cn"}, "hold no space"),
        ({**MAIL, "LIANXIN_SMTP_FROM": ""}, "LIANXIN_SMTP_FROM: must be the address"),
        ({**MAIL, "LIANXIN_SMTP_FROM": "连心 <hall>"}, "must be the address"),
        ({**MAIL, "LIANXIN_PUBLIC_URL": ""}, "LIANXIN_SMTP_HOST=mail.example.cn: needs LIANXIN_P"),
        (
            {**CHAT, "LIANXIN_PUBLIC_URL": ""},
            "LIANXIN_WEBHOOK_URL=https://chat.example.cn/x: needs",
        ),
        ({**MAIL, "LIANXIN_SMTP_SECURITY": "some"}, "LIANXIN_SMTP_SECURITY=some"),
        ({**CHAT, "LIANXIN_WEBHOOK_URL": "http://chat.example.cn/"}, "must begin with https"),
        ({**CHAT, "LIANXIN_WEBHOOK_URL": "https://a@chat.example.cn/"}, "name no user"),
        (
            {**CHAT, "LIANXIN_WEBHOOK_SECRET": "hush"},
            "LIANXIN_WEBHOOK_SECRET: must have at least 16",
        ),
        ({**CHAT, "LIANXIN_WEBHOOK_FORM": "slack"}, "LIANXIN_WEBHOOK_FORM=slack: "),
        ({**CHAT, "LIANXIN_WEBHOOK_URL": f"https://{'a' * 64}.cn/"}, "is not the name of a host"),
        ({**CHAT, "LIANXIN_WEBHOOK_URL": "https://聊天.cn/"}, "as the DNS spells it"),
        ({**MAIL, "LIANXIN_SMTP_HOST": f"{'a' * 64}.cn"}, "is not the name of a host"),
        ({**MAIL, "LIANXIN_SMTP_HOST": "mail..cn"}, "is not the name of a host"),
        ({**CHAT, "LIANXIN_WEBHOOK_SECRET": ""}, "LIANXIN_WEBHOOK_SECRET: must have"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line_without_secrets(environment, words) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_further_origins_stand_with_commas() -> None:
    settings = Settings.from_environment({"LIANXIN_PUSH_ORIGINS": "http://a:1,http://b:2"})
    assert settings.ways.origins == {"http://a:1", "http://b:2"}


def test_the_public_key_is_shown_and_rotated(tmp_path: Path, capsys) -> None:
    assert main(["keys"]) == 0
    first = capsys.readouterr().out.strip()
    assert first == KeyRing(tmp_path).current.public
    assert main(["keys", "rotate"]) == 0
    second = capsys.readouterr().out.splitlines()[0]
    assert list(KeyRing(tmp_path).by_public) == [first, second]


def test_old_keys_are_forgotten_with_what_they_signed(tmp_path: Path, capsys) -> None:
    assert main(["migrate"]) == 0
    assert main(["keys"]) == 0
    assert main(["keys", "rotate", "--forget-old"]) == 0
    assert "0 subscriptions of old keys are removed" in capsys.readouterr().out
    assert len(KeyRing(tmp_path).keys) == 1


async def test_keys_that_are_missing_are_said_at_the_start(database, tmp_path, caplog) -> None:
    store = Store(database)
    await store.open()
    ring = KeyRing(tmp_path)
    known = Known(frozenset(), frozenset({ring.current.public, OURS}))
    await PushBrowser(f"{FCM}a", ring.current.public).subscribe(store, device_of("li"), known)
    await say_which_keys_are_missing(store, Settings(data=tmp_path))
    assert caplog.text == ""
    await PushBrowser(f"{FCM}b", OURS).subscribe(store, device_of("li"), known)
    await say_which_keys_are_missing(store, Settings(data=tmp_path))
    assert "1 of 2 subscriptions were made with keys that are not here" in caplog.text
    await store.close()


def test_forgetting_alone_is_no_command(capsys) -> None:
    assert main(["keys", "--forget-old"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


async def until(condition) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.02)


class FirstWords:
    """What the processes of this test print, and how often one said that it is ready."""

    def __init__(self, printed: pytest.CaptureFixture[str]) -> None:
        self.printed, self.text = printed, ""

    def count(self) -> int:
        """How many processes listen to their standard input by now."""
        self.text += self.printed.readouterr().out
        return self.text.count("ready to send messages")


@pytest.fixture
def first_words(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> FirstWords:
    # It stands back in priority, so on a busy machine it also ends slowly.
    monkeypatch.setattr(delivery_supervisor, "EXIT_WITHIN", SOON)
    return FirstWords(capfd)


@pytest.fixture
def database(sqlite_files: SqliteFiles, monkeypatch: pytest.MonkeyPatch) -> str:
    url = sqlite_files.copy("empty")
    monkeypatch.setenv("LIANXIN_DATABASE", url)
    return url


async def test_it_lives_as_long_as_who_serves(database, first_words) -> None:
    process = DeliveryProcess()
    process.start()
    # On a busy machine it imports for longer than `close` waits before it kills.
    await until(lambda: first_words.count() == 1)
    running = process._process
    assert running is not None
    process.heard(QueueAdvanced(1, NOW))
    process.heard(ContentChanged(1))
    await process.close()
    assert running.returncode == 0
    process.heard(QueueAdvanced(1, NOW))


async def test_it_is_started_again_when_it_dies(database, monkeypatch, caplog, first_words) -> None:
    monkeypatch.setattr(delivery_supervisor, "PATIENCE", (0.0,))
    process = DeliveryProcess()
    process.start()
    await until(lambda: process._process is not None)
    first = process._process
    assert first is not None
    first.send_signal(signal.SIGKILL)
    await first.wait()
    before = first_words.count()
    await until(lambda: first_words.count() == before + 1)
    second = process._process
    assert second is not None
    assert second is not first
    await process.close()
    assert second.returncode == 0
    assert "ended with -9; it is started again" in caplog.text


async def test_a_sender_that_hangs_is_ended_and_started_again(
    database, monkeypatch, caplog, first_words
) -> None:
    monkeypatch.setattr(delivery_supervisor, "PATIENCE", (0.0,))
    monkeypatch.setattr(delivery_supervisor, "EVERY", 0.05)
    process = DeliveryProcess()
    process.start()
    await until(lambda: first_words.count() == 1)
    first = process._process
    assert first is not None
    assert process.is_well
    # Nothing is awaited in between, so the process is not ended yet.
    monkeypatch.setattr(delivery_supervisor, "SILENT", 0.0)
    assert not process.is_well
    monkeypatch.setattr(delivery_supervisor, "SILENT", 3.0)
    first.send_signal(signal.SIGSTOP)
    await first.wait()
    # It must have time to start.
    monkeypatch.setattr(delivery_supervisor, "SILENT", SOON)
    await until(lambda: first_words.count() == 2)
    assert process.is_well
    await process.close()
    assert not process.is_well
    assert "has not been heard for 3.0 seconds" in caplog.text


async def test_a_machine_without_room_for_a_process_is_asked_again(monkeypatch, caplog) -> None:
    tried = []

    async def full() -> object:
        tried.append(1)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(delivery_supervisor, "PATIENCE", (0.0,))
    process = DeliveryProcess()
    monkeypatch.setattr(process, "_spawn", full)
    process.start()
    await until(lambda: len(tried) > 3)
    assert not process.is_well
    await process.close()
    assert "BlockingIOError: [Errno 11]" in caplog.text


async def test_deaths_are_forgotten_after_a_healthy_life(monkeypatch) -> None:
    waits: list[float] = []
    lives = [0.0, 0.0, 0.0, 1.2, 0.0]
    sleep, mine = asyncio.sleep, asyncio.current_task()

    async def live() -> int:
        if not lives:
            raise asyncio.CancelledError
        await sleep(lives.pop(0))
        return 1

    # An application that other tests share goes on in the same loop.
    async def wait(seconds: float) -> None:
        if asyncio.current_task() is mine:
            waits.append(seconds)
        else:
            await sleep(seconds)

    monkeypatch.setattr(delivery_supervisor, "HEALTHY", 1.0)
    monkeypatch.setattr(asyncio, "sleep", wait)
    process = DeliveryProcess()
    monkeypatch.setattr(process, "_live", live)
    with pytest.raises(asyncio.CancelledError):
        await process._keep()
    assert waits == [1.0, 5.0, 30.0, 1.0, 5.0]
