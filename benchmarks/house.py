"""How the code is laid out, in numbers: before and after, and what it takes to add a thing.

    python -m benchmarks.house --before REV     # writes docs/benchmarks/house.md

Counts are made on what git tracks at REV and in this tree, in ``fer_core``, ``dashboard`` and
``pages``; comments and docstrings do not count. Each addition in ``tests/additions.py`` is made
on a scratch copy of the tree, and its test is run there.
"""

from __future__ import annotations

import argparse
import ast
import io
import itertools
import keyword
import re
import subprocess
import tarfile
import tempfile
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_core.machine import stamp
from tests.additions import ADDITIONS, Addition, tried

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "house.md"
PRODUCT = ("fer_core", "dashboard", "pages")
#: What was built beside the rebuild, not by it.
NEW_SINCE = ("fer_core/rental/", "fer_core/training/fused/")
SHARED_LINES = 6
MOST_PLACES = 8  # a run that stands in more places is an idiom, not a copy
LONG_FUNCTION = 50
MOST_FILES = 20
SOURCES = (".py", ".js", ".ts", ".css", ".html", ".sql")


@dataclass(frozen=True, slots=True)
class Module:
    path: str
    text: str
    tree: ast.Module


def modules(root: Path) -> list[Module]:
    """Every Python file of the product."""
    paths = sorted(p for top in PRODUCT for p in (root / top).rglob("*.py"))
    return [
        Module(str(p.relative_to(root)), text := p.read_text("utf-8"), ast.parse(text))
        for p in paths
    ]


