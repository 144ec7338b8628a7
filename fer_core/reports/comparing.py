"""The part of a report that holds groups against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fer_core.analytics.compare import FEWEST_A_SIDE, SIGNIFICANT, Comparison
from fer_core.analytics.scenes import Scene
from fer_core.analytics.wording import listed
from fer_core.measures import MEASURES
from fer_core.palette import EMOTION_COLOURS, group_colours
from fer_core.reports import figures, findings, units
from fer_core.reports.content import Content
from fer_core.reports.document import Block, Cell, Figure, Heading, Table, Text, cells
from fer_core.reports.figure_frame import Words
from fer_core.sentences import Label
from fer_core.studies.comparison import Compared
from fer_core.studies.groups import usual_reference
from fer_core.text import clock, shorten, signed


def in_order(measures: tuple[str, ...]) -> list[str]:
    """The measures in the order in which pages list them."""
    return sorted(measures, key=MEASURES.index)


def comparison(compared: Compared, content: Content) -> list[Block]:
    names = compared.names
    together = [units.name(one).lower() for one in content.options.measures]
    if len(compared.tested) > 1:
        together.append(f"{len(compared.tested)} pairs of groups")
    how = (
        "The same respondents are in each group and are compared with themselves."
        if compared.paired
        else "Each group has viewers of its own."
    )
    blocks: list[Block] = [
        Heading(f"{listed([shorten(one, 40) for one in names], 'and')} compared"),
        Text(
            f"{how} Tested together: {listed(together, 'and')}. A span counts as a difference "
            "where p is under 0.05 after correction for all of them; it is shaded in the colour "
            "of the higher one."
            if compared.tested
            else f"{how} Nothing was tested: too few viewers."
        ),
    ]
    for measure in in_order(content.options.measures):
        blocks.append(_comparison_figure(compared, measure, content.options.reference))
    blocks.append(expressions(compared.shares, compared.scenes, compared.length_ms, "groups"))
    blocks += _differences(compared, content)
    return blocks


def _comparison_figure(compared: Compared, measure: str, reference: str | None) -> Figure:
    one = against(clearest(compared, measure), reference)
    colour = group_colours(list(compared.names))
    curves = compared.curves[measure]
    size = figures.sizes(compared.lines[measure])
    title = findings.compared(one, measure)
    words = Words(
        title,
        f"{units.note(measure)}: means with their 95 % bands; below, {one.a} minus {one.b}",
        f"{title}. {one.sentence}",
        tuple((f"{name}, {size[name]}", colour[name]) for name in compared.names),
    )
    return Figure(
        f"compare-{measure}",
        words,
        lambda sheet: figures.comparison(
            curves,
            one,
            measure,
            words,
            sheet,
            length_ms=compared.length_ms,
            viewers=compared.viewers(measure),
            scenes=compared.scenes,
        ),
    )


def clearest(compared: Compared, measure: str) -> Comparison:
    """The pair whose difference is drawn: that with the smallest p in this measure."""
    return min(
        compared.pairs.values(),
        key=lambda one: min((c.p for c in one.clusters if c.measure == measure), default=1.0),
    )


def against(one: Comparison, reference: str | None) -> Comparison:
    """The other minus the reference; of two others, or where none was chosen, the first by the
    alphabet is."""
    names = (one.a, one.b)
    return one.minus(reference if reference in names else usual_reference(names))


def _differences(compared: Compared, content: Content) -> list[Block]:
    """Scene by scene; of more than one pair only the rows that differ."""
    blocks: list[Block] = []
    for pair in compared.pairs.values():
        one = against(pair, content.options.reference)
        a, b = one.a, one.b
        rows: list[tuple[Cell, ...]] = []
        for measure in in_order(content.options.measures):
            of_measure = [
                _difference(row, measure)
                for row in one.scenes[one.scenes["measure"] == measure].to_dict("records")
                if len(compared.pairs) == 1 or float(row["p_corrected"]) < SIGNIFICANT
            ]
            if of_measure:
                rows += [(Cell(units.name(measure)),), *of_measure]
        if not rows:
            continue
        short = len(a) + len(b) < 24
        heads = (
            "Scene", shorten(a, 18), shorten(b, 18),
            f"{a} − {b}" if short else "Difference", "Effect", "p, corrected",
        )  # fmt: skip
        blocks += [
            Heading(f"{a} and {b}, scene by scene" if len(compared.pairs) > 1
                    else "Scene by scene", 3),
            Table(
                f"{a} and {b} by scene",
                heads,
                tuple(rows),
                wide=(0.28, 0.12, 0.12, 0.25, 0.1, 0.13),
            ),
        ]  # fmt: skip
    if blocks:
        blocks.append(
            Text(
                "In brackets the 95 % range of the difference. Effect: Cohen's d"
                f"{'z' if compared.paired else ''}, in standard deviations; 0.2 is small, 0.5 "
                "medium, 0.8 large. p is corrected over all scenes and measures "
                "(Benjamini-Hochberg); rows in bold are under 0.05.",
                quiet=True,
            )
        )
    return blocks


def _difference(row: dict[Any, Any], measure: str) -> tuple[Cell, ...]:
    p = float(row["p_corrected"])
    clear = p < SIGNIFICANT
    between = ""
    if np.isfinite(row["low"]):
        low, high = (units.say_fine_change(measure, float(row[name])) for name in ("low", "high"))
        between = f"({low.removesuffix(' pts')} to {high.removesuffix(' pts')})"
    effect = float(row["effect"])
    mean_a, mean_b = float(row["mean_a"]), float(row["mean_b"])
    return cells(
        Cell(str(row["scene"]), f"{clock(row['from_ms'])}–{clock(row['to_ms'])}"),
        units.say_fine(measure, mean_a),
        units.say_fine(measure, mean_b),
        Cell(units.say_difference(measure, mean_a, mean_b), between, strong=clear),
        signed(effect, 1) if np.isfinite(effect) else "–",
        Cell(said_p(p, int(min(row["n_a"], row["n_b"]))), strong=clear),
    )


def said_p(p: float, n: int) -> str:
    """A p that promises no more than it holds."""
    if not np.isfinite(p):
        return "too few" if n < FEWEST_A_SIDE else "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def expressions(
    shares: Mapping[str, Mapping[str, pd.DataFrame]],
    scenes: Sequence[Scene],
    length_ms: int,
    name: str,
) -> Figure:
    shown = figures.expressions_shown(shares)
    titles = [f"{group}: {findings.shares(found)}" for group, found in shares.items()]
    title = (
        findings.shares(next(iter(shares.values())))
        if len(shares) == 1
        else Label("What their faces showed")
    )
    words = Words(
        title,
        "Share of the viewers whose face could be read that clearly shows each expression "
        "(probability above 0.5)",
        ". ".join(titles) + ".",
        tuple((one, EMOTION_COLOURS[one]) for one in shown),
    )
    return Figure(
        f"expressions-{name}",
        words,
        lambda sheet: figures.expressions(shares, words, sheet, length_ms=length_ms, scenes=scenes),
    )
