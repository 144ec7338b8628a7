"""`rapt share`: made, listed and ended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fer_core.access.audit import AuditLog
from fer_core.home import Home
from fer_core.reports.sharing import read
from fer_core.storage import open_store
from fer_core.storage.settings import SetSetting

Rapt = Callable[..., tuple[int, Any, str]]


def test_a_report_is_shared_listed_and_ended(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(demo_template, home.root)
    with open_store(home) as store:
        store.run(SetSetting(name="network.public_url", value="https://study.example.org"))
    code, made, _ = rapt("share", "add", "--days", "7", "--no-compare")
    assert code == 0
    assert made["link"].startswith(f"https://study.example.org/s/{made['share_id']}.")
    assert made["minimum"] == 5
    with open_store(home) as store:
        assert read(store, made["link"].rpartition("/")[2])[0] == made["share_id"]
    assert rapt("share", "list")[1] == [made]
    assert rapt("share", "revoke", "h0")[1]["error"] == "There is no shared report 'h0'."
    assert rapt("share", "revoke", made["link"])[1] == {"share_id": made["share_id"]}
    assert rapt("share", "list")[1] == []
    assert [one.detail for one in AuditLog(home).read()] == ["revoke_share", "add_share"]
