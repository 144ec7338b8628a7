"""`rapt compare`: two groups of a study's viewers, second by second and scene by scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from fer_core.cli.call import Call
from fer_core.cli.options import Baseline, Where
from fer_core.text import signed

if TYPE_CHECKING:
    from fer_core.analytics.compare import Comparison

app = typer.Typer(add_completion=False)


@app.command()
def compare(
    ctx: typer.Context,
    a: str = typer.Argument(help="A condition, a stimulus or a session."),
    b: str = typer.Argument(help="Another of the same kind."),
    study: str | None = typer.Option(None, help="The study (name or id); else the only one."),
    measure: list[str] | None = typer.Option(
        None, help="A measure to compare; again for more. Else attention, engagement, valence."
    ),
    baseline: Baseline = False,
    by: list[str] | None = typer.Option(
        None, help="A and B are answers to this question, tags, devices; twice: of two, crossed."
    ),
    where: Where = None,
) -> None:
    """Compare two audiences, second by second."""
    from fer_core.analytics.compare import COMPARED
    from fer_core.errors import DataError
    from fer_core.storage import open_store
    from fer_core.studies.groups import chosen_groups, compare_groups, find_groups
    from fer_core.studies.membership import find_study, load_study
    from fer_core.studies.segments import CROSSED, narrow, segments

    call = Call.of(ctx)
    measures = tuple(dict.fromkeys(measure)) if measure else COMPARED
    _check(measures)
    if a == b:
        raise DataError(f"{a!r} cannot be compared with itself.", "Name two that differ.")
    with open_store(call.home) as store:
        store.sync()
        found = load_study(store, find_study(store, study))
        found = narrow(found, where or [])
        groups = (
            chosen_groups(segments(found, CROSSED.join(by)), [a, b])
            if by
            else find_groups(found, [a, b])
        )
        result = compare_groups(store, found, groups, measures=measures, corrected=baseline)
    comparison = next(iter(result.values()))
    about = {"study": found.name, "simulated": found.simulated, "baseline": baseline}
    call.answer(
        comparison.as_dict() | about,
        _told(comparison, found.name, simulated=found.simulated),
    )
    if not call.json and len(comparison.scenes):
        rows = [_row(row) for row in comparison.scenes.to_dict("records")]
        call.table(rows, _headings(comparison.a, comparison.b))


def _check(measures: tuple[str, ...]) -> None:
    from fer_core.measures import find_measure

    for name in measures:
        find_measure(name)


def _told(comparison: Comparison, study: str, *, simulated: bool) -> str:
    note = "\nSimulated viewers: nobody was filmed." if simulated else ""
    return f"{study}\n{comparison.sentence}{note}"


def _headings(a: str, b: str) -> dict[str, str]:
    return {
        "scene": "Scene",
        "measure": "Measure",
        "a": a,
        "b": b,
        "difference": "Difference (95 %)",
        "effect": "Effect",
        "p": "p corrected",
    }


def _row(row: dict[Any, Any]) -> dict[str, str]:
    """A scene's row for a person, as the page and the report write it."""
    from fer_core.reports import units

    measure = str(row["measure"])
    mean_a, mean_b = float(row["mean_a"]), float(row["mean_b"])
    low, high = (units.say_fine_change(measure, float(row[one])) for one in ("low", "high"))
    known = row["p_corrected"] == row["p_corrected"]
    p = "too few viewers" if not known else f"{row['p_corrected']:.3f}"
    return {
        "scene": str(row["scene"]),
        "measure": measure,
        "a": units.say_fine(measure, mean_a),
        "b": units.say_fine(measure, mean_b),
        "difference": f"{units.say_difference(measure, mean_a, mean_b)} ({low} to {high})",
        "effect": "" if row["effect"] != row["effect"] else signed(row["effect"], 1),
        "p": "< 0.001" if known and row["p_corrected"] < 0.001 else p,
    }
