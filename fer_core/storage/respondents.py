"""What became of everybody who came by a link.

Whether a link still holds, and which arm the next respondent gets, is decided in the same
transaction that counts the respondent: two who come at once cannot share the last place.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from fer_core.course.course import Route, draw_route
from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.storage.codec import Row, TableRow
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import new_id
from fer_core.storage.links import Link
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.types import SessionStatus

#: A respondent who agreed and did not start by then gives the place back.
WAITS: Final = timedelta(minutes=30)
_CHANCE: Final = secrets.SystemRandom()
_COUNTED: Final = (
    "(state IN ('recording', 'done', 'broken') OR "
    "(state = 'seen' AND coalesce(heard, begun) > $since))"
)
#: Conditions are balanced over everybody who agreed: most of them will take their place.
_EXPECTED: Final = (
    "(state IN ('recording', 'done', 'broken') OR "
    "(state IN ('begun', 'seen') AND coalesce(heard, begun) > $since))"
)


class ResponseState(StrEnum):
    """What became of a respondent."""

    BEGUN = "begun"  # agreed; no picture came yet, and no place is taken
    SEEN = "seen"  # a picture came, nothing is recorded yet
    RECORDING = "recording"
    DONE = "done"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    SCREENED = "screened"  # their answers do not fit the study
    FULL = "full"  # as many as were wanted have answered so

    @property
    def over(self) -> bool:
        return self not in (ResponseState.BEGUN, ResponseState.SEEN, ResponseState.RECORDING)


@dataclass(frozen=True, slots=True)
class Response(TableRow):
    """One respondent, with the consent as it was read."""

    TABLE: ClassVar[str] = "responses"
    KEY: ClassVar[str] = "response_id"

    response_id: str
    link_id: str
    number: int
    arm: int
    respondent: str
    consent: str
    session_id: str | None
    state: ResponseState
    begun: datetime
    ended: datetime | None
    consent_version: int | None = None  # of the link's text; None: from before it was kept
    consented: datetime | None = None  # when the text was agreed to; None: see ``begun``
    alignment: JsonObject = field(default_factory=dict)
    visit: str | None = None  # the digest of the key with which the visit goes on
    route: Route | None = None  # the order of the films, by step
    step: int | None = None  # how many screens of the course are behind
    heard: datetime | None = None  # when the last of them was
    language: str | None = None
    device: str | None = None
    panel_id: str | None = None  # whom a panel provider knows them by
    session_status: SessionStatus | None = None  # in lists


@dataclass(frozen=True, slots=True)
class Place(Row):
    """What a respondent who agreed is given."""

    response_id: str
    number: int
    respondent: str
    arm: int
    stimulus_id: str
    condition: str | None
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class _Taken(Row):
    link_id: str
    arm: int
    n: int


class Respondents(Queries):
    """``store.respondents``."""

    def link_of_token(self, token: str) -> Link | None:
        """The link that a respondent's address names, or None. Whoever came by it is counted
        where it holds for so many."""
        link = self._kept(Link, "SELECT * FROM links WHERE token = $token", token=token)
        if link is None or link.most_uses is None:
            return link
        return self._counted([link], "r.link_id = $key", link.link_id)[0]

    def links(self, study_id: str) -> list[Link]:
        """A study's links, newest first."""
        found = self._all(
            Link,
            "SELECT * FROM links WHERE study_id = $key ORDER BY created DESC LIMIT 1000",
            key=study_id,
        )
        where = "r.link_id IN (SELECT l.link_id FROM links l WHERE l.study_id = $key)"
        return self._counted(found, where, study_id)

    def _counted(self, links: list[Link], where: str, key: str) -> list[Link]:
        """The links with how many respondents of each arm count."""
        counted = self._all(
            _Taken,
            f"SELECT r.link_id, r.arm, count(*) AS n FROM responses r "
            f"WHERE {where} AND {_COUNTED} GROUP BY r.link_id, r.arm",
            key=key,
            since=now() - WAITS,
        )
        taken = {(one.link_id, one.arm): one.n for one in counted}
        return [
            replace(
                link, taken=tuple(taken.get((link.link_id, i), 0) for i in range(len(link.arms)))
            )
            for link in links
        ]

    def responses(self, link_id: str) -> list[Response]:
        """Who came by a link, the newest first."""
        return self._all(
            Response,
            "SELECT r.*, s.status AS session_status FROM responses r "
            "LEFT JOIN sessions s ON s.session_id = r.session_id "
            "WHERE r.link_id = $l ORDER BY r.begun DESC, r.response_id DESC LIMIT 10000",
            l=link_id,
        )


