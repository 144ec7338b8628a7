"""Scripts of the pages: ES modules, put into one text for Streamlit, or served one by one."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from dashboard.shared import assets

DASHBOARD = Path(assets.__file__).resolve().parents[1]
_DATA = re.compile(r'"data:text/javascript;base64,([^"]+)"')


def unpacked(script: str) -> list[str]:
    """A script's own text and that of everything it carries."""
    inner = [base64.b64decode(found).decode() for found in _DATA.findall(script)]
    return [_DATA.sub('""', script), *(text for one in inner for text in unpacked(one))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(assets, "_DASHBOARD", tmp_path)
    (tmp_path / "wing").mkdir()
    (tmp_path / "shared.js").write_text("export const shared = 1;\n")
    (tmp_path / "wing" / "near.js").write_text(
        'import { shared } from "../shared.js";\nexport const near = shared;\n'
    )
    (tmp_path / "wing" / "page.js").write_text(
        'import { shared } from "../shared.js";\n'
        'import {\n  near,\n  far,\n} from "./near.js";\n'
        'const said = "./near.js";\nexport default () => said;\n'
    )
    return tmp_path


def test_a_script_carries_what_it_imports_and_nothing_else_is_touched(folder: Path) -> None:
    script = assets.script(str(folder / "wing" / "page.py"), "page.js")
    texts = unpacked(script)
    assert sum("export const shared = 1;" in text for text in texts) == 2
    assert sum("export const near = shared;" in text for text in texts) == 1
    assert 'const said = "./near.js";' in texts[0]
    assert "//# sourceURL=rapt/wing/page.js" in texts[0]


def test_who_imports_the_same_module_gets_the_same_address(folder: Path) -> None:
    """Or its classes would be two, and none would know the other's errors."""
    script = assets.script(str(folder / "wing" / "page.py"), "page.js")
    near = next(text for one in _DATA.findall(script) if "near = " in (text := _decoded(one)))
    (shared,) = _DATA.findall(near)
    assert shared in _DATA.findall(script)


def _decoded(data: str) -> str:
    return base64.b64decode(data).decode()


def test_modules_lists_a_script_and_all_that_it_imports(folder: Path) -> None:
    found = assets.modules(str(folder / "wing" / "page.py"), "page.js")
    assert set(found) == {"shared.js", "wing/near.js", "wing/page.js"}


def test_modules_that_import_each_other_are_refused(folder: Path) -> None:
    (folder / "shared.js").write_text('import "./wing/near.js";\n')
    with pytest.raises(ValueError, match=r"wing/near\.js imports itself"):
        assets.script(str(folder / "wing" / "other.py"), "near.js")


@pytest.mark.parametrize(
    "path", sorted(DASHBOARD.rglob("*.js")), ids=lambda path: path.relative_to(DASHBOARD).as_posix()
)
def test_every_script_resolves_with_no_relative_import_left(path: Path) -> None:
    for text in unpacked(assets.script(str(path), path.name)):
        assert not re.search(r'^\s*(import|export)\b[^;]*"\.{1,2}/', text, re.M)
        assert "await import(" not in text
