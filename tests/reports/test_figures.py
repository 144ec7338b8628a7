"""What is drawn: where curves break, how much is drawn, what fits."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.scenes import Marker, Scene
from fer_core.reports import figures
from fer_core.reports.figure_frame import NARROW, Sheet, Words
from fer_core.reports.svg import Drawing, fitted, text_width

WORDS = Words("A title", "how to read it", "what it shows")
PATH = "{http://www.w3.org/2000/svg}path"
TEXT = "{http://www.w3.org/2000/svg}text"


def curve(seconds: int, gap: slice | None = None) -> pd.DataFrame:
    at = np.arange(seconds)
    mean = 50 + 20 * np.sin(at / 7)
    if gap is not None:
        mean[gap] = np.nan
    return pd.DataFrame({"second": at, "mean": mean, "low": mean - 5, "high": mean + 5, "n": 9})


def drawn(table: pd.DataFrame, sheet: Sheet | None = None) -> ET.Element:
    return ET.fromstring(
        figures.response(
            table,
            "engagement",
            WORDS,
            sheet or Sheet(),
            length_ms=1000 * len(table),
            scenes=(Scene("First & <only>", 0, 10_000), Scene("x", 10_000, 10_500)),
            markers=(Marker("Brand", 12_000),),
        )
    )


def test_a_curve_and_its_band_break_where_nothing_is_known() -> None:
    whole, broken = drawn(curve(30)), drawn(curve(30, slice(10, 14)))
    bands = [one for one in broken.iter(PATH) if one.get("fill-opacity") == "0.16"]
    assert len(bands) == 1
    assert str(bands[0].get("d")).count("Z") == 2
    lines = {len(re.findall("M", str(one.get("d")))) for one in broken.iter(PATH)}
    assert 2 in lines
    assert {len(re.findall("M", str(one.get("d")))) for one in whole.iter(PATH)} == {1}


def test_one_known_second_alone_is_still_seen() -> None:
    drawing = Drawing(10, 10, "t", "a")
    drawing.line([1.0, 2.0, 3.0], [np.nan, 5.0, np.nan], "#000000")
    assert "M2 5h0" in str(drawing)


def test_names_that_do_not_fit_are_shortened_and_never_markup() -> None:
    texts = [one.text for one in drawn(curve(30)).iter(TEXT)]
    assert "First & <only>" in texts
    assert "x" not in texts, "a scene of half a second has no room for its name"
    assert fitted("Breakfast", 11, 200) == "Breakfast"
    short = fitted("A very long name of a scene", 11, 60)
    assert short.endswith("…")
    assert text_width(short, 11) <= 60
    assert fitted("Breakfast", 11, 5) == ""


@pytest.mark.parametrize("width", [720, NARROW])
def test_an_hour_is_drawn_with_no_more_points_than_pixels(width: int) -> None:
    root = drawn(curve(3600), Sheet(width=width))
    most = max(len(str(one.get("d")).split()) for one in root.iter(PATH))
    assert most <= 4 * width, "a band has two numbers a point, there and back"
    assert len(ET.tostring(root)) < 60_000
    times = [t for one in root.iter(TEXT) if re.fullmatch(r"\d+:\d\d(:\d\d)?", t := one.text or "")]
    assert times[0] == "0:00"
    assert times[-1] == "1:00:00"
    assert len(times) <= width / 50


def test_everything_lies_within_the_drawing() -> None:
    root = drawn(curve(30), Sheet(titled=True, mark="SIMULATED"))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for one in root.iter(TEXT):
        assert 0 <= float(one.get("x", -1)) <= width
        assert 0 <= float(one.get("y", -1)) <= height
    for path in root.iter(PATH):
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", str(path.get("d")))]
        assert min(numbers) >= 0
        assert max(numbers) <= width
