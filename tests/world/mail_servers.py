"""A real IMAP server (Dovecot) and a real SMTP server (aiosmtpd), on loopback."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP
from imapclient import IMAPClient

from tests.world.databases import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from email.message import EmailMessage
    from pathlib import Path

USER, PASSWORD = "bianmin", "a-mailbox-on-the-wall"
# Everything lies in one folder and listens on loopback. Dovecot refuses to serve as root, and then
# takes the users that its package made.
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 0
mail_location = maildir:{folder}/mail/%u
disable_plaintext_auth = no
auth_failure_delay = 0
login_trusted_networks = 127.0.0.1
ssl = {ssl}
{certificate}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """Dovecot: each user has a mailbox of their own, with one password for all."""

    port: int
    tls_port: int

    @contextmanager
    def signed_in(self, user: str = USER) -> Iterator[IMAPClient]:
        """A mail program of the office, signed in."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        client.login(user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, *letters: bytes, user: str = USER) -> None:
        """Put letters into the mailbox, in this order."""
        with self.signed_in(user) as client:
            for letter in letters:
                client.append("INBOX", letter.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(
        [*command, "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


@contextmanager
def dovecot(folder: Path) -> Iterator[ImapServer]:
    """Dovecot, running for as long as it is needed."""
    server = ImapServer(free_port(), free_port())
    folder.chmod(0o755)
    user, login_user = _users()
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, user.pw_uid, user.pw_gid)
    config = folder / "dovecot.conf"
    certificate, key = self_signed(folder)
    config.write_text(
        DOVECOT.format(
            folder=folder,
            user=user.pw_name,
            group=grp.getgrgid(user.pw_gid).gr_name,
            login_user=login_user.pw_name,
            password=PASSWORD,
            port=server.port,
            tls_port=server.tls_port,
            ssl="yes",
            certificate=f"ssl_cert = <{certificate}\nssl_key = <{key}",
        )
    )
    binary = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    assert binary is not None, "apt-get install dovecot-imapd"
    process = subprocess.Popen([binary, "-F", "-c", config], stderr=subprocess.PIPE)
    try:
        _wait_for(server.port, process, folder)
        yield server
    finally:
        process.terminate()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


def _users() -> tuple[pwd.struct_passwd, pwd.struct_passwd]:
    """Who has the mailboxes, and who greets."""
    if os.getuid() == 0:
        return pwd.getpwnam("dovecot"), pwd.getpwnam("dovenull")
    return pwd.getpwuid(os.getuid()), pwd.getpwuid(os.getuid())


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the server's greeting."""
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = folder / "log"
    assert process.stderr is not None
    said = log.read_text() if log.exists() else ""
    raise AssertionError(f"Dovecot does not answer: {said}")


@dataclass
class SmtpServer:
    """Takes letters, or answers as it is asked to."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    # Recipients in the order in which letters came.
    recipients: list[str] = field(default_factory=list)
    # What it answers in the place of taking a letter, such as `451 later`; empty to take it.
    answer: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """A recipient."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """A letter."""
        letter: Any = message_from_bytes(envelope.original_content, policy=policy.default)
        self.taken.append(letter)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@asynccontextmanager
async def smtp_server() -> AsyncIterator[SmtpServer]:
    """One, on loopback, in this process."""
    found = SmtpServer()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(found, loop=loop, hostname="mx.example"), "127.0.0.1", 0
    )
    found.port = listening.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        listening.close()
        await listening.wait_closed()


def text_of(letter: EmailMessage) -> str:
    """What a letter says."""
    body = letter.get_body(("plain",))
    assert body is not None
    said: str = body.get_content()
    return said
