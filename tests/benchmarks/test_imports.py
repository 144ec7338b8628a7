"""No suite runs the benchmarks whole: what they take from the project is there all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def file_of(module: str) -> Path | None:
    """A module's file; None for one that is not the project's."""
    path = PROJECT.joinpath(*module.split("."))
    for one in (path.with_suffix(".py"), path / "__init__.py"):
        if one.is_file():
            return one
    return None


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module binds at its top, also below an ``if`` or a ``try``."""
    inside: list[ast.stmt] = list(ast.parse(path.read_text("utf-8")).body)
    found: set[str] = set()
    while inside:
        one = inside.pop()
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(one.name)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            found |= {(name.asname or name.name).partition(".")[0] for name in one.names}
        else:
            found |= {x.id for x in ast.walk(one) if isinstance(x, ast.Name)}
            inside += [x for x in ast.iter_child_nodes(one) if isinstance(x, ast.stmt)]
    return frozenset(found)


def missing(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        path = file_of(node.module)
        for name in (one.name for one in node.names) if path is not None else ():
            if name not in names_in(path) and file_of(f"{node.module}.{name}") is None:
                yield f"{source.name}: {node.module} has no {name}"


def test_every_name_that_a_benchmark_imports_is_there() -> None:
    sources = sorted((PROJECT / "benchmarks").rglob("*.py"))
    assert len(sources) > 50
    assert [line for source in sources for line in missing(source)] == []


def test_a_name_that_is_gone_is_told(tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text("from fer_core.labels import EMOTIONS, MOODS\nfrom numpy import nothing\n")
    assert list(missing(source)) == ["one.py: fer_core.labels has no MOODS"]
