"""`rapt tokens` and `rapt webhooks`: what other programs may ask, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_core.access.api_tokens import ApiTokens
from fer_core.access.audit import AuditLog
from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.webhooks.hooks import Event, Hooks

Rapt = Callable[..., tuple[int, Any, str]]


def test_tokens_are_made_listed_and_revoked(
    rapt: Rapt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    assert rapt("tokens", "list") == (0, [], "")
    made = rapt("tokens", "add", "Nightly", "--scope", "read", "--scope", "live", "--days", "9")[1]
    assert made["scopes"] == ["read", "live"]
    known = ApiTokens(home).find(made["token"])
    assert known is not None
    assert known.token_id == made["token_id"]
    assert made["token"] not in home.api_tokens.read_text()
    for wrong in (("add", "nightly"), ("add", "x", "--scope", "all"), ("add", " "),
                  ("revoke", "x")):  # fmt: skip
        code, said, _ = rapt("tokens", *wrong)
        assert (code, set(said)) == (1, {"error", "hint"}), wrong
    (listed,) = rapt("tokens", "list")[1]
    assert "token" not in listed
    assert (listed["scopes"], listed["expired"]) == ("read, live", False)
    assert main(["tokens", "list", "--home", str(home.root)]) == 0
    assert "Nightly" in capsys.readouterr().out
    assert rapt("tokens", "revoke", "Nightly")[1]["token_id"] == made["token_id"]
    assert ApiTokens(home).find(made["token"]) is None
    assert [one.detail for one in AuditLog(home).read()] == ["revoke_token", "add_token"]


def test_webhooks_are_named_listed_and_removed(
    rapt: Rapt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, address = Home(tmp_path / "home"), "http://127.0.0.1:9/told"
    assert rapt("webhooks", "list")[1] == rapt("webhooks", "log")[1] == []
    for wrong in ((address,), ("https://127.0.0.1/",), ("nothing",),
                  (address, "--allow-private", "--event", "x")):  # fmt: skip
        code, said, _ = rapt("webhooks", "add", *wrong)
        assert (code, set(said)) == (1, {"error", "hint"}), wrong
    made = rapt("webhooks", "add", address, "--allow-private", "--event", "job.done")[1]
    (hook,) = Hooks(home).list()
    assert (made["secret"], made["events"]) == (hook.secret, ["job.done"])
    (listed,) = rapt("webhooks", "list")[1]
    assert listed == {"hook_id": hook.hook_id, "address": address, "events": "job.done"}
    Hooks(home).queue(Event.JOB_DONE, {"job_id": "j1"}, now=0)
    (told,) = rapt("webhooks", "log")[1]
    assert (told["state"], told["event"], told["tries"]) == ("waits", "job.done", 0)
    for command in ("list", "log"):
        assert main(["webhooks", command, "--home", str(home.root)]) == 0
        assert "job.done" in capsys.readouterr().out
    assert rapt("webhooks", "remove", address)[1]["hook_id"] == hook.hook_id
    assert rapt("webhooks", "log")[1][0]["state"] == "given up"
    assert rapt("webhooks", "remove", address)[0] == 1
    assert [one.detail for one in AuditLog(home).read()] == ["remove_webhook", "add_webhook"]
