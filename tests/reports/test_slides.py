"""Slides: read back with python-pptx, chart by chart against the report's numbers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from pptx import Presentation
from pptx.util import Inches

from fer_core.errors import DataError, SettingsError
from fer_core.reports.content import Content
from fer_core.reports.slides.charts import charts
from fer_core.reports.slides.deck import SlideOptions, to_slides


@pytest.fixture(scope="module")
def deck(content: Content) -> Any:
    return Presentation(io.BytesIO(to_slides(content)))


def drawn(deck: Any) -> dict[str, Any]:
    """The charts' frames by name."""
    frames = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    return {frame.name.removeprefix("Chart: "): frame for frame in frames}


def test_a_chart_and_its_workbook_hold_the_reports_numbers(deck: Any, content: Content) -> None:
    assert content.compared is not None
    curves = content.compared.curves["engagement"]
    chart = drawn(deck)["compare-engagement"].chart
    book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    assert book is not None
    heads = [cell.value for cell in book[1]]
    for series in chart.plots[0].series:
        name, _, end = series.name.partition(", ")
        expected = curves[name][{"": "mean", "95 % low": "low", "95 % high": "high"}[end]]
        found = np.array([np.nan if one is None else one for one in series.values], float)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        column = heads.index(series.name) + 1
        kept = [book.cell(row, column).value for row in range(2, len(expected) + 2)]
        np.testing.assert_allclose(
            np.array([np.nan if one is None else one for one in kept], float), expected, rtol=1e-12
        )
    assert list(chart.plots[0].categories)[:2] == ["0:00", "0:01"]


def test_every_chart_is_drawn_once_with_title_alternative_text_and_notes(
    deck: Any, content: Content
) -> None:
    made = list(charts(content))
    frames = drawn(deck)
    assert [one.name for one in made] == list(frames)
    for one, slide in zip(made, list(deck.slides)[1:]):
        frame = frames[one.name]
        about = frame._element.nvGraphicFramePr.cNvPr
        assert about.get("descr") == one.about
        assert slide.shapes.title.text_frame.text == one.title
        notes = slide.notes_slide.notes_text_frame.text
        assert "viewers" in notes
        assert one.notes == notes
        assert sum(shape.has_chart for shape in slide.shapes) == 1, "one finding a slide"


def test_simulated_viewers_are_said_on_every_slide(deck: Any) -> None:
    for slide in deck.slides:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert "SIMULATED: nobody was filmed" in texts


def template(path: Path) -> Path:
    """A template of somebody's own: a small page, one layout with places by name, a slide."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = Inches(10), Inches(5.6)
    layout = deck.slide_layouts[1]
    layout.name = "House"
    title, body = layout.placeholders[0], layout.placeholders[1]
    title.name, body.name = "Title", "Chart"
    body.left, body.top, body.width, body.height = (Inches(n) for n in (1, 1.5, 8, 3.25))
    deck.slides.add_slide(layout).shapes.title.text = "An example to delete"
    deck.save(str(path))
    return path


def test_a_template_of_ones_own_is_respected(content: Content, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    from PIL import Image

    Image.new("RGB", (80, 40), "#00aa00").save(logo)
    options = SlideOptions(template(tmp_path / "own.pptx"), logo, ("#112233", "#445566"))
    deck: Any = Presentation(io.BytesIO(to_slides(content, options)))
    assert deck.slide_width == Inches(10)
    texts = [s.text_frame.text for one in deck.slides for s in one.shapes if s.has_text_frame]
    assert "An example to delete" not in texts
    frame = drawn(deck)["compare-engagement"]
    assert (frame.left, frame.top, frame.width) == (Inches(1), Inches(1.5), Inches(8))
    slide = next(one for one in deck.slides if any(s.has_chart for s in one.shapes))
    assert slide.slide_layout.name == "House"
    colours = [str(one.format.line.color.rgb) for one in frame.chart.plots[0].series][:2]
    assert colours == ["112233", "445566"]
    pictures = [s for one in deck.slides for s in one.shapes if s.shape_type == 13]
    assert len(pictures) == len(deck.slides)
    assert all(one._element.nvPicPr.cNvPr.get("descr") == "Logo" for one in pictures)


@pytest.mark.parametrize("content_of", [b"", b"PK\x03\x04 no archive", b"%PDF-1.7"])
def test_what_is_no_template_is_refused_in_words(
    content: Content, tmp_path: Path, content_of: bytes
) -> None:
    bad = tmp_path / "bad.pptx"
    bad.write_bytes(content_of)
    with pytest.raises(DataError, match=r"bad\.pptx is no PowerPoint file"):
        to_slides(content, SlideOptions(bad))
    with pytest.raises(DataError, match="cannot be read"):
        to_slides(content, SlideOptions(tmp_path / "none.pptx"))
    with pytest.raises(DataError, match="no PNG or JPEG"):
        to_slides(content, SlideOptions(logo=bad))
    with pytest.raises(SettingsError, match="no colour"):
        to_slides(content, SlideOptions(colours=("blue",)))