def statements(found: list[Module], *kinds: type[ast.stmt]) -> int:
    """Statements of some kinds, of all if none is named; docstrings left out."""
    every = (node for module in found for node in ast.walk(module.tree))
    return sum(isinstance(node, kinds or ast.stmt) and not _is_docstring(node) for node in every)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def long_functions(found: list[Module]) -> list[str]:
    """Functions of more than fifty lines, with their length."""
    return [
        f"{module.path}:{node.name} ({length})"
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONG_FUNCTION
    ]


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _aliases(module: Module) -> set[str]:
    """Names that a module gives to ``dict[str, Any]``."""
    return {
        target.id
        for node in module.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "dict[str, Any]"
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def count_text(found: list[Module], pattern: str) -> int:
    """How often a type is written in annotations and code; strings and comments left out."""
    wanted = re.compile(pattern)
    return sum(len(wanted.findall(ast.unparse(module.tree))) for module in found)


def untyped_dictionaries(found: list[Module]) -> int:
    """``dict[str, Any]`` and every use of a name that stands for it."""
    aliases = sorted(set().union(*(_aliases(module) for module in found)))
    names = [r"dict\[str, Any\]", *(rf"\b{name}\b" for name in aliases)]
    return count_text(found, "|".join(names))


def any_in_public_signatures(found: list[Module]) -> int:
    """Arguments and results of public functions whose type names ``Any``."""
    total = 0
    for module in found:
        for node in _functions(module):
            if node.name.startswith("_"):
                continue
            spec = node.args
            every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
            types = [one.annotation for one in every if one is not None] + [node.returns]
            total += sum(
                bool(re.search(r"\bAny\b", ast.unparse(kind))) for kind in types if kind is not None
            )
    return total


def rows_by_key(found: list[Module]) -> int:
    """``row["…"]``: a column asked for by its name in a string."""
    return sum(
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("row", "session", "job", "found", "study", "one")
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        for module in found
        for node in ast.walk(module.tree)
    )


def names_defined_twice(found: list[Module]) -> list[str]:
    """Public functions, classes and constants that several modules define."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                where[node.name].add(module.path)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        where[target.id].add(module.path)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                where[node.target.id].add(module.path)
    public = {name: paths for name, paths in where.items() if not name.startswith("_")}
    return sorted(f"{name} ({len(paths)})" for name, paths in public.items() if len(paths) > 1)


def _lines(module: Module, shape: bool) -> list[tuple[int, str]]:
    """Lines that count, with their numbers: no blanks, comments, docstrings, imports, brackets.

    ``shape``: names, strings and numbers are put alike.
    """
    skipped: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node):
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    parts: defaultdict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT):
            continue
        text = token.string
        if shape and token.type == tokenize.NAME and text not in _KEPT:
            text = "n"
        elif shape and token.type == tokenize.STRING:
            text = "s"
        elif shape and token.type == tokenize.NUMBER:
            text = "0"
        if text.strip():
            parts[token.start[0]].append(text)
    return [
        (number, line)
        for number, words in sorted(parts.items())
        if number not in skipped and re.search(r"\w", line := " ".join(words))
    ]


_KEPT = frozenset(keyword.kwlist)


def shared_runs(found: list[Module], *, shape: bool) -> Counter[tuple[str, str]]:
    """Pairs of files that share six lines or more, with how many such windows."""
    places: defaultdict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for module in found:
        lines = _lines(module, shape)
        for at in range(len(lines) - SHARED_LINES + 1):
            window = tuple(text for _, text in lines[at : at + SHARED_LINES])
            places[window].append((module.path, at))
    pairs: Counter[tuple[str, str]] = Counter()
    for window, where in places.items():
        if not 1 < len(where) <= MOST_PLACES or (shape and len(set(window)) < SHARED_LINES // 2):
            continue
        for (first, a), (second, b) in itertools.combinations(where, 2):
            if first != second or abs(a - b) >= SHARED_LINES:
                pairs[first, second] += 1
    return pairs


def crowded_folders(root: Path) -> list[str]:
    """Folders with more than twenty source files."""
    listed = Counter(
        str(path.parent.relative_to(root))
        for top in PRODUCT
        for path in (root / top).rglob("*")
        if path.suffix in SOURCES
    )
    return [f"{folder} ({n})" for folder, n in sorted(listed.items()) if n > MOST_FILES]


def measures_of(root: Path) -> dict[str, tuple[int, list[str]]]:
    """Each count with the places behind it, where there are few enough to list."""
    found = modules(root)
    same, alike = shared_runs(found, shape=False), shared_runs(found, shape=True)

    def listed(pairs: Counter[tuple[str, str]]) -> list[str]:
        return [f"{a} ~ {b}" for (a, b), _ in pairs.most_common()]

    def counted(places: Iterable[str]) -> tuple[int, list[str]]:
        every = list(places)
        return len(every), every

    apart = [module for module in found if module.path.startswith(NEW_SINCE)]
    rest = [module for module in found if module not in apart]
    imports, fields = (ast.Import, ast.ImportFrom), (ast.AnnAssign,)
    return {
        "Statements of product code": (statements(found), []),
        "… of them training on a GPU, which is new": (statements(apart), []),
        "… of the rest: imports": (statements(rest, *imports), []),
        "… of the rest: typed fields and names": (statements(rest, *fields), []),
        "… of the rest: all others": (
            statements(rest) - statements(rest, *imports) - statements(rest, *fields),
            [],
        ),
        "Modules": (len(found), []),
        "Pairs of files that share six lines": counted(listed(same)),
        "Pairs of files that share the shape of six lines": counted(listed(alike)),
        "Functions over 50 lines": counted(long_functions(found)),
        "`dict[str, Any]` and its aliases": (untyped_dictionaries(found), []),
        "`dict[str, object]`": (count_text(found, r"dict\[str, object\]"), []),
        "`Mapping[str, Any]`": (count_text(found, r"Mapping\[str, Any\]"), []),
        "`Any` in public signatures": (any_in_public_signatures(found), []),
        '`row["…"]`': (rows_by_key(found), []),
        "Names defined in more than one module": counted(names_defined_twice(found)),
        "Folders with more than 20 source files": counted(crowded_folders(root)),
    }


def tree_of(revision: str, folder: Path) -> Path:
    """What git holds at a revision, unpacked."""
    packed = subprocess.run(["git", "archive", revision], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def made(addition: Addition, folder: Path) -> tuple[str, int, int, str]:
    """Add it in a copy under ``folder``; its name, files, lines and how its test ended."""
    done = tried(addition, folder / addition.name.replace(" ", "-"))
    said = done.stderr.strip().splitlines()
    ended = "passed" if done.returncode == 0 else f"failed: {said[-1] if said else done.returncode}"
    return addition.name, len(addition.files), addition.lines, ended


def report(before: Path, after: Path, add: Callable[[], list[tuple[str, int, int, str]]]) -> str:
    old, new = measures_of(before), measures_of(after)
    lines = ["| count | before | after | change |", "| --- | ---: | ---: | ---: |"]
    for name, (count, _) in new.items():
        was = old[name][0]
        change = f"{100 * (count - was) / was:+.0f} %" if was else ""
        lines.append(f"| {name} | {was:,} | {count:,} | {change.replace('-', '−')} |")
    lines += [
        "",
        "| to add | product files | lines of them | its test |",
        "| --- | ---: | ---: | --- |",
    ]
    lines += [f"| {what} | {files} | {size} | {said} |" for what, files, size, said in add()]
    for name, (_, places) in new.items():
        if places and len(places) <= 80:
            lines += ["", f"**{name}**", "", *(f"- {place}" for place in places)]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", required=True, help="the revision to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        before = tree_of(given.before, root / "before")
        after = Path(__file__).resolve().parents[1]
        table = report(before, after, lambda: [made(one, root) for one in ADDITIONS])
    said = stamp(f"python -m benchmarks.house --before {given.before}")
    PAGE.write_text(f"# How the code is laid out\n\n{said}.\n\n{table}", encoding="utf-8")
    print(table, end="")


if __name__ == "__main__":
    main()
