"""A feature's own files: styles, scripts, markup, read once.

A script is an ES module and imports others by relative paths. Streamlit takes one text a
component and runs it from a ``blob:`` address, where relative paths lead nowhere; so each
import's path is replaced by the imported module itself, as a ``data:`` address. Two modules
that import a third get the same address, hence the same instance (decision 166).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

_DASHBOARD = Path(__file__).resolve().parents[1]
#: A static import or re-export of a relative path, as Biome formats it.
_IMPORT = re.compile(r'(^(?:import|export)\b[^;"]*?)"(\.{1,2}/[^"]+\.js)";', re.M)


@cache
def text(beside: str, name: str) -> str:
    """The file ``name`` in the folder of the module ``beside`` (its ``__file__``)."""
    return Path(beside).with_name(name).read_text("utf-8")


@cache
def script(beside: str, name: str) -> str:
    """The ES module ``name`` as one text, with all that it imports inside it."""
    return _with_imports(Path(beside).resolve().with_name(name), ())


@cache
def modules(beside: str, name: str) -> dict[str, Path]:
    """The ES module ``name`` and all that it imports, by their paths below the dashboard.

    For a page that loads them one by one: relative imports then lead from one to the next.
    """
    found: dict[str, Path] = {}
    waiting = [Path(beside).resolve().with_name(name)]
    while waiting:
        path = waiting.pop()
        if (key := module_name(path)) not in found:
            found[key] = path
            waiting += [_beside(path, to) for _, to in _IMPORT.findall(path.read_text("utf-8"))]
    return found


def module_name(path: Path) -> str:
    return path.relative_to(_DASHBOARD).as_posix()


def _beside(path: Path, to: str) -> Path:
    return (path.parent / to).resolve()


def _with_imports(path: Path, above: tuple[Path, ...]) -> str:
    if path in above:
        raise ValueError(f"{module_name(path)} imports itself, by way of others.")

    def put(found: re.Match[str]) -> str:
        inner = _with_imports(_beside(path, found[2]), (*above, path))
        address = "data:text/javascript;base64," + base64.b64encode(inner.encode()).decode()
        return f'{found[1]}"{address}";'

    # The last line is the name by which a browser's tools show the module.
    return f"{_IMPORT.sub(put, path.read_text('utf-8'))}\n//# sourceURL=rapt/{module_name(path)}\n"
