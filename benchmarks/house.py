"""How the code is laid out, in numbers: before and after, and what it takes to add a thing.

    python -m benchmarks.house --before REV     # writes docs/benchmarks/house.md

Counts are made on what git tracks at REV and in this tree, in ``fer_core``, ``dashboard`` and
``pages``; comments and docstrings do not count. Each addition in ``tests/additions.py`` is made
on a scratch copy of the tree, and its test is run there. What stands under ``## Reasons`` is
written by hand and stays.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.doubles import WHY, Module, is_docstring, listed, shared_runs
from fer_core.machine import stamp
from tests.additions import ADDITIONS, Addition, tried

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "house.md"
PRODUCT = ("fer_core", "dashboard", "pages")
#: Names that a module has by convention: a page's, a command's, a job's, a logger, a type variable.
CONVENTIONS = ("R", "T", "app", "log", "main", "run_job", "show")
#: What was built beside the rebuild, not by it: what the version before had no part of.
NEW_SINCE = {
    "training on a GPU": ("fer_core/rental/", "fer_core/training/fused/"),
    "accounts, permissions, the audit log": (
        "fer_core/access/", "fer_core/storage/accounts/", "fer_core/cli/server/audit.py",
        "fer_core/cli/server/open.py", "fer_core/cli/server/users.py", "dashboard/admin/people/",
        "dashboard/shared/web/access/",
    ),
    "backups, retention, forgetting, repair": (
        "fer_core/keeping/", "fer_core/storage/removal/", "fer_core/storage/repair/log_sum.py",
        "fer_core/storage/repair/restoring.py", "fer_core/storage/repair/salvage.py",
        "fer_core/cli/upkeep/backup.py", "fer_core/cli/upkeep/forget.py",
        "fer_core/cli/upkeep/respondents.py", "fer_core/cli/upkeep/restore.py",
        "dashboard/audience/privacy/", "dashboard/shared/forgetting.py",
    ),
    "recommending": (
        "fer_core/recommend/", "fer_core/storage/recommend/", "fer_core/studies/creatives.py",
        "fer_core/analytics/methods/ranking.py", "fer_core/cli/audience/recommend.py",
        "dashboard/audience/recommend/",
    ),
    "what law asks, the status page": (
        "fer_core/law/", "fer_core/cli/upkeep/law.py", "dashboard/shared/law_menu.py",
        "dashboard/shared/purpose.py", "dashboard/admin/status/",
    ),
    "eyes and movements": (
        "fer_core/calibration/", "fer_core/analytics/eyes.py",
        "fer_core/storage/timeline/calibrated.py", "dashboard/audience/session/eyes",
    ),
    "setting up, the first run, photographs": (
        "dashboard/audience/setup/", "dashboard/audience/photograph/", "fer_core/first_run.py",
    ),
    "batches": (
        "fer_core/batch/", "fer_core/cli/audience/batch.py", "fer_core/jobs/pool.py",
    ),
    "courses of respondents, their answers": (
        "fer_core/course/", "fer_core/storage/course.py", "fer_core/studies/answers.py",
        "fer_core/reports/answers.py", "fer_core/analytics/methods/told.py",
        "dashboard/camera/course/", "dashboard/camera/respondents/course_visits.py",
        "dashboard/camera/respondents/visits/screens.py", "dashboard/camera/respondents/words.py",
        "dashboard/audience/study/answers.py", "dashboard/audience/study/told.py",
    ),
    "faces read on a respondent's own device": (
        "fer_core/web/", "fer_core/live/numbers.py", "fer_core/cli/server/web.py",
        "fer_core/cli/server/export_web.py", "dashboard/camera/respondents/own_device.py",
        "dashboard/camera/respondents/device_files.py",
    ),
    "clips": ("fer_core/clips/", "fer_core/cli/audience/clip.py", "dashboard/audience/clips/"),
    "shared reports": (
        "fer_core/storage/shares.py", "fer_core/reports/sharing.py", "fer_core/cli/server/share.py",
        "dashboard/camera/sharing/",
    ),
    "the HTTP interface, webhooks, calls for scripts": (
        "dashboard/admin/api/", "fer_core/webhooks/", "fer_core/research.py",
        "fer_core/cli/server/tokens.py", "fer_core/cli/server/webhooks.py",
    ),
    "slides, files for statistics programs": (
        "fer_core/reports/slides/", "fer_core/reports/statistics/",
        "fer_core/reports/formats/statistics.py",
    ),
    "slices, label errors, practice faces, prepared sets": (
        "fer_core/evaluation/slices.py", "fer_core/evaluation/label_errors.py",
        "fer_core/training/practice/", "fer_core/training/sets/",
        "fer_core/training/readers/prepared.py", "dashboard/lab/models/slices",
        "fer_core/cli/lab/data.py",
    ),
    "segments": (
        "fer_core/studies/segments.py", "fer_core/studies/attributes.py",
        "fer_core/analytics/methods/segments.py", "dashboard/audience/compare/segments",
    ),
}  # fmt: skip
REASONS = "\n## Reasons\n"
LONG_FUNCTION = 50
LONG_FILE = 400
MOST_FILES = 20
MOST_LISTED = 160
SOURCES = (".py", ".js", ".ts", ".css", ".html", ".sql")


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
    return sum(isinstance(node, kinds or ast.stmt) and not is_docstring(node) for node in every)


def long_functions(found: list[Module]) -> list[str]:
    """Functions of more than fifty lines, with their length."""
    return [
        f"{module.path}:{node.name} ({length})"
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONG_FUNCTION
    ]


def long_files(found: list[Module]) -> list[str]:
    """Files of more than four hundred lines, with their length."""
    lengths = ((module.path, module.text.count("\n")) for module in found)
    return [f"{path} ({length})" for path, length in lengths if length > LONG_FILE]


def exceptions(found: list[Module], mark: str) -> list[str]:
    """Lines that turn a checker off."""
    return [
        f"{module.path}:{number}"
        for module in found
        for number, line in enumerate(module.text.splitlines(), start=1)
        if mark in line
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


def names_defined_twice(found: list[Module]) -> dict[str, dict[str, str]]:
    """Public functions, classes and constants that several modules define: what each defines."""
    where: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                where[node.name][module.path] = ast.dump(node)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        where[target.id][module.path] = ast.dump(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                where[node.target.id][module.path] = ast.dump(node.value) if node.value else ""
    return {
        name: made
        for name, made in sorted(where.items())
        if len(made) > 1 and not name.startswith("_")
    }


def kind_of(name: str) -> str:
    """What a name stands for, by the way it is written."""
    if name.isupper():
        return "constants"
    return "classes and types" if name[0].isupper() else "functions"


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
    names = names_defined_twice(found)
    same, alike = shared_runs(found, shape=False), shared_runs(found, shape=True)

    def counted(places: Iterable[str]) -> tuple[int, list[str]]:
        every = list(places)
        return len(every), every

    new = {
        what: [module for module in found if module.path.startswith(places)]
        for what, places in NEW_SINCE.items()
    }
    apart = {module.path for modules in new.values() for module in modules}
    rest = [module for module in found if module.path not in apart]
    imports, fields = (ast.Import, ast.ImportFrom), (ast.AnnAssign,)
    return {
        "Statements of product code": (statements(found), []),
        **{f"… of them {what}, new": (statements(those), []) for what, those in new.items()},
        "… of the rest": (statements(rest), []),
        "… of the rest: imports": (statements(rest, *imports), []),
        "… of the rest: typed fields and names": (statements(rest, *fields), []),
        "… of the rest: all others": (
            statements(rest) - statements(rest, *imports) - statements(rest, *fields),
            [],
        ),
        "Modules": (len(found), []),
        "Pairs of files that share six lines": (len(same), listed(same)),
        "Pairs of files that share the shape of six lines": (len(alike), listed(alike)),
        "… of them statements": (sum(one.what == "statements" for one in alike), []),
        "Functions over 50 lines": counted(long_functions(found)),
        "Files over 400 lines": counted(long_files(found)),
        "`# type: ignore`": counted(exceptions(found, "# type: ignore")),
        "`# noqa`": counted(exceptions(found, "# noqa")),
        "`dict[str, Any]` and its aliases": (untyped_dictionaries(found), []),
        "`dict[str, object]`": (count_text(found, r"dict\[str, object\]"), []),
        "`Mapping[str, Any]`": (count_text(found, r"Mapping\[str, Any\]"), []),
        "Untyped dictionaries, the three together": (
            untyped_dictionaries(found)
            + count_text(found, r"dict\[str, object\]|Mapping\[str, Any\]"),
            [],
        ),
        "`JsonObject`, JSON at the wire, values of declared kinds": (
            count_text(found, r"\bJsonObject\b"),
            [],
        ),
        "`Any` in public signatures": (any_in_public_signatures(found), []),
        '`row["…"]`': (rows_by_key(found), []),
        "Names defined in more than one module": (len(names), []),
        "… of them by convention": counted(sorted(set(CONVENTIONS) & set(names))),
        **{
            f"… of the rest: {kind}": (
                sum(kind_of(name) == kind for name in names if name not in CONVENTIONS),
                [],
            )
            for kind in ("constants", "classes and types", "functions")
        },
        "… of the rest: with the same definition twice": counted(
            f"{name}: {', '.join(sorted(made))}"
            for name, made in names.items()
            if name not in CONVENTIONS and len(set(made.values())) < len(made)
        ),
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
    lines += ["", "Lines that look alike are", "", *(f"- {why}." for why in WHY.values())]
    for name, (_, places) in new.items():
        if places and len(places) <= MOST_LISTED:
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
    _, head, reasons = PAGE.read_text("utf-8").partition(REASONS)
    text = f"# How the code is laid out\n\n{said}.\n\n{table}{head}{reasons}"
    PAGE.write_text(text, encoding="utf-8")
    print(table, end="")


if __name__ == "__main__":
    main()
