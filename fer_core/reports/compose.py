"""A study's report in words, tables and figures: the finding first, then the proof."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from fer_core import __version__
from fer_core.analytics.methods.synchrony import Synchrony
from fer_core.analytics.scenes import scene_parts
from fer_core.analytics.session import LEFT_OUT_UNDER
from fer_core.analytics.statistics import STATISTICS, as_columns
from fer_core.reports import figures, findings, units
from fer_core.reports.answers import answered
from fer_core.reports.comparing import comparison, expressions, in_order
from fer_core.reports.content import AudienceSection, Content
from fer_core.reports.document import (
    Block,
    Cell,
    Document,
    Facts,
    Figure,
    Heading,
    Table,
    Text,
    cells,
)
from fer_core.reports.figure_frame import Words
from fer_core.reports.methods import definitions, limits, method
from fer_core.studies.response import Response
from fer_core.text import clock, count, percent, shorten

SIMULATED = "SIMULATED"
#: What a report says of eyes, by the columns of ``analytics.eyes``.
_EYES = {
    "blink": "Blinks a minute",
    "eyes_closed": "Eyes closed",
    "perclos": "PERCLOS, highest 60 s",
    "eyes_away": "Eyes away",
}
NOBODY_FILMED = (
    "Simulated viewers: nobody was filmed. The numbers show what a report looks like and say "
    "nothing about any real audience."
)


def compose(content: Content) -> Document:
    """The whole report of a study, in the order in which it is read."""
    study = content.study
    blocks: list[Block] = []
    if content.compared is not None:
        blocks += comparison(content.compared, content)
    for section in content.audiences:
        blocks += _response(section, content)
    blocks += answered(content.answers)
    blocks += _norms(content)
    blocks += _viewers(content)
    blocks += method(content)
    blocks += limits(content)
    blocks += definitions(content)
    return Document(
        title=study.name,
        question=study.question,
        about=_about(content),
        finding=_finding(content),
        mark=SIMULATED if study.simulated else "",
        mark_note=NOBODY_FILMED if study.simulated else "",
        made=f"Rapt {__version__} · {content.at.day} {content.at:%B %Y}",
        blocks=tuple(blocks),
        data=_data(content),
    )


def _about(content: Content) -> str:
    study = content.study
    said = [count(content.viewers, "viewer"), count(len(study.counted), "session")]
    out = len(study.left_out)
    if out:
        said.append(f"{out} left out")
    titles = [one.title for one in study.stimuli]
    if titles:
        said.append(titles[0] if len(titles) == 1 else count(len(titles), "stimulus", "stimuli"))
    length = study.length_ms()
    if length and len(titles) == 1:
        said.append(clock(length))
    return " · ".join(said)


def _finding(content: Content) -> tuple[str, ...]:
    if content.compared is not None:
        return tuple(content.compared.sentences)
    said = []
    for section in content.audiences:
        leading = in_order(content.options.measures)[0]
        first = next(one for one in section.responses if one.measure == leading)
        whose = f"{section.name}: " if len(content.audiences) > 1 else ""
        said.append(whose + findings.alt_text(first))
    return tuple(said)


def _response(section: AudienceSection, content: Content) -> list[Block]:
    several = len(content.audiences) > 1
    title = f"How the audience of {section.name} responded" if several else (
        "How the whole audience responded" if content.compared else "How the audience responded"
    )  # fmt: skip
    by_name = {one.measure: one for one in section.responses}
    ordered = [by_name[name] for name in in_order(tuple(by_name))]
    blocks: list[Block] = [Heading(title), _numbers(ordered)]
    said = [units.hiding(one.minimum, one.hidden_seconds, one.hidden_numbers) for one in ordered]
    blocks += [
        Text(f"{units.name(one.measure)}. {note}", quiet=True)
        for one, note in zip(ordered, said)
        if note
    ]
    # Beside a comparison, which draws every measure, the leading one is enough.
    drawn = ordered[:1] if content.compared is not None else ordered
    blocks += [_response_figure(section, one) for one in drawn]
    if content.compared is None:
        key = section.name.lower().replace(" ", "-")
        blocks.append(
            expressions({section.name: section.shares}, section.scenes, section.length_ms, key)
        )
    for one in drawn:
        blocks += _scenes(one)
    blocks += _markers(drawn)
    synchrony = {
        one.measure: found
        for one in ordered
        if (found := section.synchrony.get(one.measure)) is not None and not found.reason
    }
    if synchrony:
        blocks.append(Text(_together(synchrony)))
    return blocks + _eyes(section, content.options.minimum)


def _eyes(section: AudienceSection, minimum: int) -> list[Block]:
    """Blinks, closed eyes and eyes away; nothing where no session knows of eyes."""
    if section.eyes.empty:
        return []
    rows = []
    for key, row in section.eyes.iterrows():
        say = partial(units.say, "eyes_closed" if key == "perclos" else str(key))
        few = int(row["n"]) < minimum
        between = f"{say(row['low'])} to {say(row['high'])}" if np.isfinite(row["low"]) else "–"
        rows.append(
            cells(
                Cell(_EYES[str(key)], strong=True),
                units.HIDDEN if few else say(row["mean"]),
                units.HIDDEN if few else between,
                f"{int(row['n'])}",
            )
        )
    return [
        Heading("Eyes", 3),
        Table("Eyes", ("Over the whole", "Mean of viewers", "95 %", "n"), tuple(rows)),
    ]


def _norms(content: Content) -> list[Block]:
    """Where the study stands among the others of its kind; nothing where there are too few."""
    said = findings.norms(content.norms)
    return [] if said is None else [Text(said)]


def _numbers(ordered: list[Response]) -> Table:
    rows = []
    for one in ordered:
        said = []
        for statistic in STATISTICS:
            number = one.numbers[statistic.key]
            value = units.say_statistic(statistic, one.measure, number)
            said.append(Cell(value, units.say_second(number)))
        rows.append(cells(Cell(units.name(one.measure), strong=True), *said))
    return Table(
        "Key numbers",
        ("Measure", *(one.title for one in STATISTICS)),
        tuple(rows),
        wide=(0.28, *([0.72 / len(STATISTICS)] * len(STATISTICS))),
    )


def _response_figure(section: AudienceSection, one: Response) -> Figure:
    words = Words(
        findings.response(one),
        f"{units.note(one.measure)}: {findings.how_many(one)}; the band is the 95 % range",
        findings.alt_text(one),
    )
    return Figure(
        f"{section.name.lower().replace(' ', '-')}-{one.measure}",
        words,
        lambda sheet: figures.response(
            one.curve,
            one.measure,
            words,
            sheet,
            length_ms=section.length_ms,
            scenes=section.scenes,
            markers=section.markers,
            viewers=one.viewers,
        ),
    )


def _scenes(one: Response) -> list[Block]:
    if one.scenes.empty:
        return []
    say = partial(units.say, one.measure)
    parts = scene_parts(one.scenes)
    rows = []
    for row in one.scenes.to_dict("records"):
        low, high = float(row["low"]), float(row["high"])
        between = f"({say(low)} to {say(high)})" if np.isfinite(low) else ""
        peak = Cell("–")
        if np.isfinite(row["peak_s"]):
            peak = Cell(say(row["peak"]), f"at {clock(1000 * row['peak_s'])}")
        rows.append(
            cells(
                Cell(str(row["scene"]), f"{clock(row['from_ms'])}–{clock(row['to_ms'])}"),
                Cell(say(row["mean"]), between),
                units.say_lift(one.measure, float(row["mean"]), float(row["lift"])),
                peak,
                *(
                    say(row[name]) if row["to_ms"] - row["from_ms"] > ms else ""
                    for name, ms in parts.items()
                ),
                f"{int(row['n'])}",
            )
        )
    return [
        Heading(f"{units.name(one.measure)} by scene", 3),
        Table(
            f"{units.name(one.measure)} by scene",
            ("Scene", "Mean, 95 %", "Lift", "Peak", *(name.capitalize() for name in parts), "n"),
            tuple(rows),
            wide=(0.46 - 0.105 * len(parts), 0.2, 0.11, 0.15, *(0.105 for _ in parts), 0.08),
        ),
    ]


def _markers(drawn: list[Response]) -> list[Block]:
    marks = [one.marks for one in drawn if len(one.marks)]
    if not marks:
        return []
    several = len(marks) > 1
    rows = []
    for row in pd.concat(marks, ignore_index=True).to_dict("records"):
        said = [Cell(str(row["marker"]), f"at {clock(row['t_ms'])}")]
        if several:
            said.append(Cell(units.name(str(row["measure"]))))
        rows.append((*said, Cell(_apart(row["before_s"])), Cell(_apart(row["after_s"]))))
    heads = ("Marker", *(("Measure",) if several else ()), "Peak before it", "Peak after it")
    return [Table("Markers", heads, tuple(rows), words=(0, 1) if several else (0,))]


def _apart(seconds: float) -> str:
    if not np.isfinite(seconds):
        return "none"
    return "at once" if seconds == 0 else f"{seconds:.0f} s"


def _together(synchrony: dict[str, Synchrony]) -> str:
    said = "; ".join(
        f"{units.name(measure).lower()} {one.value:.2f}, by chance {one.low:.2f} to "
        f"{one.high:.2f}".replace("-", "−")
        for measure, one in synchrony.items()
    )
    first = next(iter(synchrony))
    return f"{findings.together(first, synchrony[first])}. Synchrony: {said}."


def _viewers(content: Content) -> list[Block]:
    """How far the recordings can be trusted, and who was left out, with the reason."""
    counted, out = content.study.counted, content.study.left_out
    quality = counted["quality"].dropna().astype(float)
    flagged = int(counted["flagged"].astype(bool).sum())
    facts = [
        ("Sessions that count", f"{len(counted):,}"),
        ("Viewers in them", f"{content.viewers:,}"),
        ("Left out", f"{len(out):,}" if len(out) else "none"),
        ("Median quality", percent(float(quality.median())) if len(quality) else "–"),
        ("Lowest quality", percent(float(quality.min())) if len(quality) else "–"),
        ("Flagged, under 85 %", f"{flagged:,}" if flagged else "none"),
    ]
    by_hand = counted[counted["reason"].fillna("").astype(str) != ""]
    blocks: list[Block] = [
        Heading("Who was measured"),
        Facts(tuple(facts)),
        Text(
            "Quality is the share of a recording's time in which a face could be read. A session "
            f"under {percent(LEFT_OUT_UNDER)} is left out, unless it was taken back by hand."
        ),
    ]
    for title, rows in (("Left out, and why", out), ("Taken back, and why", by_hand)):
        if len(rows):
            blocks += [
                Heading(title, 3),
                Table(
                    title,
                    ("Session", "Why", "Quality"),
                    tuple(_reason(row, at, content) for at, row in enumerate(_records(rows), 1)),
                    words=(0, 1),
                    wide=(0.34, 0.5, 0.16),
                ),
            ]
    return blocks


def _records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(rows.to_dict("records"))


def _reason(row: dict[Any, Any], at: int, content: Content) -> tuple[Cell, ...]:
    share = row["quality"]
    known = share is not None and not pd.isna(share)
    name = shorten(str(row["name"]), 48) if content.options.names else f"Session {at}"
    return cells(name, str(row["reason"]), percent(float(share)) if known else "–")


def _data(content: Content) -> dict[str, object]:
    """The report's numbers for a program: the comparisons as ``rapt compare --json`` has them."""
    study, options = content.study, content.options
    about = {"study": study.name, "simulated": study.simulated, "baseline": options.corrected}
    pairs = content.compared.pairs.values() if content.compared is not None else ()
    return {
        "study_id": study.study_id,
        **about,
        "minimum": options.minimum,
        "made": content.at.isoformat(timespec="seconds"),
        "sessions": len(study.counted),
        "viewers": content.viewers,
        "left_out": len(study.left_out),
        "comparisons": [one.as_dict() | about for one in pairs],
        "audiences": [
            {
                "name": section.name,
                "viewers": section.viewers,
                "measures": {one.measure: as_columns(one.numbers) for one in section.responses},
                "hidden": {
                    one.measure: [key for key, number in one.numbers.items() if number.hidden]
                    for one in section.responses
                    if one.hidden_numbers
                },
            }
            for section in content.audiences
        ],
    }
