"""`rapt clip`: a study's best moments, or a recording with its faces hidden, as a short film."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fer_core.access.audit import Deed
from fer_core.analytics.carried import SHARED
from fer_core.cli.call import Call
from fer_core.cli.options import Baseline, StudyNamed
from fer_core.errors import SettingsError

if TYPE_CHECKING:
    from fer_core.clips.moments import Moment
    from fer_core.clips.spec import ClipSpec
    from fer_core.storage import Store

app = typer.Typer(add_completion=False)


@app.command()
def clip(
    ctx: typer.Context,
    study: StudyNamed = None,
    session: str | None = typer.Option(
        None, help="A session's recording instead, with its faces hidden."
    ),
    out: Path | None = typer.Option(
        None, "--out", "-o", metavar="FILE", help="Where to, .mp4 or .gif; else its name, here."
    ),
    span: list[str] | None = typer.Option(
        None, metavar="SPAN", help="A stretch, as 0:12-0:19 or Name=0:12-0:19; again for more."
    ),
    moments: bool = typer.Option(
        False, "--moments", help="Only list the moments that the numbers choose."
    ),
    of: str | None = typer.Option(None, help="The audience: a condition or a film."),
    versus: str | None = typer.Option(None, help="A second one, side by side."),
    measure: str = typer.Option("engagement", help="The measure whose curve is drawn."),
    baseline: Baseline = False,
    minimum: int = typer.Option(SHARED, min=1, help="The smallest group whose seconds are drawn."),
    faces: bool = typer.Option(
        False, "--faces-agreed", help="Show faces: all who are to be seen agreed to it."
    ),
    boxes: bool = typer.Option(True, "--boxes/--no-boxes", help="Of a recording: boxes and names."),
) -> None:
    """Make a short film of the moments that matter.

    A study's film with the audience's curve under it: the moments that the numbers choose, one
    after the other, or those named with --span. Or a session's recording, faces hidden.
    """
    from fer_core.clips.spec import FORMS, ClipSpec, read_span
    from fer_core.storage import open_store

    call = Call.of(ctx)
    form = (out.suffix.lstrip(".").lower() if out is not None else "") or FORMS[0]
    spec = ClipSpec(tuple(read_span(one) for one in span or ()), form=form)
    with open_store(call.home) as store:
        store.sync()
        if session is not None:
            if moments or of or versus:
                raise SettingsError(
                    "--moments, --of and --versus are of a study, not of a session.",
                    "Leave them out, or leave --session out.",
                )
            _of_session(call, store, session, replace(spec, faces=faces, boxes=boxes), out)
            return
        spec = replace(
            spec, of=of, versus=versus, measure=measure, corrected=baseline, minimum=minimum
        )
        _of_study(call, store, study, spec, out, only_list=moments)


def _of_session(call: Call, store: Store, called: str, spec: ClipSpec, out: Path | None) -> None:
    """A recording's clip."""
    from fer_core.cli.finding import find_session

    found = find_session(store, called)
    if not spec.spans:
        raise SettingsError("Say which stretch of the recording.", "--span 0:12-0:19")
    _write(call, store, replace(spec, session=found.session_id), found.name, out)


def _of_study(
    call: Call, store: Store, called: str | None, spec: ClipSpec, out: Path | None, only_list: bool
) -> None:
    """A study's clip, or its moments alone."""
    from fer_core.clips.moments import reel
    from fer_core.studies.membership import find_study

    study_id = find_study(store, called)
    chosen = _moments(store, study_id, spec)
    if only_list:
        _list(call, chosen)
        return
    if spec.of is None and spec.versus is None:
        of, versus = _two_groups(store, study_id)
        spec = replace(spec, of=of, versus=versus)
    spec = replace(spec, spans=spec.spans or tuple(reel(chosen)), study=study_id)
    _write(call, store, spec, store.studies.get(study_id).name, out)


def _write(call: Call, store: Store, spec: ClipSpec, name: str, out: Path | None) -> None:
    """Make the film and tell what became of it; ``name``: of its study or session."""
    from fer_core.clips.render import render
    from fer_core.files import replacing, safe_name

    spec = spec.checked()
    target = out or Path(f"{safe_name(name)}.{spec.form}")
    with replacing(target) as part:
        made = render(store, spec, part)
    kind, subject = ("study", spec.study) if spec.study else ("session", spec.session)
    call.write_down(
        Deed.EXPORTED, kind, str(subject), "clip, faces shown" if spec.faces else "clip"
    )
    call.answer(
        {
            "path": str(target.resolve()),
            "frames": made.frames,
            "length_ms": made.length_ms,
            "blurred_whole": made.doubtful,
            "spans": [
                {"name": one.name, "from_ms": one.from_ms, "to_ms": one.to_ms} for one in spec.spans
            ],
        },
        f"{made.length_ms / 1000:.1f} s of {name} in {target}"
        + (f"; {made.doubtful} pictures are blurred as a whole" if made.doubtful else ""),
    )


def _moments(store: Store, study_id: str, spec: ClipSpec) -> list[Moment]:
    from fer_core.clips.moments import audience_of, moments, response_of
    from fer_core.measures import find_measure
    from fer_core.studies.membership import load_study

    find_measure(spec.measure)
    study = load_study(store, study_id)
    one = audience_of(study, spec.of)
    found = response_of(
        store, study, one, spec.measure, corrected=spec.corrected, minimum=spec.minimum
    )
    return moments(store, study, found, one, corrected=spec.corrected)


def _two_groups(store: Store, study_id: str) -> tuple[str | None, str | None]:
    """The two groups that a study is read by, whose curves stand together; else all viewers."""
    from fer_core.studies.groups import usual_groups
    from fer_core.studies.membership import load_study

    groups = usual_groups(load_study(store, study_id))
    return (groups[0].name, groups[1].name) if len(groups) == 2 else (None, None)


def _list(call: Call, found: list[Moment]) -> None:
    from fer_core.text import clock

    call.answer([asdict(one) for one in found])
    if not call.json:
        shown = [
            {
                "name": one.name,
                "when": f"{clock(one.from_ms)}–{clock(one.to_ms)}",
                "why": one.why,
            }
            for one in found
        ]
        call.table(shown, {"name": "Moment", "when": "When", "why": "Why"})
