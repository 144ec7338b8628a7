"""What holds for all test modules: none imports another."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

TESTS = Path(__file__).resolve().parent
FILES = sorted([*TESTS.rglob("*.py"), *TESTS.parent.joinpath("benchmarks").rglob("*.py")])


def imported(source: str) -> list[str]:
    """Every module that a file may import, wherever the import stands."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found += [module, *(f"{module}.{one.name}" for one in node.names)]
    return found


def borrowed(source: str) -> list[str]:
    """The test modules among them: relative imports count as the tests' own."""
    return [
        name for name in imported(source) if any(p.startswith("test_") for p in name.split("."))
    ]


def test_nothing_is_imported_from_a_test_module() -> None:
    found = {str(path): borrowed(path.read_text("utf-8")) for path in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_search_for_such_imports_finds_them() -> None:
    source = """
        from tests.storage.test_kept_faces import seen
        from tests.zoo import test_card
        from .test_queue import wait
        from tests.storage.kept import write
        import tests.live.test_truth
        def late(): import tests.jobs.test_worker
    """
    found = borrowed(inspect.cleandoc(source))
    assert {name.split(".")[-1] for name in found} >= {
        "seen", "test_card", "wait", "test_truth", "test_worker",
    }  # fmt: skip
    assert "tests.storage.kept" not in found
