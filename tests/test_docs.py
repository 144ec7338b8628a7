"""The documentation names everything that there is: commands, options, settings, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fer_core.cli import main as cli
from fer_core.measures import BY_KEY, FACE_MEASURES
from fer_core.types import AnalysisSettings

PROJECT = Path(__file__).resolve().parents[1]
CLI_PAGE = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
SETTINGS_PAGE = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
METRICS_PAGE = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
SHARED = {"--home", "--json", "--debug", "--help"}
COMMANDS = [name for name in cli.COMMANDS if any(Path(cli.__file__).parent.rglob(f"{name}.py"))]


def section(name: str) -> str:
    """The part of docs/cli.md under ``## rapt NAME``."""
    found = re.search(rf"^## rapt {name}$(.*?)(?=^## |\Z)", CLI_PAGE, re.M | re.S)
    return found.group(1) if found else ""


def leaves(command: Any) -> Iterator[Any]:
    children = getattr(command, "commands", {})
    if not children:
        yield command
    for child in children.values():
        yield from leaves(child)


def options(command: Any) -> set[str]:
    """The first long name of each option that only this command has."""
    found = set()
    for leaf in leaves(command):
        for parameter in leaf.params:
            names = [name for name in parameter.opts if name.startswith("--")]
            if names and not getattr(parameter, "hidden", False):
                found.add(names[0])
    return found - SHARED


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section(name: str) -> None:
    assert section(name), f"docs/cli.md has no section '## rapt {name}'"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_is_named_in_its_section(name: str) -> None:
    for child in getattr(cli.load(name), "commands", {}):
        assert f"rapt {name} {child}" in section(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_named_in_its_commands_section(name: str) -> None:
    text = section(name)
    missing = sorted(option for option in options(cli.load(name)) if option not in text)
    assert not missing, f"docs/cli.md, rapt {name}: {', '.join(missing)}"


def test_what_the_page_calls_a_command_is_one() -> None:
    named = set(re.findall(r"^## rapt (\w+)$", CLI_PAGE, re.M))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("key", FACE_MEASURES)
def test_every_measure_is_defined_in_the_page_as_in_the_table(key: str) -> None:
    one = BY_KEY[key]
    row = f"| `{key}` | {one.label}. {one.sentence} {one.how_to_read} |"
    assert row in METRICS_PAGE, f"docs/metrics.md needs the row:\n{row}"


def sources() -> Iterator[str]:
    for folder in ("fer_core", "dashboard", "pages", "tests", "benchmarks"):
        for path in (PROJECT / folder).rglob("*.py"):
            yield path.read_text(encoding="utf-8")
    yield (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_every_environment_variable_is_in_the_settings_page() -> None:
    used = {name for text in sources() for name in re.findall(r"\bRAPT_[A-Z][A-Z_]+\b", text)}
    assert "RAPT_HOME" in used
    missing = sorted(name for name in used if f"`{name}`" not in SETTINGS_PAGE)
    assert not missing, f"docs/settings.md: {', '.join(missing)}"


def test_every_setting_of_an_analysis_in_the_docs_exists() -> None:
    table = SETTINGS_PAGE.split("## Of an analysis")[1].split("##")[0]
    named = re.findall(r"^\| `(\w+)`", table, re.M)
    assert named == [field.name for field in fields(AnalysisSettings)]


def test_every_setting_of_an_analysis_is_in_the_settings_page() -> None:
    missing = [f.name for f in fields(AnalysisSettings) if f"`{f.name}`" not in SETTINGS_PAGE]
    assert not missing, f"docs/settings.md: {', '.join(missing)}"


def test_every_setting_of_the_store_is_in_the_settings_page() -> None:
    """Names that the dashboard gives to ``store.setting`` are constants called …_SETTING."""
    named = re.compile(r'^[A-Z_]*SETTING\b[^=\n]*=\s*"([^"]+)"|\.setting\(\s*"([^"]+)"', re.M)
    used = {a or b for folder in ("fer_core", "dashboard", "pages")
            for path in (PROJECT / folder).rglob("*.py")
            for a, b in named.findall(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert "upload.max_bytes" in used
    missing = sorted(name for name in used if f"`{name}`" not in SETTINGS_PAGE)
    assert not missing, f"docs/settings.md: {', '.join(missing)}"


@pytest.mark.parametrize("name", ["HOST", "PORT", "VENV", "PYTHON"])
def test_makes_variables_are_in_the_settings_page(name: str) -> None:
    assert re.search(rf"^{name} \?=", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert f"`{name}`" in SETTINGS_PAGE


def test_every_decision_is_in_the_index_once_under_its_own_title() -> None:
    folder = PROJECT / "docs" / "decisions"
    listed = re.findall(
        r"^\| \[(\d{3})\]\(([\w.-]+)\) (.+?) \| .+ \|$",
        (folder / "README.md").read_text("utf-8"),
        re.M,
    )
    written = {
        (path.name[:3], path.name, path.read_text("utf-8").split("\n")[0].removeprefix("# ")[4:])
        for path in folder.glob("[0-9]*.md")
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == written
