"""The charts of slides: native ones, whose numbers stand in a workbook that a person can edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Pt

from fer_core.measures import BY_KEY, Scale
from fer_core.palette import EMOTION_COLOURS, LIGHT, group_colours
from fer_core.reports import figures, findings, units
from fer_core.reports.comparing import against, clearest, in_order
from fer_core.reports.content import AudienceSection, Content
from fer_core.studies.comparison import Compared
from fer_core.studies.response import Response
from fer_core.text import clock, count, no_formula, shorten

_FORMATS: Final = {
    Scale.POINTS: "0", Scale.PERCENT: "0 %", Scale.SIGNED: "+0.00;-0.00;0", Scale.FRACTION: "0.00",
    Scale.DEGREES: "0", Scale.RATE: "0.0",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """A line or a row of bars. values: (n,), None where it is not known. thin: an end of a band."""

    name: str
    values: tuple[float | None, ...]
    colour: str
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What one slide shows.

    about: the alternative text. note: stands under the chart; notes: for whoever speaks.
    categories: the seconds as m:ss, or the scenes. reach: the value axis' ends.
    """

    name: str
    title: str
    about: str
    note: str
    notes: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    number_format: str
    reach: tuple[float, float]
    kind: Any = XL_CHART_TYPE.LINE

    def draw(self, shapes: Any, box: tuple[int, int, int, int]) -> Any:
        """Put the chart on a slide; its frame."""
        data = CategoryChartData(number_format=self.number_format)
        data.categories = [no_formula(one) for one in self.categories]
        for one in self.series:
            data.add_series(no_formula(one.name), one.values)
        frame = shapes.add_chart(self.kind, *box, data)
        chart = frame.chart
        chart.has_title = False
        chart.font.size = Pt(13)
        chart.font.color.rgb = _rgb(LIGHT.quiet)
        _axes(chart, self)
        for drawn, one in zip(chart.plots[0].series, self.series):
            _style(drawn, one, bars=self.kind != XL_CHART_TYPE.LINE)
        if self.kind != XL_CHART_TYPE.LINE:
            chart.plots[0].gap_width, chart.plots[0].overlap = 60, -5
        _legend(chart, self.series)
        return frame


def charts(content: Content, colours: Sequence[str] = ()) -> Iterator[Chart]:
    """A chart a finding, in the report's order: the comparison, the audiences, what faces
    showed, the scenes."""
    if content.compared is not None:
        yield from _compared(content.compared, content, colours)
    for section in content.audiences:
        by_name = {one.measure: one for one in section.responses}
        drawn = in_order(tuple(by_name))
        # beside a comparison, which draws every measure, the leading one is enough
        for measure in drawn[:1] if content.compared is not None else drawn:
            yield from _response(section, by_name[measure], content, colours)
        yield _expressions(section, content)


def _compared(compared: Compared, content: Content, colours: Sequence[str]) -> Iterator[Chart]:
    names = compared.names
    colour = group_colours(list(names)) | dict(zip(names, colours))
    for measure in in_order(content.options.measures):
        one = against(clearest(compared, measure), content.options.reference)
        curves = compared.curves[measure]
        size = figures.sizes(compared.lines[measure])
        known = [np.asarray(curve["mean"], np.float64) for curve in curves.values()]
        title = str(findings.compared(one, measure))
        yield Chart(
            name=f"compare-{measure}",
            title=title,
            about=f"{title}. {one.sentence}",
            note=f"{units.note(measure)}. Means with their 95 % bands (thin lines); "
            + ", ".join(f"{name}: {size[name]}" for name in names),
            notes=f"{one.sentence}\n{_how(content, measure)}",
            categories=_seconds(next(iter(curves.values()))),
            series=_banded({f"{name}": curves[name] for name in names}, colour),
            number_format=_FORMATS[BY_KEY[measure].scale],
            reach=_reach(measure, *known),
        )
        yield from _scene_bars(compared, measure, colour, content)


def _scene_bars(
    compared: Compared, measure: str, colour: Mapping[str, str], content: Content
) -> Iterator[Chart]:
    """Two groups scene by scene, where there are scenes and two groups."""
    if len(compared.pairs) != 1:
        return
    one = against(next(iter(compared.pairs.values())), content.options.reference)
    rows = one.scenes[one.scenes["measure"] == measure]
    if rows.empty:
        return
    differ = rows[rows["p_corrected"] < 0.05]["scene"].tolist()
    said = f"{units.name(measure)} differs in {', '.join(differ)}" if differ else (
        f"{units.name(measure)} does not clearly differ in any scene"
    )  # fmt: skip
    series = tuple(
        Series(name, _values(rows[key]), colour[name])
        for name, key in sorted(
            ((one.a, "mean_a"), (one.b, "mean_b")), key=lambda pair: compared.names.index(pair[0])
        )
    )
    yield Chart(
        name=f"scenes-{measure}",
        title=said,
        about=f"{said}. Means of {one.a} and {one.b} in {count(len(rows), 'scene')}.",
        note=f"{units.note(measure)}, mean of each scene; p corrected for all scenes and measures",
        notes=_how(content, measure),
        categories=tuple(shorten(str(name), 40) for name in rows["scene"]),
        series=series,
        number_format=_FORMATS[BY_KEY[measure].scale],
        reach=_reach(measure, *(np.asarray(rows[k], np.float64) for k in ("mean_a", "mean_b"))),
        kind=XL_CHART_TYPE.COLUMN_CLUSTERED,
    )


