"""`rapt report`: what a study found, as a document for someone who was not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from fer_core.access.audit import Deed
from fer_core.analytics.carried import SHARED
from fer_core.cli.call import Call
from fer_core.cli.options import Baseline, Compare, NoCompare, StudyNamed, Where, compared

if TYPE_CHECKING:
    from fer_core.reports.content import ReportOptions
    from fer_core.reports.slides.deck import SlideOptions

app = typer.Typer(add_completion=False)
_OUT_HELP: Final = (
    "Where to, .pdf, .html or .pptx; again for more. Else the study's name as .pdf, here."
)


@app.command()
def report(
    ctx: typer.Context,
    study: StudyNamed = None,
    out: list[Path] | None = typer.Option(None, "--out", "-o", metavar="FILE", help=_OUT_HELP),
    compare: Compare = None,
    no_compare: NoCompare = False,
    measure: list[str] | None = typer.Option(
        None, help="A measure to report; again for more. Else attention, engagement, valence."
    ),
    baseline: Baseline = False,
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
    where: Where = None,
) -> None:
    """Write a study's report.

    The finding in one sentence, then curves with their bands, expressions, scenes, the
    comparison, quality, method, limits and definitions. One file; it opens without a network.
    As .pptx: slides, a finding each, with charts that can be edited.
    """
    from fer_core.analytics.compare import COMPARED
    from fer_core.reports.content import ReportOptions

    options = ReportOptions(
        measures=tuple(dict.fromkeys(measure)) if measure else COMPARED,
        compare=compared(compare, no_compare),
        corrected=baseline,
        minimum=minimum,
        names=names,
        by=" x ".join(by) if by else None,
        where=tuple(where or ()),
    )
    style = _Style(template, logo, tuple(colour or ()))
    _write(Call.of(ctx), study, options, out or [], style)


@dataclass(frozen=True, slots=True)
class _Style:
    """How slides look, where the home's own is not wanted."""

    template: Path | None
    logo: Path | None
    colours: tuple[str, ...]

    def over(self, usual: SlideOptions) -> SlideOptions:
        """The home's style, with what was chosen in its place."""
        return replace(
            usual,
            template=self.template or usual.template,
            logo=self.logo or usual.logo,
            colours=self.colours or usual.colours,
        )


def _write(
    call: Call, study: str | None, options: ReportOptions, out: list[Path], style: _Style
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
        slides = style.over(house_style(call.home)) if form == SLIDES else None
        put(written_report(content, form, slides), target)
        call.write_down(Deed.EXPORTED, "study", found.study_id, f"report, {target.suffix[1:]}")
    call.answer(
        document.data
        | {"finding": list(document.finding), "paths": [str(one.resolve()) for one in targets]},
        "\n".join([found.name, *document.finding,
                   *([document.mark_note] if document.mark else []),
                   f"Report in {' and '.join(str(one) for one in targets)}"]),
    )  # fmt: skip
