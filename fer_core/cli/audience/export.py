"""`rapt export`: a session or a study as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from fer_core.access.audit import Deed
from fer_core.analytics.carried import OWN_VIEW
from fer_core.cli.call import Call
from fer_core.errors import SettingsError
from fer_core.files import JsonObject
from fer_core.reports.formats import FORMATS, in_order

if TYPE_CHECKING:
    from fer_core.reports.formats import StudyOptions
    from fer_core.storage import Store
    from fer_core.studies.membership import Study

app = typer.Typer(add_completion=False)
_FORM_HELP: Final = (
    f"{', '.join(one.name for one in in_order())}. Else the ending of --out decides, else csv."
)
_OUT_HELP: Final = "Where to; else its name, here. A folder for the figures of a study."


@app.command()
def export(
    ctx: typer.Context,
    session: str | None = typer.Argument(None, help="A session's id, or its name."),
    study: str | None = typer.Option(None, help="Export this study (name or id) instead."),
    form: str | None = typer.Option(None, "--format", "-f", help=_FORM_HELP),
    out: Path | None = typer.Option(None, "--out", "-o", metavar="FILE", help=_OUT_HELP),
    stimulus: str | None = typer.Option(
        None, help="Of a study of several films: the one that an ELAN file follows."
    ),
    measure: list[str] | None = typer.Option(
        None, help="Of a study: a measure to draw; again for more."
    ),
    baseline: bool = typer.Option(
        False, "--baseline", help="Of a study: take each viewer's resting face out first."
    ),
    minimum: int = typer.Option(
        OWN_VIEW, min=1, help="Of a study: the smallest group whose numbers are written."
    ),
    wide: bool = typer.Option(
        False, "--wide", help="Of a study as sav or dta: one row a viewer, a column a second."
    ),
    where: list[str] | None = typer.Option(
        None,
        metavar="NAME=VALUE",
        help="Of a study: only whoever has this answer, tag or device; again: both.",
    ),
) -> None:
    """Write a session or a study to files.

    A session as its timeline (csv, parquet), a workbook (xlsx), for ELAN (eaf), for SPSS and
    Stata (sav, dta), for R (zip) or as a figure (svg, png); a study likewise. docs/metrics.md
    defines the columns.
    """
    from fer_core.reports.formats import StudyOptions
    from fer_core.storage import open_store

    call = Call.of(ctx)
    if (session is None) == (study is None):
        raise SettingsError(
            "Name one thing to export.", "A session's id or name, or a study with --study."
        )
    kind = _form(form, out)
    options = StudyOptions(baseline, minimum, stimulus, wide)
    with open_store(call.home) as store:
        store.sync()
        if session is not None:
            _session(call, store, session, kind, out)
        else:
            _study(call, store, study, kind, out, options, measure, where or [])


def _form(form: str | None, out: Path | None) -> str:
    ending = out.suffix.lstrip(".").lower() if out is not None else ""
    if form is None and ending and ending not in FORMATS.names():
        raise SettingsError(
            f"There is no export as .{ending}.", f"Choose {', '.join(FORMATS.names())}."
        )
    return FORMATS.find(form or ending or "csv").name


def _session(call: Call, store: Store, called: str, form: str, out: Path | None) -> None:
    from fer_core.cli.finding import find_session
    from fer_core.files import safe_name
    from fer_core.reports.formats import export_session

    session = find_session(store, called)
    target = out or Path(f"{safe_name(session.name)}.{form}")
    rows = export_session(store, session.session_id, target, form)
    call.write_down(Deed.EXPORTED, "session", session.session_id, form)
    said = FORMATS.find(form).session_counts
    call.answer(
        {"session_id": session.session_id, "path": str(target.resolve()), "rows": rows},
        f"{rows:,} {said} of {session.name} in {target}",
    )


def _study(
    call: Call,
    store: Store,
    called: str | None,
    form: str,
    out: Path | None,
    options: StudyOptions,
    measure: list[str] | None,
    where: list[str],
) -> None:
    from fer_core.files import safe_name
    from fer_core.reports.formats import export_study
    from fer_core.studies.membership import find_study, load_study
    from fer_core.studies.segments import narrow

    study = narrow(load_study(store, find_study(store, called)), where)
    if FORMATS.find(form).figures is not None:
        _draw(call, store, study, form, out, options, measure)
        return
    target = out or Path(f"{safe_name(study.name)}.{form}")
    written = export_study(store, study, target, form, options)
    call.write_down(Deed.EXPORTED, "study", study.study_id, form)
    said = FORMATS.find(form).study_counts
    call.answer(
        _about(study) | {"path": str(target.resolve()), "rows": written},
        f"{written:,} {said} of {study.name} in {target}",
    )


def _draw(
    call: Call,
    store: Store,
    study: Study,
    form: str,
    out: Path | None,
    options: StudyOptions,
    measure: list[str] | None,
) -> None:
    """The figures of a study's report, a file each."""
    from fer_core.analytics.compare import COMPARED
    from fer_core.files import safe_name
    from fer_core.reports.content import ReportOptions
    from fer_core.reports.formats import study_figures

    wanted = ReportOptions(
        measures=tuple(dict.fromkeys(measure)) if measure else COMPARED,
        corrected=options.corrected,
        minimum=options.minimum,
    )
    folder = out or Path(f"{safe_name(study.name)} figures")
    paths = _put_all(folder, study_figures(store, study, form, wanted))
    call.write_down(Deed.EXPORTED, "study", study.study_id, f"figures, {form}")
    call.answer(
        _about(study) | {"paths": [str(one.resolve()) for one in paths]},
        f"{len(paths)} figures of {study.name} in {folder}",
    )


def _about(study: Study) -> JsonObject:
    return {"study_id": study.study_id, "study": study.name, "simulated": study.simulated}


def _put_all(folder: Path, files: dict[str, bytes]) -> list[Path]:
    from fer_core.errors import StoreError
    from fer_core.reports.build import put

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error.strerror}.", "Name a folder with --out."
        ) from error
    paths = [folder / name for name in files]
    for path in paths:
        put(files[path.name], path)
    return paths