def _response(
    section: AudienceSection, one: Response, content: Content, colours: Sequence[str]
) -> Iterator[Chart]:
    whose = f"{section.name}: " if len(content.audiences) > 1 else ""
    colour = {section.name: (list(colours) or [units.colour(one.measure, LIGHT)])[0]}
    yield Chart(
        name=f"{section.name.lower().replace(' ', '-')}-{one.measure}",
        title=f"{whose}{findings.response(one)}",
        about=f"{whose}{findings.alt_text(one)}",
        note=f"{units.note(one.measure)}: {findings.how_many(one)}; thin lines: the 95 % range",
        notes=f"{findings.alt_text(one)}\n{_how(content, one.measure)}",
        categories=_seconds(one.curve),
        series=_banded({section.name: one.curve}, colour),
        number_format=_FORMATS[BY_KEY[one.measure].scale],
        reach=_reach(one.measure, np.asarray(one.curve["mean"], np.float64)),
    )


def _expressions(section: AudienceSection, content: Content) -> Chart:
    shown = figures.expressions_shown({section.name: section.shares})
    title = str(findings.shares(section.shares))
    whose = f"{section.name}: " if len(content.audiences) > 1 else ""
    tables = {name: section.shares[name] for name in shown} or section.shares
    return Chart(
        name=f"expressions-{section.name.lower().replace(' ', '-')}",
        title=f"{whose}{title}",
        about=f"{title}. Lines of {', '.join(tables)}.",
        note="Per cent of the viewers whose face could be read that clearly show each expression",
        notes=f"{title}. {count(section.viewers, 'viewer')}.",
        categories=_seconds(next(iter(tables.values()))),
        series=tuple(
            Series(name.capitalize(), _values(table["share"]), EMOTION_COLOURS[name])
            for name, table in tables.items()
        ),
        number_format="0",
        reach=(0.0, 100.0),
    )


def _how(content: Content, measure: str) -> str:
    """Method and n, for the notes."""
    study, options, one = content.study, content.options, BY_KEY[measure]
    return " ".join(
        [
            f"{one.name} ({one.label}): {one.sentence}",
            f"{count(content.viewers, 'viewer')} in {count(len(study.counted), 'session')};",
            f"{len(study.left_out) or 'none'} left out.",
            "Baseline corrected." if options.corrected else "Raw, without baseline correction.",
            f"Smallest group shown: {options.minimum}.",
            "Simulated viewers: nobody was filmed." if study.simulated else "",
        ]
    ).strip()


def _banded(curves: Mapping[str, pd.DataFrame], colour: Mapping[str, str]) -> tuple[Series, ...]:
    """Each group's mean, then the ends of its band."""
    means = [Series(name, _values(one["mean"]), colour[name]) for name, one in curves.items()]
    ends = [
        Series(f"{name}, {said}", _values(one[key]), colour[name], thin=True)
        for name, one in curves.items()
        for key, said in (("low", "95 % low"), ("high", "95 % high"))
    ]
    return (*means, *ends)


def _values(column: pd.Series) -> tuple[float | None, ...]:
    return tuple(float(one) if np.isfinite(one) else None for one in column.astype(np.float64))


def _seconds(curve: pd.DataFrame) -> tuple[str, ...]:
    return tuple(clock(1000 * int(one)) for one in curve["second"])


def _reach(measure: str, *values: np.ndarray) -> tuple[float, float]:
    low, high = units.axis(measure, *values)["range"]
    return low, high


def _axes(chart: Any, made: Chart) -> None:
    value, category = chart.value_axis, chart.category_axis
    value.minimum_scale, value.maximum_scale = made.reach
    value.major_unit = (made.reach[1] - made.reach[0]) / 4
    value.has_major_gridlines = True
    value.major_gridlines.format.line.color.rgb = _rgb(LIGHT.grid)
    value.format.line.fill.background()
    value.tick_labels.number_format = made.number_format
    value.tick_labels.number_format_is_linked = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.format.line.color.rgb = _rgb(LIGHT.quiet)
    category.has_major_gridlines = False
    if made.kind == XL_CHART_TYPE.LINE:
        step = max(1, -(-len(made.categories) // 12))
        step = next((one for one in (1, 2, 5, 10, 15, 30, 60, 120) if one >= step), step)
        for tag in ("c:tickLblSkip", "c:tickMarkSkip"):
            etree.SubElement(category._element, qn(tag)).set("val", str(step))
        _in_order(category._element)


def _in_order(axis: Any) -> None:
    """The label skips before ``noMultiLvlLbl``, as the format asks."""
    last = axis.find(qn("c:noMultiLvlLbl"))
    if last is not None:
        axis.append(last)


def _style(drawn: Any, one: Series, *, bars: bool) -> None:
    if bars:
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = _rgb(one.colour)
        return
    drawn.smooth = False
    line = drawn.format.line
    line.color.rgb = _rgb(one.colour)
    line.width = Pt(0.75 if one.thin else 2.75)
    if one.thin:
        line.dash_style = MSO_LINE.ROUND_DOT
    drawn.marker.style = XL_MARKER_STYLE.NONE


def _legend(chart: Any, series: Sequence[Series]) -> None:
    """A legend of the lines that have a name of their own; none for a single one."""
    named = [one for one in series if not one.thin]
    chart.has_legend = len(named) > 1
    if not chart.has_legend:
        return
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.legend.font.size = Pt(14)
    place = chart.legend._element.find(qn("c:legendPos"))
    for at in reversed([at for at, one in enumerate(series) if one.thin]):
        entry = etree.Element(qn("c:legendEntry"))
        etree.SubElement(entry, qn("c:idx")).set("val", str(at))
        etree.SubElement(entry, qn("c:delete")).set("val", "1")
        place.addnext(entry)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.removeprefix("#").upper())
