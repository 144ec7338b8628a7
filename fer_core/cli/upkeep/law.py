"""`rapt law`: what a study is for, who answers for it, and the papers that the law asks for."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.access.audit import Deed
from fer_core.access.purpose import Purpose, label_of
from fer_core.cli.call import Call

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.studies.membership import Study

app = typer.Typer(add_completion=False, no_args_is_help=True)

_STUDY: Any = typer.Argument(None, help="The study (name or id); else the only one.")
_OUT: Any = typer.Option(
    None, "--out", "-o", metavar="FILE", help="Where to, .pdf or .html; else a PDF here."
)


@app.callback()
def law() -> None:
    """Say what a study is for, and write the papers that the law asks for.

    Information, not legal advice.
    """


@app.command()
def purpose(
    ctx: typer.Context,
    study: str = typer.Argument(help="The study (name or id)."),
    to: str | None = typer.Argument(
        None, metavar="[PURPOSE]", help=f"{', '.join(Purpose)}; else what it is is shown."
    ),
    exception: str | None = typer.Option(
        None, help="Of the purpose work: medical or safety, where one of them applies."
    ),
    reason: str = typer.Option("", help="Why that exception applies; it is kept."),
) -> None:
    """Show or state what a study is for."""
    from fer_core.storage import open_store
    from fer_core.storage.studies import StatePurpose

    call = Call.of(ctx)
    with open_store(call.home) as store:
        found = _find(store, study)
        if to is not None:
            store.run(
                StatePurpose(
                    study_id=found.study_id, purpose=to, exception=exception, reason=reason
                )
            )
            call.write_down(Deed.CHANGED, "study", found.study_id, "state_purpose")
        stated = store.studies.purpose(found.study_id)
    told = {"study_id": found.study_id, "stated": asdict(stated) if stated else None}
    call.answer(told, f"{found.name}: {label_of(stated)}")


@app.command()
def responsible(
    ctx: typer.Context,
    name: str | None = typer.Option(None, help="A person or an organisation."),
    contact: str | None = typer.Option(None, help="Where questions go."),
    officer: str | None = typer.Option(None, help="The data protection officer."),
    address: str | None = typer.Option(None, help="Of a privacy text on the web, for notices."),
) -> None:
    """Show or name who answers for what is measured here; papers print it."""
    from fer_core.law.responsible import responsible as kept
    from fer_core.law.responsible import set_responsible
    from fer_core.storage import open_store

    call = Call.of(ctx)
    given = {"name": name, "contact": contact, "officer": officer, "address": address}
    changes = {key: value for key, value in given.items() if value is not None}
    with open_store(call.home) as store:
        who = kept(store)
        if changes:
            set_responsible(store, replace(who, **changes))
            who = kept(store)
    lines = [f"{key}: {value or 'not stated'}" for key, value in asdict(who).items()]
    call.answer(asdict(who), "\n".join(lines))


@app.command()
def notice(
    ctx: typer.Context,
    study: str | None = _STUDY,
    out: Path | None = _OUT,
    to: str = typer.Option(
        "", metavar="ADDRESS", help="Where its QR code leads; else to the privacy text."
    ),
) -> None:
    """Write a notice to be hung up: people learn that their faces are measured."""
    _write(Call.of(ctx), "notice", study, out, to)


@app.command()
def consent(ctx: typer.Context, study: str | None = _STUDY, out: Path | None = _OUT) -> None:
    """Write a sheet for people's consent, and a shorter text for a screen."""
    _write(Call.of(ctx), "consent", study, out)


@app.command()
def record(ctx: typer.Context, study: str | None = _STUDY, out: Path | None = _OUT) -> None:
    """Write a record of processing, as Art. 30 of the GDPR asks for it."""
    _write(Call.of(ctx), "record", study, out)


@app.command()
def assessment(ctx: typer.Context, study: str | None = _STUDY, out: Path | None = _OUT) -> None:
    """Write a sheet for an impact assessment, as Art. 35 of the GDPR asks for it."""
    _write(Call.of(ctx), "assessment", study, out)


def _find(store: Store, study: str | None) -> Study:
    from fer_core.studies.membership import find_study, load_study

    store.sync()
    return load_study(store, find_study(store, study))


def _write(call: Call, name: str, study: str | None, out: Path | None, address: str = "") -> None:
    from fer_core.files import safe_name
    from fer_core.law.facts import gather
    from fer_core.law.papers import PAPERS, paper
    from fer_core.reports.build import put, written
    from fer_core.storage import open_store

    with open_store(call.home) as store:
        found = _find(store, study)
        facts = gather(store, found.study_id, address)
    target = out or Path(f"{safe_name(f'{found.name}, {PAPERS[name].label.lower()}')}.pdf")
    form = target.suffix.lstrip(".").lower()
    put(written(paper(name, facts), form), target)
    call.write_down(Deed.EXPORTED, "study", found.study_id, f"{name}, {form}")
    told = {"study_id": found.study_id, "paper": name, "path": str(target.resolve())}
    call.answer(told, f"{PAPERS[name].label} in {target}. Information, not legal advice.")
