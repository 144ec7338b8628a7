"""A study's report as slides: one finding a slide, with charts that PowerPoint can edit.

A template of one's own is a ``.pptx`` whose layouts hold placeholders by name: «Title», «Chart»,
«Note» and, where they are wanted, «Mark», «Subtitle» and «Logo». What it lacks is put where the
house's own layout has it; its fonts, colours and pictures stay as they are.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from fer_core.errors import DataError, SettingsError
from fer_core.palette import LIGHT, WARNING
from fer_core.reports.compose import NOBODY_FILMED, compose
from fer_core.reports.content import Content
from fer_core.reports.document import Bullets, Facts
from fer_core.reports.methods import limits, method
from fer_core.reports.slides.charts import Chart, charts

#: The size of Rapt's own slides, and where things stand on it, in inches: left, top, width, height.
_SIZE: Final = (13.333, 7.5)
_PLACES: Final = {
    "title": (0.6, 0.42, 11.1, 1.15),
    "subtitle": (0.6, 3.9, 11.8, 2.2),
    "chart": (0.5, 1.65, 12.3, 4.85),
    "note": (0.6, 6.62, 11.2, 0.5),
    "mark": (0.6, 7.08, 11.2, 0.32),
    "logo": (11.9, 0.42, 0.9, 0.6),
}
_FONT: Final = "Calibri"
_LARGEST: Final = 20 * 2**20


@dataclass(frozen=True, slots=True)
class SlideOptions:
    """How slides look. template: a .pptx of one's own; logo: a picture; colours: of the groups,
    as ``#2563EB``."""

    template: Path | None = None
    logo: Path | None = None
    colours: tuple[str, ...] = ()


def to_slides(content: Content, options: SlideOptions | None = None) -> bytes:
    """The whole deck: a title, the findings with their charts, method and limits."""
    options = options or SlideOptions()
    for one in options.colours:
        _colour(one)
    deck = _Deck(options, content.study.simulated)
    document = compose(content)
    deck.opening(document.title, document.question or document.about, document.finding)
    for chart in charts(content, options.colours):
        deck.finding(chart)
    deck.words("How it was measured", _facts(content), _notes_of_method(content))
    (said,) = [one for one in limits(content) if isinstance(one, Bullets)]
    deck.words("What this cannot say", said.items, document.made)
    return deck.content(document.title, document.made)


def _facts(content: Content) -> list[str]:
    found = next(one for one in method(content) if isinstance(one, Facts))
    study = content.study
    people = [
        f"{content.viewers} viewers in {len(study.counted)} sessions that count; "
        f"{len(study.left_out) or 'none'} left out",
    ]
    if study.simulated:
        people.insert(0, NOBODY_FILMED)
    return people + [f"{name}: {value}" for name, value in found.pairs]


def _notes_of_method(content: Content) -> str:
    texts = [one.text for one in method(content) if hasattr(one, "text")]
    return "\n".join(texts)


