"""`rapt users` and `rapt audit`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from fer_core.access import passwords
from fer_core.access.audit import AuditLog, Deed
from fer_core.access.passwords import verify_password
from fer_core.access.permissions import LOCAL
from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.storage import open_store


class Command:
    """Calls the command line on one home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys

    def __call__(self, *args: str) -> Any:
        assert main([*args, "--home", str(self.home), "--json"]) == 0, self._capsys.readouterr()
        return json.loads(self._capsys.readouterr().out)

    def refused(self, *args: str) -> str:
        assert main([*args, "--home", str(self.home)]) == 1
        return self._capsys.readouterr().err


@pytest.fixture
def rapt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "home", capsys)


def test_accounts_are_made_changed_and_removed(
    rapt: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
    assert "first account" in rapt.refused("users", "add", "vic", "--generate")
    made = rapt("users", "add", "anna", "--role", "admin", "--generate")
    assert made["role"] == "admin"
    monkeypatch.setattr("sys.stdin", io.StringIO("from standard input\n"))
    vic = rapt("users", "add", "vic", "--password-stdin")
    with open_store(Home(rapt.home)) as store:
        kept = {one.name: one for one in store.accounts.list()}
    assert verify_password(kept["anna"].password, made["password"])
    assert verify_password(kept["vic"].password, "from standard input")
    assert "already a user" in rapt.refused("users", "add", "VIC", "--generate")
    assert rapt("users", "role", "vic", "analyst")["role"] == "analyst"
    assert rapt("users", "disable", "vic")["disabled"] is True
    assert rapt("users", "disable", "vic", "--back")["disabled"] is False
    assert rapt("users", "password", "vic", "--generate")["password"]
    assert rapt("users", "logout", "vic")["user_id"] == vic["user_id"]
    listed = {one["name"]: (one["role"], one["state"]) for one in rapt("users", "list")}
    assert listed == {"anna": ("admin", "active"), "vic": ("analyst", "active")}
    for args in (("role", "anna", "viewer"), ("disable", "anna"), ("remove", "anna", "--yes")):
        assert "Nobody would be left" in rapt.refused("users", *args)
    assert "--yes" in rapt.refused("users", "remove", "vic")
    rapt("users", "remove", "vic", "--yes")
    rapt("users", "remove", "anna", "--yes")
    assert rapt("users", "list") == []
    assert {one["detail"] for one in rapt("audit", "--who", vic["user_id"])} == set()
    assert rapt("audit", "--subject", vic["user_id"])[0]["detail"] == "remove_user"


def test_a_wrong_role_or_password_is_said_in_one_line(rapt: Command) -> None:
    assert "viewer, analyst, admin" in rapt.refused("users", "add", "x", "--role", "king")
    assert "--generate" in rapt.refused("users", "add", "x", "--role", "admin")
    assert "no user" in rapt.refused("users", "password", "x", "--generate")


def test_the_audit_log_is_read_by_who_what_and_of_whom(rapt: Command) -> None:
    log = AuditLog(Home(rapt.home))
    log.note(LOCAL, Deed.SAW, "session", "s1")
    log.note(LOCAL, Deed.EXPORTED, "session", "s1", "csv")
    assert [one["deed"] for one in rapt("audit")] == ["exported", "saw"]
    assert [one["subject"] for one in rapt("audit", "--deed", "saw")] == ["s1"]
    assert rapt("audit", "--subject", "s2") == []
    assert "Use saw" in rapt.refused("audit", "--deed", "ate")
