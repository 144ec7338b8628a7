"""Every number of ten odd studies, read back from where people meet it.

The list, the page's cards, the curve as it is handed to the chart, the report's text and its
numbers, the workbook's cells, the command line: all must say what ``odd_studies.numbers``
worked out from what was put in.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.storage import open_store
from tests.agreement.odd_studies import STUDIES, Expected, OddStudy, plant
from tests.dashboard.pages import open_page, served

KEYS = ("mean", "hook", "peak", "end")
SHOWN = [one for one in STUDIES if one.films]
by_study = pytest.mark.parametrize("study", SHOWN, ids=lambda one: one.name)


class Read:
    """A home with the ten studies, and what can be read of it."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder = home, folder
        with open_store(home, look_after=False) as store:
            self.ids = plant(home, store)

    def command(self, *args: str) -> tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main([*args, "--home", str(self.home.root)])
        return code, out.getvalue()

    @cache  # noqa: B019 - one object a run
    def report(self, name: str, minimum: int, form: str) -> tuple[dict[str, Any], Path]:
        """`rapt report`: its JSON, and the file."""
        path = self.folder / f"{name}-{minimum}.{form}"
        code, out = self.command(
            "report", name, "--no-compare", "--measure", "engagement", "--minimum", str(minimum),
            "--out", str(path), "--json",
        )  # fmt: skip
        assert code == 0
        return json.loads(out), path


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("agreement")
    return Read(Home(folder / "home"), folder)