class _Deck:
    """Slides after a template, Rapt's or one's own."""

    def __init__(self, options: SlideOptions, simulated: bool) -> None:
        self._own = options.template is not None
        self._logo = _picture(options.logo)
        self._simulated = simulated
        self._deck: Any = _opened(options.template) if options.template else Presentation()
        if not self._own:
            self._deck.slide_width, self._deck.slide_height = (Inches(one) for one in _SIZE)
            for layout in self._deck.slide_layouts:
                _rearrange(layout)
        else:
            _without_slides(self._deck)

    def opening(self, title: str, under: str, finding: Sequence[str]) -> None:
        slide = self._slide("subtitle")
        self._fill(slide, "title", title, size=40, top=1.7, height=2.0)
        self._fill(slide, "subtitle", "\n".join([under, "", *finding]), size=20)
        self._finish(slide, "\n".join([under, *finding]))

    def finding(self, chart: Chart) -> None:
        slide = self._slide("chart")
        self._fill(slide, "title", chart.title, size=28 if len(chart.title) < 90 else 22)
        place = _on(slide, "chart")
        box = self._box("chart") if place is None else (
            place.left, place.top, place.width, place.height
        )  # fmt: skip
        if place is not None:
            place._element.getparent().remove(place._element)
        frame = chart.draw(slide.shapes, box)
        about = frame._element.nvGraphicFramePr.cNvPr
        about.set("descr", chart.about)
        about.set("title", chart.title)
        about.set("name", f"Chart: {chart.name}")
        self._fill(slide, "note", chart.note, size=14)
        self._finish(slide, chart.notes)

    def words(self, title: str, lines: Sequence[str], notes: str) -> None:
        slide = self._slide("note" if self._own else "chart")
        self._fill(slide, "title", title, size=28)
        place = _on(slide, "chart")
        if place is not None:
            place._element.getparent().remove(place._element)
        shape = slide.shapes.add_textbox(*self._box("chart"))
        shape.name = "Text"
        _write(shape.text_frame, [f"•  {one}" for one in lines], 16 if len(lines) < 9 else 13)
        self._finish(slide, notes)

    def content(self, title: str, made: str) -> bytes:
        self._deck.core_properties.title = title
        self._deck.core_properties.author = "Rapt"
        self._deck.core_properties.comments = made
        into = io.BytesIO()
        self._deck.save(into)
        return into.getvalue()

    def _slide(self, wanted: str) -> Any:
        """A slide of the layout that has the placeholder; else of the one with a title alone."""
        layouts = list(self._deck.slide_layouts)
        titled = [one for one in layouts if _named(one.placeholders, "title") is not None]
        fits = [one for one in titled if _named(one.placeholders, wanted) is not None]
        plain = sorted(titled, key=lambda one: len(one.placeholders))
        chosen = (fits or plain or layouts)[0]
        return self._deck.slides.add_slide(chosen)

    def _fill(
        self, slide: Any, name: str, text: str, *, size: int, top: float | None = None,
        height: float | None = None,
    ) -> None:  # fmt: skip
        place = _on(slide, name)
        if place is not None and self._own:
            place.text_frame.text = text
            return
        if place is None:
            place = slide.shapes.add_textbox(*self._box(name))
            place.name = name.capitalize()
        else:
            left, at, width, tall = _PLACES[name]
            place.left, place.width = Inches(left), Inches(width)
            place.top = Inches(at if top is None else top)
            place.height = Inches(tall if height is None else height)
        quiet = name in ("note", "mark")
        _write(place.text_frame, text.split("\n"), size, bold=name == "title", quiet=quiet)

    def _finish(self, slide: Any, notes: str) -> None:
        """The mark, the logo, the notes; placeholders that nothing filled go."""
        if self._simulated:
            self._fill(slide, "mark", "SIMULATED: nobody was filmed", size=12)
            mark = _on(slide, "mark") or next(
                (one for one in slide.shapes if one.name == "Mark"), None
            )
            if mark is not None and not self._own:
                for run in mark.text_frame.paragraphs[0].runs:
                    run.font.bold, run.font.color.rgb = True, _colour(WARNING)
        if self._logo is not None:
            self._put_logo(slide)
        for place in list(slide.placeholders):
            if place.has_text_frame and not place.text_frame.text:
                place._element.getparent().remove(place._element)
        slide.notes_slide.notes_text_frame.text = notes

    def _put_logo(self, slide: Any) -> None:
        assert self._logo is not None
        place = _on(slide, "logo")
        left, top, width, height = self._box("logo") if place is None else (
            place.left, place.top, place.width, place.height
        )  # fmt: skip
        if place is not None:
            place._element.getparent().remove(place._element)
        picture = slide.shapes.add_picture(io.BytesIO(self._logo), left, top)
        share = min(width / picture.width, height / picture.height)
        picture.width, picture.height = int(picture.width * share), int(picture.height * share)
        picture.left = left + width - picture.width
        picture._element.nvPicPr.cNvPr.set("descr", "Logo")

    def _box(self, name: str) -> tuple[Emu, Emu, Emu, Emu]:
        """A place of Rapt's layout, at this deck's size."""
        across = self._deck.slide_width / Inches(_SIZE[0])
        down = self._deck.slide_height / Inches(_SIZE[1])
        left, top, width, height = _PLACES[name]
        return (Emu(int(Inches(left) * across)), Emu(int(Inches(top) * down)),
                Emu(int(Inches(width) * across)), Emu(int(Inches(height) * down)))  # fmt: skip


def _named(places: Any, name: str) -> Any:
    """The placeholder of this name («Title», «Title 1», «Chart Placeholder 3»); None: none."""
    found = [one for one in places if one.name.casefold().split(" ")[0] == name]
    return found[0] if found else None


def _on(slide: Any, name: str) -> Any:
    """A slide's placeholder by its name in the layout: slides give them names of their own."""
    wanted = _named(slide.slide_layout.placeholders, name)
    if wanted is None:
        return None
    at = wanted.placeholder_format.idx
    return next((one for one in slide.placeholders if one.placeholder_format.idx == at), None)


def _rearrange(layout: Any) -> None:
    """The library's layout at the size of Rapt's slides; dates, numbers and footers go."""
    for place in list(layout.placeholders):
        kind = place.name.casefold().split(" ")[0]
        if kind in ("date", "footer", "slide"):
            place._element.getparent().remove(place._element)
        elif kind in ("title", "subtitle"):
            left, top, width, height = _PLACES[kind]
            place.left, place.top = Inches(left), Inches(top)
            place.width, place.height = Inches(width), Inches(height)


def _write(
    frame: Any, lines: Sequence[str], size: int, *, bold: bool = False, quiet: bool = False
) -> None:
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.text, paragraph.alignment = line, PP_ALIGN.LEFT
        paragraph.space_after = Pt(0 if quiet or bold else size * 0.35)
        for run in paragraph.runs:
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, _FONT
            run.font.color.rgb = _colour(LIGHT.quiet if quiet else LIGHT.ink)


def _colour(text: str) -> RGBColor:
    try:
        return RGBColor.from_string(text.removeprefix("#").upper())
    except ValueError as error:
        raise SettingsError(f"{text!r} is no colour.", "Write one as #2563EB.") from error


def _opened(path: Path) -> Any:
    """A template; DataError in words where it is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise DataError(f"{path.name} is larger than 20 MB.", "Save it with fewer pictures.")
        deck = Presentation(str(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"{path.name} is no PowerPoint file.", "Save your template as .pptx."
        ) from error
    if not len(deck.slide_layouts):
        raise DataError(f"{path.name} has no layout.", "Save it from PowerPoint once more.")
    return deck


def _without_slides(deck: Any) -> None:
    """Take the template's own example slides out."""
    ids = deck.slides._sldIdLst
    for one in list(ids):
        deck.part.drop_rel(one.rId)
        ids.remove(one)


def _picture(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    if not content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise DataError(f"{path.name} is no PNG or JPEG.", "Save the logo as PNG.")
    return content
