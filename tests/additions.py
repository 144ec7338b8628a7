"""What it takes to add a thing to the program: its files, its insertions, a program that tries it.

Each is made on a scratch copy of the product. ``tests/test_additions.py`` holds them to their
number of files; ``benchmarks/house.py`` writes the numbers down.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from tests.films import portrait_film

PROJECT: Final = Path(__file__).resolve().parents[1]


class Insertion(NamedTuple):
    """A text that goes into a file before a place that the file has once."""

    path: str
    before: str
    text: str


@dataclass(frozen=True)
class Addition:
    """One thing more.

    most: as many product files may it touch. new: files by path. program: what a copy with it
    must be able to do; it is given a film, a home and a folder, and fails by an exception.
    """

    name: str
    most: int
    program: str
    new: Mapping[str, str] = field(default_factory=dict)
    insertions: tuple[Insertion, ...] = ()

    @property
    def files(self) -> list[str]:
        """The product's files that it touches, an empty ``__init__.py`` not counted."""
        return sorted(
            {*(p for p, text in self.new.items() if text), *(i.path for i in self.insertions)}
        )

    @property
    def lines(self) -> int:
        """Lines that are written for it."""
        texts = [*self.new.values(), *(one.text for one in self.insertions)]
        return sum(len(text.strip().splitlines()) for text in texts)


def copy_with(addition: Addition, folder: Path) -> Path:
    """A copy of the product, with one thing more."""
    copy = folder / "copy"
    copy.mkdir(parents=True)
    for name in ("fer_core", "dashboard", "pages"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models", "pyproject.toml", ".streamlit"):
        if (PROJECT / name).exists():
            (copy / name).symlink_to(PROJECT / name)
    for path, text in addition.new.items():
        target = copy / path
        if target.exists():
            raise ValueError(f"{path} is there already")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.lstrip("\n"), "utf-8")
    for path, before, text in addition.insertions:
        found = (copy / path).read_text("utf-8")
        if found.count(before) != 1:
            raise ValueError(f"{path} has {before!r} {found.count(before)} times")
        (copy / path).write_text(found.replace(before, text + before), "utf-8")
    return copy