@pytest.fixture
def pages(read: Read, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    with served(read.home, monkeypatch):
        yield open_page


def whole(value: float) -> str:
    """As people read points: no decimals."""
    return "–" if np.isnan(value) else str(round(value))


def clock(second: int) -> str:
    return f"{second // 60}:{second % 60:02d}"


def same(found: Any, wanted: float) -> None:
    """A stored number (32 bits) against a computed one; None and NaN are not known."""
    number = np.nan if found is None else float(found)
    assert number == pytest.approx(wanted, rel=1e-5, nan_ok=True)


def metrics(app: AppTest) -> dict[str, str]:
    assert not app.exception, app.exception
    return {one.label: one.value for one in app.metric}


def drawn(app: AppTest, name: str = "Engagement") -> list[np.ndarray]:
    """The values of the curves of this name, as they are handed to the chart."""
    for chart in app.get("plotly_chart"):
        spec = json.loads(chart.proto.spec)
        found = [one["y"] for one in spec["data"] if one.get("name") == name]
        if found:
            return [_values(one) for one in found]
    raise AssertionError("no curve is drawn")


def _values(y: Any) -> np.ndarray:
    if isinstance(y, dict):
        return np.frombuffer(base64.b64decode(y["bdata"]), np.dtype(y["dtype"])).astype(float)
    return np.array([np.nan if one is None else one for one in y], float)


def rows(app: AppTest) -> list[str]:
    """The figures at the right of a list's rows, as HTML."""
    found = [one.proto.body for one in app.get("html")]
    return [one for one in found if one.startswith('<div class="rapt-figures')]


def cards(one: Expected) -> dict[str, str]:
    at = "" if one.peak_s is None else f" at {clock(one.peak_s)}"
    return {
        "Mean": whole(one.mean),
        "Hook, first 8 s": whole(one.hook),
        "Peak": whole(one.peak) + at,
        "End, last 5 s": whole(one.end),
    }


def test_there_are_ten_and_the_odd_cases_are_among_them() -> None:
    assert len(STUDIES) == 10
    assert {one.name for one in STUDIES if not one.films} == {"Nobody"}
    gaps = next(one for one in STUDIES if one.name == "Gaps").expected()["All viewers"]
    assert gaps.peak < 100  # which stands in the curve, and in one viewer's alone


@by_study
def test_the_page_says_and_draws_the_numbers(
    read: Read, pages: Callable[..., AppTest], study: OddStudy
) -> None:
    for name, wanted in study.expected().items():
        app = pages("study", id=read.ids[study.name], viewers=name)
        assert metrics(app) == cards(wanted)
        curves = drawn(app)
        top = wanted.peak_s
        assert any(len(y) > top and y[top] == pytest.approx(wanted.peak, rel=1e-5) for y in curves)
        said = " ".join(one.proto.body for one in app.get("html"))
        assert f"mean of {wanted.viewers} viewer" in said


def test_films_side_by_side_have_the_numbers_of_each(
    read: Read, pages: Callable[..., AppTest]
) -> None:
    """What a study of several films shows unless somebody chooses one."""
    study = next(one for one in STUDIES if one.name == "Two films")
    app = pages("study", id=read.ids[study.name])
    assert not app.exception
    assert not app.metric
    bodies = [one.proto.body for one in app.get("html")]
    (table,) = [one for one in bodies if 'aria-label="Engagement by audience"' in one]
    moments = [one for one in bodies if one.startswith('<div class="rapt-moments')]
    for (name, wanted), cells in zip(study.expected().items(), moments, strict=True):
        row = re.findall(rf"</i>{name}</th>(.*?)</tr>", table)[0]
        said = [re.sub(r"<.*?>", "", one).strip() for one in re.findall(r"<td>(.*?)</td>", row)]
        assert said == [*cards(wanted).values(), str(wanted.viewers)]
        (curve,) = drawn(app, name)[:1]
        assert curve[wanted.peak_s] == pytest.approx(wanted.peak, rel=1e-5)
        assert f"<b>{clock(wanted.peak_s or 0)}</b><strong>{whole(wanted.peak)}</strong>" in cells


def test_the_list_says_what_the_pages_say(read: Read, pages: Callable[..., AppTest]) -> None:
    app = pages("studies")
    assert not app.exception
    figures = [re.findall(r"<strong>(.*?)</strong>", one) for one in rows(app)]
    newest_first = [one.name for one in reversed(STUDIES)]
    found = dict(zip(newest_first, figures, strict=True))
    for study in STUDIES:
        audiences = list(study.expected().values())
        means = [one.mean for one in audiences]
        ends = dict.fromkeys(whole(one) for one in (min(means), max(means))) if means else ["–"]
        viewers = sum(one.viewers for one in audiences)
        assert found[study.name] == [str(viewers), " to ".join(ends)], study.name


@by_study
def test_the_command_line_and_the_pdf_say_the_numbers(read: Read, study: OddStudy) -> None:
    data, path = read.report(study.name, 1, "pdf")
    audiences = {one["name"]: one for one in data["audiences"]}
    expected = study.expected()
    assert set(audiences) == set(expected)
    assert data["viewers"] == sum(one.viewers for one in expected.values())
    document = pypdfium2.PdfDocument(path)
    text = " ".join(" ".join(p.get_textpage().get_text_range() for p in document).split())
    for name, wanted in expected.items():
        found = audiences[name]["measures"]["engagement"]
        for key in KEYS:
            same(found[key], getattr(wanted, key))
        assert found["peak_s"] == wanted.peak_s
        assert audiences[name]["viewers"] == wanted.viewers
        row = cards(wanted)
        assert any(f"Mean {row['Mean']} over" in one for one in data["finding"])
        assert " ".join(["Engagement", *row.values()]) in text, text[:2000]


@by_study
def test_a_larger_smallest_group_hides_and_changes_nothing(read: Read, study: OddStudy) -> None:
    shown = {one["name"]: one for one in read.report(study.name, 1, "pdf")[0]["audiences"]}
    data, path = read.report(study.name, 5, "html")
    hidden_somewhere = False
    for one in data["audiences"]:
        numbers = one["measures"]["engagement"]
        hidden = one["hidden"].get("engagement", [])
        hidden_somewhere |= bool(hidden)
        for key in KEYS:
            if key in hidden:
                assert numbers[key] is None
                assert shown[one["name"]]["measures"]["engagement"][key] is not None
            else:
                assert numbers[key] == shown[one["name"]]["measures"]["engagement"][key]
        few = shown[one["name"]]["viewers"] < 5
        assert not few or set(hidden) == {
            key for key in KEYS if shown[one["name"]]["measures"]["engagement"][key] is not None
        }
    said = "Smallest group shown: 5" in path.read_text("utf-8")
    assert said or not hidden_somewhere


@by_study
def test_the_workbook_holds_the_numbers(read: Read, study: OddStudy) -> None:
    path = read.folder / f"{study.name}.xlsx"
    code, _ = read.command("export", "--study", study.name, "--out", str(path), "--json")
    assert code == 0
    sheet = pd.read_excel(path, "key numbers").set_index(["audience", "measure"])
    seconds = pd.read_excel(path, "seconds").set_index(["audience", "measure"])
    for name, wanted in study.expected().items():
        row = sheet.loc[(name, "engagement")]
        for key in KEYS:
            same(row[key], getattr(wanted, key))
        assert row["peak_s"] == wanted.peak_s
        assert row["viewers"] == wanted.viewers
        line = seconds.loc[[(name, "engagement")]].set_index("second")["mean"]
        same(line[wanted.peak_s], wanted.peak)


def test_of_nobody_there_is_no_number_anywhere(read: Read, pages: Callable[..., AppTest]) -> None:
    app = pages("study", id=read.ids["Nobody"])
    assert not metrics(app)
    assert any("None of its sessions counts yet" in one.value for one in app.info)
    for command in (("report", "Nobody"), ("export", "--study", "Nobody")):
        code, out = read.command(*command, "--json", "--out", str(read.folder / "nobody.html"))
        assert code != 0
        assert set(json.loads(out)) == {"error", "hint"}


@pytest.mark.parametrize("name", ["One viewer", "Gaps", "A viewer excluded"])
def test_a_session_has_one_mean_and_one_peak(
    read: Read, pages: Callable[..., AppTest], name: str
) -> None:
    """A recording's numbers are of all its seconds, whoever is in them."""
    values = next(one for one in STUDIES if one.name == name).recordings[0].counted
    known = ~np.isnan(values)
    line = np.where(known, values, 0).sum(axis=0) / known.sum(axis=0)
    mean, peak_s = float(line.mean()), int(line.argmax())
    session_id = f"{read.ids[name]}-0"
    app = pages("session", id=session_id)
    found = metrics(app)
    assert found["Mean engagement"] == whole(mean)
    assert found["Peak"] == f"{whole(line[peak_s])} at {clock(peak_s)}"
    assert drawn(app)[0][peak_s] == pytest.approx(line.max(), rel=1e-5)
    code, out = read.command("sessions", "show", session_id, "--json")
    assert code == 0
    same(json.loads(out)["engagement"], mean)
    listed = pages("sessions", find=f"{name} 0")
    (row,) = rows(listed)
    assert f"<strong>{whole(mean)}</strong><small>engagement" in row
    book, figure = read.folder / f"{session_id}.xlsx", read.folder / f"{session_id}.svg"
    for path in (book, figure):
        assert read.command("export", session_id, "--out", str(path))[0] == 0
    numbers = pd.read_excel(book, "key numbers").set_index("measure").loc["engagement"]
    same(numbers["mean"], mean)
    same(numbers["peak"], float(line.max()))
    assert numbers["peak_s"] == peak_s
    said = f"mean {whole(mean)} of 100, highest {whole(line.max())} at {clock(peak_s)}"
    assert said in figure.read_text("utf-8")
