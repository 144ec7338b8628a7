"""A wheel carries the runtime for browsers, so that who installs it needs no Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.web import folder
from fer_core.web.packed import pack
from fer_core.web.static import export_page
from tests.dashboard.camera.respondents.numbers import install_nothing


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program would carry it."""
    target = tmp_path / "built"
    monkeypatch.setattr(folder, "PACKED", target)
    return target


def test_what_is_packed_serves_a_home_that_has_none(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, user = Home(tmp_path / "maker"), Home(tmp_path / "user")
    install_nothing(maker)
    made = pack(maker, packed)
    assert made is not None
    assert made.path == packed
    assert folder.web_folder(user) == made
    monkeypatch.setattr(folder, "_npm", None)  # nobody asks npm
    assert folder.install(user) == made
    assert not user.cache.exists()
    names = export_page(user, tmp_path / "site")
    assert {"litert.js", "LICENSES.txt"} <= set(names)
    assert (tmp_path / "site/litert.js").read_text() == "// nothing"
    assert "Apache License" in (tmp_path / "site/LICENSES.txt").read_text()


def test_a_home_without_it_packs_nothing_and_clears_what_was(packed: Path, tmp_path: Path) -> None:
    maker = Home(tmp_path / "maker")
    install_nothing(maker)
    pack(maker, packed)
    assert pack(Home(tmp_path / "other"), packed) is None
    assert not packed.exists()


def test_a_damaged_file_is_not_packed(packed: Path, tmp_path: Path) -> None:
    maker = Home(tmp_path / "maker")
    (install_nothing(maker) / "litert.js").write_text("// something else")
    with pytest.raises(SettingsError, match="damaged"):
        pack(maker, packed)
    assert not packed.exists()
