"""The page without a server is whole: every file that it names is there, and none is elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.web.static import export_page
from tests.dashboard.camera.respondents.numbers import install_nothing


def test_the_folder_is_whole_and_asks_nobody(tmp_path: Path) -> None:
    home, site = Home(tmp_path / "home"), tmp_path / "site"
    install_nothing(home)
    names = set(export_page(home, site))
    assert names == {one.name for one in site.iterdir()}
    kept = (site / "sw.js").read_text()
    assert "{{" not in kept
    listed = set(json.loads("[" + kept.split("FILES = [")[1].split("]")[0] + "]"))
    assert listed == names - {"sw.js"}
    page = (site / "index.html").read_text()
    for name in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert name in names
    for script in site.glob("*.js"):
        text = script.read_text()
        assert "https://" not in text, script.name
        for name in re.findall(r'from "\./([^"]+)"', text):
            assert name in names
    table = json.loads((site / "table.json").read_text())
    assert table["files"]["model"]["name"] in names
    assert json.loads((site / "manifest.webmanifest").read_text())["icons"][0]["src"] in names


def test_without_the_runtime_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not installed"):
        export_page(Home(tmp_path / "home"), tmp_path / "site")
    assert not (tmp_path / "site").exists()
