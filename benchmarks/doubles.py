"""Pairs of files that share six lines or more, or their shape, and what those lines are."""

from __future__ import annotations

import ast
import io
import itertools
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SHARED_LINES: Final = 6
MOST_PLACES: Final = 8  # a run that stands in more places is an idiom, not a copy
_KEPT: Final = frozenset(keyword.kwlist)
#: What lines that look alike are, and why they may.
WHY: Final = {
    "fields": "declared fields: a list of names and types, which differ",
    "table": "rows of a table: constants, which differ",
    "parameters": "parameters of functions: each is declared where it is used",
    "arguments": "arguments of a call: a value a line",
    "statements": "statements: the same steps with other things",
}


@dataclass(frozen=True, slots=True)
class Module:
    path: str
    text: str
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files (or one twice): how many windows they share, and what most of those lines are."""

    first: str
    second: str
    windows: int
    what: str


def is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _lines(module: Module, shape: bool) -> list[tuple[int, str]]:
    """Lines that count, with their numbers: no blanks, comments, docstrings, imports, brackets.

    ``shape``: names, strings and numbers are put alike.
    """
    skipped: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) or is_docstring(node):
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


def _kinds(module: Module) -> dict[int, str]:
    """What each line belongs to (a key of ``WHY``); lines of plain statements are left out."""
    found: dict[int, str] = {}
    for first, last, what in _stretches(module.tree, "module"):
        found |= dict.fromkeys(range(first, last + 1), what)
    return found


def _stretches(parent: ast.AST, inside: str) -> Iterator[tuple[int, int, str]]:
    for node in ast.iter_child_nodes(parent):
        within = inside
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            begin = min([one.lineno for one in node.decorator_list] + [node.lineno])
            yield begin, max(node.lineno, node.body[0].lineno - 1), "parameters"
            within = "function"
        elif isinstance(node, ast.ClassDef):
            begin = min([one.lineno for one in node.decorator_list] + [node.lineno])
            yield begin, node.lineno, "fields"
            within = "class"
        elif inside == "class" and isinstance(node, ast.AnnAssign):
            yield node.lineno, node.end_lineno or node.lineno, "fields"
        elif inside == "module" and isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
            yield node.lineno, node.end_lineno or node.lineno, "table"
            continue
        elif (
            inside == "function"
            and isinstance(node, ast.Call | ast.Dict | ast.List | ast.Tuple | ast.Set)
            and (node.end_lineno or node.lineno) - node.lineno >= 2
        ):
            yield node.lineno + 1, node.end_lineno or node.lineno, "arguments"
        yield from _stretches(node, within)


def shared_runs(found: list[Module], *, shape: bool) -> list[Pair]:
    """Pairs of files that share six lines or more, those with most of them first."""
    places: defaultdict[tuple[str, ...], list[tuple[str, int, tuple[int, ...]]]]
    places = defaultdict(list)
    for module in found:
        lines = _lines(module, shape)
        for at in range(len(lines) - SHARED_LINES + 1):
            numbers, window = zip(*lines[at : at + SHARED_LINES])
            places[window].append((module.path, at, numbers))
    kinds = {module.path: _kinds(module) for module in found}
    windows: Counter[tuple[str, str]] = Counter()
    whats: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for window, where in places.items():
        if not 1 < len(where) <= MOST_PLACES or (shape and len(set(window)) < SHARED_LINES // 2):
            continue
        for (first, a, numbers), (second, b, _) in itertools.combinations(where, 2):
            if first != second or abs(a - b) >= SHARED_LINES:
                windows[first, second] += 1
                whats[first, second].update(
                    kinds[first].get(number, "statements") for number in numbers
                )
    return [
        Pair(*pair, count, what=whats[pair].most_common(1)[0][0])
        for pair, count in windows.most_common()
    ]


def listed(pairs: list[Pair]) -> list[str]:
    """The pairs by what their lines are, each file once with all that it shares them with."""
    by_file: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in sorted(pairs, key=lambda one: (list(WHY).index(one.what), one.first, one.second)):
        by_file[one.what, one.first].append("itself" if one.first == one.second else one.second)
    return [
        f"{WHY[what].partition(':')[0]}: {first} ~ {', '.join(others)}"
        for (what, first), others in by_file.items()
    ]