def tried(addition: Addition, folder: Path) -> subprocess.CompletedProcess[str]:
    """Make it in ``folder`` and run its program there."""
    copy, out, home = copy_with(addition, folder), folder / "out", folder / "home"
    out.mkdir()
    film = portrait_film(folder / "film.mp4", 60)
    return subprocess.run(
        [sys.executable, "-c", BEGIN + addition.program, str(film), str(home), str(out)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "RAPT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=600,
    )


#: How every program begins.
BEGIN: Final = """
import json, sys
from pathlib import Path
import fer_core
from fer_core.cli.main import main
film, home, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
assert Path(fer_core.__file__).parents[1] == Path.cwd(), "the copy is tried, not the original"

def rapt(*words):
    assert main([*map(str, words), "--home", home]) == 0, words

def page(name, **query):
    from streamlit.testing.v1 import AppTest
    app = AppTest.from_file(str(Path("dashboard/app.py").resolve()), default_timeout=120)
    app.query_params.update(query)
    app.run()
    wing = next(Path("pages").rglob(f"{name}.py")).parent.name
    app.switch_page(f"../pages/{wing}/{name}.py").run()
    assert not app.exception, app.exception
    return app

QUICK = ("--detector", "haar", "--min-face", "60")
"""

MEASURE: Final = Addition(
    name="a measure",
    most=3,
    new={
        "fer_core/storage/migrations/900_delight.sql": """
ALTER TABLE timeline ADD COLUMN delight FLOAT;
ALTER TABLE seconds ADD COLUMN delight FLOAT;
"""
    },
    insertions=(
        Insertion(
            "fer_core/measures.py",
            ")\n\nBY_KEY",
            """    Measure(
        key="delight",
        name="Delight",
        version=1,
        unit="0 to 1",
        sentence="The probability of happy and of surprise together.",
        how_to_read="High where something lands well.",
        lowest=0.0,
        highest=1.0,
        formula=lambda face: face.probabilities[:, [HAPPY, EMOTIONS.index("surprise")]].sum(axis=1),
        sql="p_happy + p_surprise",
        higher="delighted more",
        noun="delight",
    ),
""",
        ),
    ),
    program="""
import pandas as pd
rapt("analyze", film, *QUICK, "--study", "Ad", "--out", out / "t.csv")
rapt("export", "--study", "Ad", "--out", out / "s.csv")
rapt("export", "--study", "Ad", "--baseline", "--out", out / "b.csv")
rapt("export", "--study", "Ad", "--out", out / "s.xlsx")
rapt("report", "Ad", "--measure", "delight", "--minimum", "1", "--out", out / "r.html")
assert pd.read_csv(out / "t.csv").columns[-1] == "delight"
seconds, corrected = (pd.read_csv(out / name)["delight"].tolist() for name in ("s.csv", "b.csv"))
assert len(seconds) >= 2
assert all(0.5 < one <= 1 for one in seconds), "the portrait smiles"
assert all(0 <= after < before for after, before in zip(corrected, seconds)), corrected
assert "delight" in set(pd.read_excel(out / "s.xlsx", "seconds")["measure"])
assert "delight/1" in pd.read_excel(out / "s.xlsx", "method")["version"].tolist()
report = (out / "r.html").read_text()
assert "High where something" in report and "delight/1" in report
from fer_core.home import Home
from fer_core.storage import open_store
with open_store(Home(Path(home)), look_after=False) as store:
    study = store.studies.list()[0].study_id
    row = store.sessions.get(store.sessions.list()["session_id"].iloc[0])
assert row.versions["delight"] == "delight/1"
app = page("study", id=study)
box = app.selectbox(key="measure")
assert "Delight" in box.options
box.set_value("delight").run()
assert not app.exception, app.exception
assert app.selectbox(key="measure").value == "delight"
assert any("Delight" in one.proto.body for one in app.get("html"))
""",
)

FORMAT: Final = Addition(
    name="an export format",
    most=2,
    new={
        "fer_core/reports/formats/psv.py": '''
"""Values between bars, one row a second."""

from fer_core.reports.formats import ExportFormat, add_format


def _write(table, target):
    table.to_csv(target, sep="|", index=False)
    return len(table)


def _session(store, session_id, target):
    from fer_core.reports.session_export import session_sheets

    return _write(session_sheets(store, session_id)[0]["viewer seconds"], target)


def _study(store, study, target, options):
    from fer_core.reports.study_export import viewers_seconds

    return _write(viewers_seconds(store, study, options.corrected), target)


add_format(
    ExportFormat(
        name="psv",
        mime="text/plain",
        order=9,
        study_order=9,
        session_label="Bars",
        study_label="Seconds between bars",
        session=_session,
        study=_study,
    ),
)
'''
    },
    program="""
import pandas as pd
rapt("analyze", film, *QUICK, "--study", "Ad")
rapt("export", "film", "--format", "psv", "--out", out / "t.psv")
rapt("export", "--study", "Ad", "--out", out / "s.psv")
for name in ("t.psv", "s.psv"):
    found = pd.read_csv(out / name, sep="|")
    assert len(found) >= 2 and "engagement" in found, found
from fer_core.reports.formats import in_order, in_study_order
assert in_order()[-1].session_label == "Bars"
assert in_study_order()[-1].study_label == "Seconds between bars"
""",
)

STATISTIC: Final = Addition(
    name="a statistic on the study's sheet",
    most=3,
    new={
        "fer_core/analytics/spread.py": '''
"""How much a curve moves."""

import numpy as np


def spread(line, curves):
    known = line[~np.isnan(line)]
    return float(known.std()) if len(known) else float("nan")
'''
    },
    insertions=(
        Insertion(
            "fer_core/analytics/statistics.py",
            "from fer_core.measures import",
            "from fer_core.analytics.spread import spread\n",
        ),
        Insertion(
            "fer_core/analytics/statistics.py",
            ")\n#: The keys of those",
            '    Statistic("spread", "Spread", spread),\n',
        ),
    ),
    program="""
import pandas as pd
rapt("analyze", film, *QUICK, "--study", "Ad")
rapt("export", "--study", "Ad", "--out", out / "s.xlsx")
rapt("report", "Ad", "--minimum", "1", "--out", out / "r.html")
numbers = pd.read_excel(out / "s.xlsx", "key numbers").set_index("measure")
spread = float(numbers.loc["valence", "spread"])
assert spread > 0, numbers.to_string()
report = (out / "r.html").read_text()
assert "Spread" in report
data = json.loads(report.split('id="rapt-data">')[1].split("</script>")[0])
assert data["audiences"][0]["measures"]["valence"]["spread"] == spread
from fer_core.home import Home
from fer_core.storage import open_store
with open_store(Home(Path(home)), look_after=False) as store:
    study = store.studies.list()[0].study_id
app = page("study", id=study)
app.selectbox(key="measure").set_value("valence").run()
assert not app.exception, app.exception
assert [one.label for one in app.metric][-1] == "Spread"
""",
)

PAGE: Final = Addition(
    name="a page",
    most=3,
    new={
        "dashboard/audience/viewers/__init__.py": "",
        "dashboard/audience/viewers/view.py": '''
"""Viewers: how many were seen?"""

from __future__ import annotations

import streamlit as st

from dashboard.shared.page import heading
from dashboard.state import app_state


def show() -> None:
    heading("How many were seen?", "Every viewer of this store's sessions.")
    st.metric("Sessions", app_state().store.sessions.overview().sessions)
''',
        "pages/audience/viewers.py": '''
"""Viewers: how many were seen?"""

from __future__ import annotations

from dashboard.audience.viewers.view import show

show()
''',
    },
    insertions=(
        Insertion(
            "dashboard/navigation.py",
            '        Page("compare"',
            '        Page("viewers", "Viewers", ":material/face:"),\n',
        ),
    ),
    program="""
app = page("viewers")
assert app.title[0].value == "How many were seen?"
assert app.metric[0].value == "0"
pages = {one["url_pathname"]: one["page_name"] for one in app._registered_pages.values()}
assert pages["viewers"] == "Viewers", pages
""",
)

DETECTOR: Final = Addition(
    name="a detector",
    most=2,
    new={
        "fer_core/faces/middle.py": '''
"""Takes the middle of every picture for a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_core.faces.registry import register_detector
from fer_core.types import Faces, Float, Frame


class MiddleDetector:
    """One face a picture, with the certainty that it does not deserve."""

    name = "middle"

    def working_side(self, width: int, height: int) -> int | None:
        return None

    def detect(self, frame: Frame) -> Faces:
        side = min(frame.width, frame.height) / 2
        left, top = (frame.width - side) / 2, (frame.height - side) / 2
        box = np.array([[left, top, side, side]], np.float32)
        return Faces(box, np.ones(1, np.float32), np.full((1, 5, 2), np.nan, np.float32))

    def refine(self, frame: Frame, boxes: Float) -> None:
        return


@register_detector("middle")
def _make(cache: Path, min_face: int) -> MiddleDetector:
    return MiddleDetector()
'''
    },
    insertions=(Insertion("fer_core/faces/__init__.py", "mtcnn, yunet  # noqa", "middle, "),),
    program="""
import pandas as pd
from fer_core.faces import list_detectors
assert "middle" in list_detectors()
rapt("analyze", film, "--detector", "middle", "--out", out / "t.csv")
found = pd.read_csv(out / "t.csv")
assert len(found) >= 10
assert ((found["x"] + found["w"] / 2 - 160).abs() < 3).all(), "faces are where it puts them"
""",
)

ADDITIONS: Final = (MEASURE, FORMAT, STATISTIC, PAGE, DETECTOR)