@command
class BeginResponse:
    """Someone agreed: an arm is chosen, the one with fewest so far. No place is taken yet."""

    link_id: str
    consent: str
    respondent: str = ""
    visit: str | None = None
    language: str | None = None
    device: str | None = None
    panel_id: str | None = None

    def apply(self, change: Change) -> Place:
        link = change.kept(Link, self.link_id)
        so_far = _so_far(change, link)
        _must_hold(link, so_far)
        expected = so_far.expected
        arm = secrets.choice([i for i, n in enumerate(expected) if n == min(expected)])
        number = so_far.last + 1
        place = Place(
            response_id=new_id("response"),
            number=number,
            respondent=self.respondent.strip() or f"R{number:03d}-{self.link_id[-4:]}",
            arm=arm,
            stimulus_id=link.arms[arm].stimulus_id,
            condition=link.arms[arm].condition,
            route=_route(change, link, arm),
        )
        change.insert(
            "responses", response_id=place.response_id, link_id=self.link_id, number=number,
            arm=arm, respondent=place.respondent, consent=self.consent,
            consent_version=_version_of(change, link, self.consent), consented=now(),
            state=ResponseState.BEGUN, begun=now(), visit=self.visit, route=place.route,
            step=None if link.course is None else 0,
            heard=None if link.course is None else now(), language=self.language,
            device=self.device, panel_id=self.panel_id,
        )  # fmt: skip
        return place


@command
class TakePlace:
    """The first picture of a respondent's camera came: from now on the place counts.

    ``recording``: their film begins with it, as where their own device reads the face;
    ``alignment`` is kept with it.
    """

    response_id: str
    recording: bool = False
    alignment: JsonObject | None = None

    def apply(self, change: Change) -> None:
        response = change.get(Response, self.response_id)
        if response.state is not ResponseState.BEGUN:
            return
        link = change.kept(Link, response.link_id)
        _must_hold(link, None if link.most_uses is None else _so_far(change, link))
        columns = given(alignment=self.alignment)
        if response.heard is not None:
            columns["heard"] = now()
        # the half hour in which a place waits begins here
        state = ResponseState.RECORDING if self.recording else ResponseState.SEEN
        change.update(Response, self.response_id, state=state, begun=now(), **columns)


@command
class MarkResponse:
    """What became of a respondent; ``session_id`` once there is a recording."""

    response_id: str
    state: ResponseState
    session_id: str | None = None
    alignment: JsonObject | None = None

    def apply(self, change: Change) -> None:
        columns = given(session_id=self.session_id, alignment=self.alignment)
        ended = now() if self.state.over else None
        change.update(Response, self.response_id, state=self.state, ended=ended, **columns)


def _route(change: Change, link: Link, arm: int) -> Route | None:
    """The order of the films for the next respondent of an arm; None without a course."""
    if link.course is None:
        return None
    found = change.cursor.execute(
        f"SELECT route FROM responses WHERE link_id = $l AND arm = $a AND {_EXPECTED}",
        {"l": link.link_id, "a": arm, "since": now() - WAITS},
    )
    used = [json.loads(route) for (route,) in found.fetchall() if route]
    return draw_route(link.course, link.arms[arm].condition or "", used, _CHANCE)


def _version_of(change: Change, link: Link, consent: str) -> int:
    """Which text a respondent read: a page that was opened before a change shows the last one."""
    if consent.strip() == link.consent:
        return link.consent_version
    before = change.cursor.value(
        "SELECT max(consent_version) FROM responses WHERE link_id = ? AND consent = ?",
        [link.link_id, consent],
    )
    return int(before or max(1, link.consent_version - 1))


@dataclass(frozen=True, slots=True)
class _SoFar:
    """Who came by a link so far: an arm each, those that count and those that are expected to."""

    taken: tuple[int, ...]
    expected: tuple[int, ...]
    last: int  # the highest number that was given


def _so_far(change: Change, link: Link) -> _SoFar:
    found = change.cursor.execute(
        f"SELECT arm, count(*) FILTER (WHERE {_COUNTED}), count(*) FILTER (WHERE {_EXPECTED}), "
        "max(number) FROM responses WHERE link_id = $l GROUP BY arm",
        {"l": link.link_id, "since": now() - WAITS},
    )
    by_arm = {int(arm): (int(taken), int(n), int(last)) for arm, taken, n, last in found.fetchall()}
    arms = [by_arm.get(i, (0, 0, 0)) for i in range(len(link.arms))]
    last = max((last for _, _, last in by_arm.values()), default=0)
    return _SoFar(tuple(one[0] for one in arms), tuple(one[1] for one in arms), last)


def _must_hold(link: Link, so_far: _SoFar | None) -> None:
    """StoreError where a link can take nobody now; ``so_far`` is needed where it has a limit."""
    counted = link if so_far is None else replace(link, taken=so_far.taken)
    if counted.closed:
        raise StoreError(f"The link is {counted.closed}.")
