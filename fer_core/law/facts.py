"""What papers about a study are filled from: its purpose, what is kept, who sees it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fer_core.access.audit import KEEP_DAYS, KEEP_SETTING
from fer_core.access.permissions import Role
from fer_core.access.purpose import Purpose, Stated, label_of
from fer_core.keeping import rules
from fer_core.law.responsible import Responsible, responsible
from fer_core.text import count

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.storage.links import Link
    from fer_core.storage.studies import Study


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept of people, and until when."""

    what: str
    until: str
    short: str = ""  # as a notice calls it; "": not of those who are measured


@dataclass(frozen=True, slots=True)
class Facts:
    """A study as its papers tell it, at one moment."""

    study: Study
    purpose: Stated | None
    responsible: Responsible
    films: tuple[str, ...]
    links: tuple[Link, ...]
    sessions: int
    live: int  # how many of them were measured live
    viewers: int
    faces: bool  # whether pictures of faces are kept for review
    kept: tuple[Kept, ...]
    access: str
    address: str  # where a notice's code leads; "": it has none
    at: datetime

    @property
    def purpose_label(self) -> str:
        return label_of(self.purpose)

    @property
    def forbidden_but_for(self) -> Purpose | None:
        """The exception of the AI Act that a study at work or in education names."""
        return self.purpose.exception if self.purpose else None


def gather(store: Store, study_id: str, address: str = "") -> Facts:
    """The facts of a study, by its id or name, now. StoreError where there is none.

    ``address`` is where a notice's code leads: a respondents' link, else the privacy text.
    """
    study = store.studies.get(study_id)
    who = responsible(store)
    links = tuple(store.respondents.links(study.study_id))
    rows = store.frame(
        "SELECT kind, viewers, coalesce(json_extract_string(settings, '$.keep_faces') = 'true', "
        "false) AS faces FROM sessions WHERE study_id = $study",
        {"study": study.study_id},
    )
    faces = bool(rows["faces"].any()) or any(link.keep_faces for link in links)
    return Facts(
        study=study,
        purpose=study.purpose,
        responsible=who,
        films=tuple(one.title for one in store.studies.stimuli(study.study_id)),
        links=links,
        sessions=len(rows),
        live=int((rows["kind"] == "live").sum()),
        viewers=int(rows["viewers"].fillna(0).sum()),
        faces=faces,
        kept=_kept(store, faces=faces, respondents=bool(links)),
        access=_access(store, study.study_id),
        address=address or who.address,
        at=datetime.now().astimezone(),
    )


def _kept(store: Store, *, faces: bool, respondents: bool) -> tuple[Kept, ...]:
    after = "until analysed" if rules.value_of(store, rules.AFTER) else ""
    found = [
        Kept(
            "Numbers for each person and second: where the face is, what it expresses, attention, "
            "eyes and movements",
            "until the session, the viewer or the study is deleted",
            "Numbers on each person and second",
        ),
        Kept(
            "A recording that was uploaded",
            after or _days(store, rules.UPLOADS),
            "Uploaded recordings",
        ),
        Kept(
            "The picture of a live camera or of a respondent's camera", "not kept", "Live pictures"
        ),
        Kept(
            "Small pictures of faces, for review",
            _days(store, rules.FACES) if faces else "not kept",
            "Small pictures of faces",
        ),
    ]
    if respondents:
        found.append(
            Kept(
                "Of respondents: a label, the text that they agreed to, its version and the time",
                "until the study is deleted",
                "What you agreed to and when",
            )
        )
    copies = rules.value_of(store, rules.KEEP)
    if copies:
        found.append(
            Kept(
                "Backups" + (", with recordings" if rules.value_of(store, rules.WHOLE) else ""),
                f"the last {count(copies, 'night')}; who is forgotten for good leaves them",
            )
        )
    days = int(store.settings.get(KEEP_SETTING, KEEP_DAYS))
    found.append(Kept("Who saw, exported and deleted what, by ids", count(days, "day")))
    return tuple(found)


def _days(store: Store, rule: rules.Rule) -> str:
    days = rules.value_of(store, rule)
    return "until deleted" if days is None else count(days, "day")


def _access(store: Store, study_id: str) -> str:
    people = [one for one in store.accounts.list() if one.disabled is None]
    if not people:
        return "Whoever works with Rapt on its machine. There are no accounts."
    limit = store.accounts.limits().get(study_id)
    may = [one for one in people if one.role is Role.ADMIN or limit is None or one.user_id in limit]
    roles = Counter(one.role for one in may)
    said = ", ".join(count(roles[role], role.value) for role in Role if roles[role])
    whose = "Limited to" if limit is not None else "Everybody with an account:"
    return f"{whose} {said}. Who saw and exported what is written down."
