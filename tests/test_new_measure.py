"""A measure is added to a copy of the program: a row and a migration, and it is everywhere."""

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
ROW = """    Measure(
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
]
found["timeline"] = list(pd.read_csv(out / "t.csv").columns)
found["seconds"] = pd.read_csv(out / "s.csv")["delight"].tolist()
found["corrected"] = pd.read_csv(out / "b.csv")["delight"].tolist()
found["sheet"] = sorted(set(pd.read_excel(out / "s.xlsx", "seconds")["measure"]))
found["method"] = pd.read_excel(out / "s.xlsx", "method")["version"].tolist()
page = (out / "r.html").read_text()
found["report"] = [text in page for text in ("High where something", "delight/1")]

from streamlit.testing.v1 import AppTest
from fer_core.home import Home
from fer_core.storage import open_store
with open_store(Home(Path(home)), look_after=False) as store:
    study = store.studies()["study_id"].iloc[0]
    row = store.session(store.sessions()["session_id"].iloc[0])
found["version"] = row["versions"].get("delight")
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
found["shown"] = [one.proto.body for one in app.get("html") if "Delight" in one.proto.body]
(out / "found.json").write_text(json.dumps(found))
"""


@pytest.mark.slow
def test_a_row_and_a_migration_bring_a_measure_from_the_film_to_page_export_and_report(
    tmp_path: Path,
) -> None:
    copy, out = tmp_path / "copy", tmp_path / "out"
    copy.mkdir()
    out.mkdir()
    for name in ("fer_core", "dashboard", "pages"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "models").symlink_to(PROJECT / "models")
    table = copy / "fer_core" / "measures.py"
    text = table.read_text("utf-8")
    end = ")\n\nBY_KEY"
    assert text.count(end) == 1
    table.write_text(text.replace(end, ROW + end), "utf-8")
    steps = copy / "fer_core" / "storage" / "migrations"
    (steps / "900_delight.sql").write_text(
        "".join(
            f"ALTER TABLE {name} ADD COLUMN delight FLOAT;\n" for name in ("timeline", "seconds")
        )
    )
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
    assert found["codes"] == [0] * 5, done.stderr
    assert found["timeline"][-1] == "delight"
    assert found["version"] == "delight/1"
    assert len(found["seconds"]) >= 2
    assert all(0.5 < one <= 1 for one in found["seconds"])  # the portrait smiles
    assert all(0 <= after < before for after, before in zip(found["corrected"], found["seconds"]))
    assert "delight" in found["sheet"]
    assert "delight/1" in found["method"]
    assert found["report"] == [True, True]
    assert found["page"] == []
    assert "Delight" in found["options"]
    assert found["chosen"] == "delight"
    assert found["shown"]
