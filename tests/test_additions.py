"""A measure, a statistic and a format are added to a copy of the program, in a few files each.

The copy then takes a film all the way: what was added is on the page, in exports and the report.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK
from tests.films import portrait_film

PROJECT = Path(__file__).resolve().parents[1]
#: A measure: a row of fer_core/measures.py, and a migration.
MEASURE = """    Measure(
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
"""
#: A statistic: a file of fer_core/analytics, and a row of its statistics.py.
SPREAD = """
import numpy as np

def spread(line, curves):
    known = line[~np.isnan(line)]
    return float(known.std()) if len(known) else float("nan")
"""
STATISTIC = """    Statistic("spread", "Spread", spread),
"""
#: A format: a file of fer_core/reports/formats.
FORMAT = """
from fer_core.reports.formats import FORMATS, ExportFormat

def _write(table, target):
    table.to_csv(target, sep="|", index=False)
    return len(table)

def _session(store, session_id, target):
    from fer_core.reports.session_export import session_sheets
    return _write(session_sheets(store, session_id)[0]["viewer seconds"], target)

def _study(store, study, target, options):
    from fer_core.reports.study_export import viewers_seconds
    return _write(viewers_seconds(store, study, options.corrected), target)

FORMATS.add("psv", ExportFormat(
    name="psv", mime="text/plain", order=9, study_order=9, session_label="Bars",
    study_label="Seconds between bars", session=_session, study=_study,
))
"""
#: What the copy does: film to session, page, exports and report. Its answers as JSON.
PROGRAM = """
import json, sys
from pathlib import Path
import pandas as pd
from fer_core.cli.main import main
film, home, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
quick = sys.argv[4:]
rapt = lambda *words: main([*map(str, words), "--home", home])
found = {}
found["codes"] = [
    rapt("analyze", film, *quick, "--study", "Ad", "--out", out / "t.csv"),
    rapt("export", "--study", "Ad", "--out", out / "s.csv"),
    rapt("export", "--study", "Ad", "--baseline", "--out", out / "b.csv"),
    rapt("export", "--study", "Ad", "--out", out / "s.xlsx"),
    rapt("report", "Ad", "--measure", "delight", "--minimum", "1",
         "--out", out / "r.html"),
    rapt("export", "film", "--format", "psv", "--out", out / "t.psv"),
    rapt("export", "--study", "Ad", "--out", out / "s.psv"),
]
found["bars"] = [list(pd.read_csv(out / name, sep="|").columns) for name in ("t.psv", "s.psv")]
numbers = pd.read_excel(out / "s.xlsx", "key numbers").set_index("measure")
found["spread"] = float(numbers.loc["delight", "spread"])
found["timeline"] = list(pd.read_csv(out / "t.csv").columns)
found["seconds"] = pd.read_csv(out / "s.csv")["delight"].tolist()
found["corrected"] = pd.read_csv(out / "b.csv")["delight"].tolist()
found["sheet"] = sorted(set(pd.read_excel(out / "s.xlsx", "seconds")["measure"]))
found["method"] = pd.read_excel(out / "s.xlsx", "method")["version"].tolist()
page = (out / "r.html").read_text()
found["report"] = [text in page for text in ("High where something", "delight/1", "Spread")]
data = json.loads(page.split('id="rapt-data">')[1].split("</script>")[0])
found["data"] = data["audiences"][0]["measures"]["delight"]["spread"]

from streamlit.testing.v1 import AppTest
from fer_core.home import Home
from fer_core.storage import open_store
with open_store(Home(Path(home)), look_after=False) as store:
    study = store.studies.list()[0].study_id
    row = store.sessions.get(store.sessions.list()["session_id"].iloc[0])
found["version"] = row.versions.get("delight")
app = AppTest.from_file(str(Path("dashboard/app.py").resolve()), default_timeout=60)
app.query_params.update({"id": study})
app.run()
app.switch_page("../pages/study.py").run()
found["page"] = [str(one.value) for one in app.exception]
box = app.selectbox(key="measure")
found["options"] = box.options
box.set_value("delight").run()
found["page"] += [str(one.value) for one in app.exception]
found["chosen"] = app.selectbox(key="measure").value
found["metrics"] = [one.label for one in app.metric]
found["shown"] = [one.proto.body for one in app.get("html") if "Delight" in one.proto.body]
(out / "found.json").write_text(json.dumps(found))
"""


def insert(path: Path, before: str, text: str) -> None:
    """Write something into a file, before a place that it has once."""
    found = path.read_text("utf-8")
    assert found.count(before) == 1
    path.write_text(found.replace(before, text + before), "utf-8")


@pytest.mark.slow
def test_a_measure_a_statistic_and_a_format_go_from_the_film_to_page_export_and_report(
    tmp_path: Path,
) -> None:
    copy, out = tmp_path / "copy", tmp_path / "out"
    copy.mkdir()
    out.mkdir()
    for name in ("fer_core", "dashboard", "pages"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models", "pyproject.toml"):
        (copy / name).symlink_to(PROJECT / name)
    core = copy / "fer_core"
    insert(core / "measures.py", ")\n\nBY_KEY", MEASURE)
    (core / "storage" / "migrations" / "900_delight.sql").write_text(
        "".join(
            f"ALTER TABLE {name} ADD COLUMN delight FLOAT;\n" for name in ("timeline", "seconds")
        )
    )
    (core / "analytics" / "spread.py").write_text(SPREAD)
    imported = "from fer_core.analytics.spread import spread\n"
    insert(core / "analytics" / "statistics.py", "from fer_core.measures import", imported)
    insert(core / "analytics" / "statistics.py", ")\n#: The keys of those", STATISTIC)
    (core / "reports" / "formats" / "psv.py").write_text(FORMAT)
    film, home = portrait_film(tmp_path / "film.mp4", 60), tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, film, home, out, *QUICK],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "RAPT_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((out / "found.json").read_text())
    assert found["codes"] == [0] * 7, done.stderr
    assert found["timeline"][-1] == "delight"
    assert found["version"] == "delight/1"
    assert len(found["seconds"]) >= 2
    assert all(0.5 < one <= 1 for one in found["seconds"])  # the portrait smiles
    assert all(0 <= after < before for after, before in zip(found["corrected"], found["seconds"]))
    assert "delight" in found["sheet"]
    assert "delight/1" in found["method"]
    assert found["report"] == [True, True, True]
    assert all("delight" in columns for columns in found["bars"])
    assert found["spread"] > 0
    assert found["data"] == pytest.approx(found["spread"])
    assert found["metrics"][-1] == "Spread"
    assert found["page"] == []
    assert "Delight" in found["options"]
    assert found["chosen"] == "delight"
    assert found["shown"]
