"""A study's report for whoever holds a link: made once, as it is now, and read until it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fer_core.access.share_links import DAYS, PATH, Refusal, link_path, named_by
from fer_core.analytics.carried import SHARED
from fer_core.errors import DataError, RaptError, SettingsError, StoreError
from fer_core.reports.document import Document, Text
from fer_core.reports.html import to_html
from fer_core.storage import Store
from fer_core.storage.shares import AddShare, Share

if TYPE_CHECKING:
    from fer_core.reports.content import ReportOptions
    from fer_core.studies.membership import Study

#: What a reader is told, and what can be done: by why there is no report.
REFUSED: Final = {
    Refusal.UNKNOWN: ("This link is not known here.", "Check that the whole address was copied, "
                      "or ask the people who sent it."),
    Refusal.EXPIRED: ("The time in which this link could be used is over.",
                      "Ask the people who sent it for a new one."),
    Refusal.WITHDRAWN: ("This report is no longer shared.",
                        "The people who sent the link have ended it, or what it showed has been "
                        "deleted."),
}  # fmt: skip


class NotShared(RaptError):
    """A link that shows no report."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(*REFUSED[why])
        self.why = why


def share(
    store: Store, study: Study, options: ReportOptions | None = None, *, days: int = DAYS
) -> str:
    """Share a study's report as it is now; its id. Sessions are never named in it.

    SettingsError where smaller groups would be shown than may leave Rapt, DataError where no
    group is as large as that.
    """
    # Statistics take long to import: the server starts without them.
    from fer_core.reports.compose import compose
    from fer_core.reports.content import ReportOptions, gather

    options = replace(options or ReportOptions(), names=False)
    if options.minimum < SHARED:
        raise SettingsError(
            f"A shared report shows no group of fewer than {SHARED} viewers.",
            f"Give a smallest group of {SHARED} or more.",
        )
    content = gather(store, study, options)
    if not any(one.viewers >= options.minimum for one in content.audiences):
        raise DataError(
            f"The study {study.name!r} has no audience of {options.minimum} viewers: nothing "
            "could be shown.",
            "Share it when more recordings are in it.",
        )
    shown = content.study
    ids = [*shown.counted["session_id"], *shown.left_out["session_id"]]
    return store.run(
        AddShare(
            study_id=study.study_id,
            sessions=tuple(map(str, ids)),
            minimum=options.minimum,
            html=to_html(replace(compose(content), data={})),
            days=days,
        )
    )


def path_of(store: Store, share_id: str) -> str:
    """The path of a shared report's link. StoreError where it is not shared."""
    found = find(store, share_id)
    return link_path(store.home, found.share_id, found.ends)


def find(store: Store, link: str) -> Share:
    """A shared report, by its id or its link. StoreError where there is none."""
    wanted = link.rpartition(PATH)[2].partition(".")[0]
    for one in store.shares.list():
        if one.share_id == wanted:
            return one
    raise StoreError(f"There is no shared report {link!r}.", "`rapt share list` names them.")


def read(store: Store, token: str) -> tuple[str, str]:
    """The id and the page of the report that a link leads to. NotShared where it leads nowhere."""
    named = named_by(store.home, token)
    if named is None:
        raise NotShared(Refusal.UNKNOWN)
    if named.expired:
        raise NotShared(Refusal.EXPIRED)
    html = store.shares.html(named.share_id)
    if html is None:
        raise NotShared(Refusal.WITHDRAWN)
    return named.share_id, html


def refusal_page(message: str, hint: str) -> str:
    """The page for a link that shows no report, as reports look."""
    return to_html(
        Document(
            what="Shared report", title="No report here", question="", about="",
            finding=(message,), mark="", mark_note="", made="", blocks=(Text(hint),), data={},
        )
    )  # fmt: skip
