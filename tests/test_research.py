"""The calls for scripts: they do what their docstrings show, and load nothing before."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import fer_core
from fer_core import research
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage import Store
from tests.demo import copy_of
from tests.films import portrait_film

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def demo(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with copy_of(demo_template, tmp_path_factory.mktemp("research")) as opened:
        yield opened


def test_the_docstring_is_true(demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPT_HOME", str(demo.home.root))
    done = doctest.testmod(research)
    assert done.attempted > 8
    assert done.failed == 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPT_HOME", str(demo.home.root))
    cells = json.loads(path.read_text("utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name} {cell['id']}", "exec"), names)
    assert names["written"] == {"ad.sav": 1440, "ad-wide.dta": 48, "ad.zip": 1440}
    assert names["spans"], "the planted differences are found"


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


def test_nothing_is_loaded_until_a_call_is_used() -> None:
    program = (
        "import sys, fer_core; print('fer_core.research' in sys.modules, 'pandas' in sys.modules);"
        "fer_core.open_home; print('fer_core.research' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False", "True", "False"], done.stderr


def test_the_names_that_type_checkers_see_are_those_that_there_are() -> None:
    stub = Path(fer_core.__file__).with_suffix(".pyi").read_text("utf-8")
    for name in fer_core.CALLS:
        assert f"import {name} as {name}\n" in stub
        assert inspect.getdoc(getattr(fer_core, name)), name
    assert len(fer_core.CALLS) == stub.count("import ") - 1
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        fer_core.__getattr__("analyse")


def test_a_film_is_analysed_and_read(home: Home, tmp_path: Path) -> None:
    film = portrait_film(tmp_path / "film.mp4", 24)
    with fer_core.open_home(home.root) as opened:
        made = fer_core.analyze(
            opened, film, fps=5, eyes=False, detector="haar", name="One", study="Ad"
        )
        assert opened.sessions.get(made).name == "One"
        rows = fer_core.timeline(opened, made)
        assert len(rows) >= 4
        assert rows["score"].notna().any()
        assert set(fer_core.sessions(opened)["session_id"]) == {made}
        assert fer_core.export(opened, made, tmp_path / "one.csv") == len(rows)
        assert len(fer_core.seconds(opened, made, ["engagement"])) >= 1
        with pytest.raises(SettingsError, match="no option 'speed'"):
            fer_core.analyze(opened, film, speed=3)


def test_an_audience_that_is_not_there_is_named(demo: Store) -> None:
    found = fer_core.study(demo)
    whole = fer_core.curve(demo, found)
    assert isinstance(whole, pd.DataFrame)
    with pytest.raises(SettingsError, match="Choose All viewers, A, B"):
        fer_core.curve(demo, found, of="C")


def test_a_report_is_written(demo: Store, tmp_path: Path) -> None:
    said = fer_core.report(demo, None, tmp_path / "r.html", compare=(), measures=("attention",))
    assert said[0] in (tmp_path / "r.html").read_text("utf-8")
