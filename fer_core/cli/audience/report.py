"""`rapt report`: what a study found, as a document for someone who was not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.access.audit import Deed
from fer_core.analytics.carried import SHARED
from fer_core.cli.call import Call

if TYPE_CHECKING:
    from fer_core.reports.content import ReportOptions

app = typer.Typer(add_completion=False)


@app.command()
def report(
    ctx: typer.Context,
    study: str | None = typer.Argument(None, help="The study (name or id); else the only one."),
    out: list[Path] | None = typer.Option(
        None,
        "--out",
        "-o",
        metavar="FILE",
        help="Where to, .pdf, .html or .pptx; again for more. Else the study's name as .pdf, here.",
    ),
    compare: list[str] | None = typer.Option(
        None,
        metavar="GROUP",
        help="A condition, stimulus or session to compare; again for each of two to six. "
        "Else the study's conditions.",
    ),
    no_compare: bool = typer.Option(False, "--no-compare", help="Compare nothing."),
    measure: list[str] | None = typer.Option(
        None, help="A measure to report; again for more. Else attention, engagement, valence."
    ),
    baseline: bool = typer.Option(
        False, "--baseline", help="Take each viewer's resting face out first."
    ),
    minimum: int = typer.Option(
        SHARED, min=1, help="The smallest group whose numbers are shown; 1 shows all."
    ),
    names: bool = typer.Option(
        True, "--names/--no-names", help="Whether sessions that were left out are named."
    ),
    template: Path | None = typer.Option(
        None, metavar="FILE", help="Slides after this .pptx; else after the home's slides.pptx."
    ),
    logo: Path | None = typer.Option(None, metavar="FILE", help="A PNG or JPEG on each slide."),
    colour: list[str] | None = typer.Option(
        None, metavar="COLOUR", help="A group's colour on slides, as #2563EB; again for the next."
    ),
    by: list[str] | None = typer.Option(
        None, help="Compare the answers to this question, tags or devices; twice: of two, crossed."
    ),
    where: list[str] | None = typer.Option(
        None, metavar="NAME=VALUE", help="Only whoever has this answer, tag or device; again: both."
    ),
) -> None:
    """Write a study's report.

    The finding in one sentence, then curves with their bands, expressions, scenes, the
    comparison, quality, method, limits and definitions. One file; it opens without a network.
    As .pptx: slides, a finding each, with charts that can be edited.
    """
    from fer_core.analytics.compare import COMPARED
    from fer_core.errors import SettingsError
    from fer_core.reports.content import ReportOptions

    if compare and no_compare:
        raise SettingsError("--compare and --no-compare contradict each other.", "Drop one.")
    options = ReportOptions(
        measures=tuple(dict.fromkeys(measure)) if measure else COMPARED,
        compare=() if no_compare else tuple(dict.fromkeys(compare)) if compare else None,
        corrected=baseline,
        minimum=minimum,
        names=names,
        by=" x ".join(by) if by else None,
        where=tuple(where or ()),
    )
    look = {"template": template, "logo": logo, "colours": tuple(colour or ())}
    write_report(Call.of(ctx), study, options, out or [], look)


def write_report(
    call: Call,
    study: str | None,
    options: ReportOptions,
    out: list[Path],
    look: Mapping[str, Any],
) -> None:
    """Write the files, of which there is one where none is named, and answer what was found."""
    from fer_core.errors import SettingsError
    from fer_core.files import safe_name
    from fer_core.reports.build import REPORTS, SLIDES, house_style, put, written_report
    from fer_core.reports.compose import compose
    from fer_core.reports.content import gather
    from fer_core.storage import open_store
    from fer_core.studies.membership import find_study, load_study

    for one in out:
        if one.suffix.lstrip(".").lower() not in REPORTS:
            raise SettingsError(
                f"There is no report as {one.suffix or one.name!r}.",
                f"End the file's name in {' or '.join(f'.{form}' for form in REPORTS)}.",
            )
    with open_store(call.home) as store:
        store.sync()
        found = load_study(store, find_study(store, study))
        content = gather(store, found, options)
        document = compose(content)
    targets = out or [Path(f"{safe_name(found.name)}.pdf")]
    for target in targets:
        form = target.suffix.lstrip(".").lower()
        style = None
        if form == SLIDES:
            chosen = {key: value for key, value in look.items() if value}
            style = replace(house_style(call.home), **chosen)
        put(written_report(content, form, style), target)
        call.write_down(Deed.EXPORTED, "study", found.study_id, f"report, {target.suffix[1:]}")
    call.answer(
        document.data
        | {"finding": list(document.finding), "paths": [str(one.resolve()) for one in targets]},
        "\n".join([found.name, *document.finding,
                   *([document.mark_note] if document.mark else []),
                   f"Report in {' and '.join(str(one) for one in targets)}"]),
    )  # fmt: skip
