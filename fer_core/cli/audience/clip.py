"""`rapt clip`: a study's best moments, or a recording with its faces hidden, as a short film."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.access.audit import Deed
from fer_core.analytics.carried import SHARED
from fer_core.cli.call import Call
from fer_core.errors import SettingsError

if TYPE_CHECKING:
    from fer_core.clips.moments import Moment
    from fer_core.storage import Store

app = typer.Typer(add_completion=False)


@app.command()
def clip(
    ctx: typer.Context,
    study: str | None = typer.Argument(None, help="The study (name or id); else the only one."),
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
    baseline: bool = typer.Option(
        False, "--baseline", help="Take each viewer's resting face out first."
    ),
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
    from fer_core.clips.render import render
    from fer_core.clips.spec import FORMS, ClipSpec, read_span
    from fer_core.files import replacing, safe_name
    from fer_core.storage import open_store
    from fer_core.studies.membership import find_study

    call = Call.of(ctx)
    form = (out.suffix.lstrip(".").lower() if out is not None else "") or FORMS[0]
    with open_store(call.home) as store:
        store.sync()
        wanted = tuple(read_span(one) for one in span or ())
        about: dict[str, Any] = {"of": of, "versus": versus, "measure": measure, "form": form,
                 "corrected": baseline, "minimum": minimum}  # fmt: skip
        if session is not None:
            from fer_core.cli.finding import find_session

            if moments or of or versus:
                raise SettingsError(
                    "--moments, --of and --versus are of a study, not of a session.",
                    "Leave them out, or leave --session out.",
                )
            found = find_session(store, session)
            if not wanted:
                raise SettingsError("Say which stretch of the recording.", "--span 0:12-0:19")
            name, subject = found.name, ("session", found.session_id)
            spec = ClipSpec(wanted, session=found.session_id, form=form, faces=faces, boxes=boxes)
        else:
            study_id = find_study(store, study)
            chosen = _moments(store, study_id, of, measure, baseline, minimum)
            if moments:
                _list(call, chosen)
                return
            from fer_core.clips.moments import reel

            if of is None and versus is None:
                of, versus = _two_groups(store, study_id)
                about |= {"of": of, "versus": versus}
            name, subject = store.studies.get(study_id).name, ("study", study_id)
            spec = ClipSpec(wanted or tuple(reel(chosen)), study=study_id, **about)
        spec = spec.checked()
        target = out or Path(f"{safe_name(name)}.{form}")
        with replacing(target) as part:
            made = render(store, spec, part)
    said = "clip, faces shown" if faces and session is not None else "clip"
    call.write_down(Deed.EXPORTED, *subject, said)
    call.answer(
        {"path": str(target.resolve()), "frames": made.frames, "length_ms": made.length_ms,
         "blurred_whole": made.doubtful,
         "spans": [{"name": one.name, "from_ms": one.from_ms, "to_ms": one.to_ms}
                   for one in spec.spans]},
        f"{made.length_ms / 1000:.1f} s of {name} in {target}"
        + (f"; {made.doubtful} pictures are blurred as a whole" if made.doubtful else ""),
    )  # fmt: skip


def _moments(
    store: Store, study_id: str, of: str | None, measure: str, corrected: bool, minimum: int
) -> list[Moment]:
    from fer_core.clips.moments import audience_of, moments, response_of
    from fer_core.measures import find_measure
    from fer_core.studies.membership import load_study

    find_measure(measure)
    study = load_study(store, study_id)
    one = audience_of(study, of)
    found = response_of(store, study, one, measure, corrected=corrected, minimum=minimum)
    return moments(store, study, found, one, corrected=corrected)


def _two_groups(store: Store, study_id: str) -> tuple[str | None, str | None]:
    """The two groups that a study is read by, whose curves stand together; else all viewers."""
    from fer_core.studies.groups import usual_groups
    from fer_core.studies.membership import load_study

    groups = usual_groups(load_study(store, study_id))
    return (groups[0].name, groups[1].name) if len(groups) == 2 else (None, None)


def _list(call: Call, found: list[Moment]) -> None:
    from fer_core.text import clock

    rows: list[dict[str, Any]] = [asdict(one) for one in found]
    call.answer(rows)
    if not call.json:
        shown = [row | {"when": f"{clock(row['from_ms'])}–{clock(row['to_ms'])}"} for row in rows]
        call.table(shown, {"name": "Moment", "when": "When", "why": "Why"})
