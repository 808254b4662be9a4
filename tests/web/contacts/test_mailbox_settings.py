"""The file of the mailboxes: what is wrong in it is said in one line, without a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from web.running.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

BOX = {
    "community": "liujiazhuang",
    "address": "bianmin@liujiazhuang.example",
    "host": "imap.example.cn",
    "user": "bianmin",
    "password_file": "/etc/lianxin/password",
}
SMTP = {
    "LIANXIN_PUBLIC_URL": "https://lianxin.example.cn",
    "LIANXIN_SMTP_HOST": "smtp.example.cn",
    "LIANXIN_SMTP_FROM": "a@b.cn",
}


def settings(folder: Path, content: str, **environment: str) -> Settings:
    """Settings whose data folder has this file."""
    (folder / "mailboxes.json").write_text(content)
    return Settings.from_environment({"LIANXIN_DATA": str(folder), **SMTP, **environment})


def test_without_a_file_there_is_no_mailbox(tmp_path) -> None:
    assert Settings.from_environment({"LIANXIN_DATA": str(tmp_path)}).letter_boxes == ()


def test_the_file_in_the_data_folder_is_taken(tmp_path) -> None:
    [box] = settings(tmp_path, json.dumps([BOX])).letter_boxes
    assert (box.port, box.security, box.folder) == (993, "tls", "INBOX")


def test_another_file_can_be_named(tmp_path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{**BOX, "community": "jian"}]))
    [box] = settings(tmp_path, json.dumps([BOX]), LIANXIN_MAILBOXES=str(other)).letter_boxes
    assert box.community == "jian"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"port": 0}, "0.port"),
        ({"security": "perhaps"}, "0.security"),
        ({"address": "no address"}, "0.address"),
        ({"community": "Big Place"}, "0.community"),
        ({"password": "hush"}, "0.password"),
        ({"host": ""}, "0.host"),
    ],
    ids=str,
)
def test_a_wrong_mailbox_is_named_in_one_line(tmp_path, change: dict[str, Any], said) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, json.dumps([{**BOX, **change}]))
    line = str(caught.value)
    assert line.startswith("LIANXIN_MAILBOXES")
    assert said in line
    assert "hush" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("content", "said"),
    [("no json", "Invalid JSON"), ("{}", "valid array"), (json.dumps([BOX, BOX]), "two mailboxes")],
)
def test_a_file_that_is_none_is_named_in_one_line(tmp_path, content, said) -> None:
    with pytest.raises(SettingsError, match=said):
        settings(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(SettingsError, match="LIANXIN_MAILBOXES=/nowhere: cannot be read"):
        settings(tmp_path, "[]", LIANXIN_MAILBOXES="/nowhere")


def test_letters_cannot_be_answered_without_a_mail_server(tmp_path) -> None:
    (tmp_path / "mailboxes.json").write_text(json.dumps([BOX]))
    with pytest.raises(SettingsError, match="LIANXIN_SMTP_HOST"):
        Settings.from_environment({"LIANXIN_DATA": str(tmp_path)})
