"""`rapt share`: a study's report for whoever holds a link, on the respondents' port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from fer_core.access.audit import Deed
from fer_core.access.share_links import DAYS, LONGEST_DAYS
from fer_core.analytics.carried import SHARED
from fer_core.cli.call import Call
from fer_core.cli.options import Baseline, Compare, NoCompare, StudyNamed, compared
from fer_core.files import JsonObject

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.storage.shares import Share

app = typer.Typer(add_completion=False, no_args_is_help=True)
#: Where the page *Connection* keeps the address for people from outside.
_ADDRESS: Final = "network.public_url"


@app.callback()
def share() -> None:
    """Share a study's report by a link, on the respondents' port."""


@app.command()
def add(
    ctx: typer.Context,
    study: StudyNamed = None,
    days: int = typer.Option(DAYS, min=1, max=LONGEST_DAYS, help="How long the link holds."),
    minimum: int = typer.Option(
        SHARED, min=SHARED, help="The smallest group whose numbers are shown."
    ),
    compare: Compare = None,
    no_compare: NoCompare = False,
    baseline: Baseline = False,
) -> None:
    """Make a link to the report as it is now, and print it. No login is asked there."""
    from fer_core.reports.content import ReportOptions
    from fer_core.reports.sharing import share as shared
    from fer_core.storage import open_store
    from fer_core.studies.membership import find_study, load_study

    call = Call.of(ctx)
    options = ReportOptions(
        compare=compared(compare, no_compare), corrected=baseline, minimum=minimum
    )
    with open_store(call.home) as store:
        store.sync()
        found = load_study(store, find_study(store, study))
        share_id = shared(store, found, options, days=days)
        made = next(one for one in store.shares.list() if one.share_id == share_id)
        row = _row(store, made)
    call.write_down(Deed.CHANGED, "share", share_id, "add_share")
    whole = "://" in str(row["link"])
    where = "" if whole else "After the address that respondents reach this server by. "
    call.answer(row, f"{row['link']}\n{where}It ends on {made.ends:%-d %B %Y} (UTC).")


@app.command("list")
def list_shares(
    ctx: typer.Context,
    study: str | None = typer.Option(None, help="Only those of this study (name or id)."),
) -> None:
    """List the reports that are shared now."""
    from fer_core.storage import open_store

    call = Call.of(ctx)
    with open_store(call.home) as store:
        only = None if study is None else store.studies.get(study).study_id
        rows = [_row(store, one) for one in store.shares.list(only)]
    call.answer(rows, "" if rows else "No report is shared.")
    if rows and not call.json:
        call.table(rows, {"share_id": "Id", "study": "Study", "minimum": "Groups from",
                          "ends": "Ends", "link": "Link"})  # fmt: skip


@app.command()
def revoke(
    ctx: typer.Context, link: str = typer.Argument(help="The link, or its id from the list.")
) -> None:
    """End a link at once and remove what it showed."""
    from fer_core.reports.sharing import find
    from fer_core.storage import open_store
    from fer_core.storage.shares import RevokeShare

    call = Call.of(ctx)
    with open_store(call.home) as store:
        gone = find(store, link)
        store.run(RevokeShare(share_id=gone.share_id))
    call.write_down(Deed.CHANGED, "share", gone.share_id, "revoke_share")
    call.answer({"share_id": gone.share_id}, "This report is no longer shared.")


def _row(store: Store, one: Share) -> JsonObject:
    from fer_core.access.share_links import link_path

    address = str(store.settings.get(_ADDRESS, "") or "")
    return {
        "share_id": one.share_id, "study_id": one.study_id,
        "study": store.studies.get(one.study_id).name, "minimum": one.minimum,
        "created": one.created.isoformat(), "ends": one.ends.isoformat(),
        "link": address + link_path(store.home, one.share_id, one.ends),
    }  # fmt: skip
