"""Links for respondents as the study's page makes, lists and closes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dashboard.camera.connection import network
from dashboard.camera.respondents.address import Address
from fer_core.errors import SettingsError, VideoError
from fer_core.law.facts import gather
from fer_core.law.notice import TO_FILL, screen_text
from fer_core.law.papers import paper
from fer_core.law.responsible import RECIPIENT_SETTING, responsible
from fer_core.reports.build import written
from fer_core.storage import Store
from fer_core.storage.links import AddLink, Arm, Link, RevokeLink, UpdateLink
from fer_core.storage.respondents import Response, ResponseState
from fer_core.storage.settings import SetSetting
from fer_core.studies.membership import Study
from fer_core.types import SessionStatus
from fer_core.video import probe

MOST_SESSIONS_SETTING: Final = "respond.max_sessions"
MOST_SESSIONS: Final = 4
USUAL_DAYS: Final = 30
USUAL_TITLE: Final = "Watch a short film"

WORDS: Final = {
    "": "open",
    "revoked": "closed by you",
    "expired": "its end date has passed",
    "used up": "all places are taken",
}


def path(link: Link) -> str:
    """The link's address below what all of them begin with."""
    return f"/r/{link.token}"


def film_title(study: Study, arm: Arm) -> str:
    """What one group of respondents is shown."""
    return study.title(arm.stimulus_id) or "a film that was deleted"


def films(store: Store, study: Study) -> dict[str, str]:
    """Stimuli whose film lies on this machine, by id: only these can be shown."""
    return {
        one.stimulus_id: one.title
        for one in store.studies.stimuli(study.study_id)
        if one.path and Path(one.path).is_file()
    }


#: What every current browser plays.
PLAYED: Final = frozenset({"h264", "vp8", "vp9", "av1"})


def unplayable(store: Store, stimulus_id: str) -> str:
    """Why browsers may not play a film; "" where they do."""
    try:
        info = probe(store.studies.stimulus(stimulus_id).path or "")
    except VideoError as error:
        return f"This film cannot be read: {error.message}"
    if info.codec not in PLAYED:
        return (
            f"Browsers may not play this film ({info.codec}). Save it as MP4 with H.264 and "
            "name that file in the view «Film»."
        )
    return ""


@dataclass(frozen=True, slots=True)
class BaseAddress:
    """What links begin with, and whether a camera can be used there."""

    url: str
    secure: bool  # browsers give the camera
    outside: bool  # other machines can reach it
    alone: bool  # behind it are respondents' links and nothing else


def base_address(store: Store, page_url: str) -> BaseAddress:
    """The address for respondents: the one that was set, the second listener's, the page's."""
    public, listener = network.load(store).public_url, Address.from_environment()
    page = urlsplit(page_url)
    own = page.hostname or "127.0.0.1"
    if public:
        url = public
    elif listener is not None:
        host = own if listener.host in ("0.0.0.0", "::") else listener.host
        url = f"{listener.scheme}://{f'[{host}]' if ':' in host else host}:{listener.port}"
    else:
        url = f"{page.scheme or 'http'}://{page.netloc or own}"
    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return BaseAddress(
        url, parts.scheme == "https" or here, not here, bool(public) or listener is not None
    )


def make(
    store: Store,
    study: Study,
    arms: Sequence[tuple[str, str]],
    *,
    title: str,
    consent: str,
    keep_faces: bool = False,
    most_uses: int | None = None,
    last_day: date | None = None,
) -> str:
    """A new link; ``arms`` are pairs of a stimulus' id and a condition (may be empty)."""
    must_have_purpose(store, study.study_id)
    _filled(consent)
    return store.run(
        AddLink(
            study_id=study.study_id,
            title=title,
            consent=consent,
            arms=tuple(Arm(film, condition or None) for film, condition in arms),
            keep_faces=keep_faces,
            most_uses=most_uses,
            ends=end_of(last_day),
        )
    )


def change(
    store: Store,
    link_id: str,
    *,
    title: str,
    consent: str,
    most_uses: int | None,
    last_day: date | None,
) -> None:
    """Change a link's texts and its end. Who has agreed already agreed to the text they read."""
    _filled(consent)
    store.run(
        UpdateLink(
            link_id=link_id,
            title=title,
            consent=consent,
            most_uses=most_uses,
            ends=end_of(last_day),
        )
    )


def must_have_purpose(store: Store, study_id: str) -> None:
    """SettingsError where nobody has said what the study is for: respondents are told."""
    if store.studies.purpose(study_id) is None:
        raise SettingsError(
            "Nobody has said what this study is for.", "Choose its purpose on the study's page."
        )


def _filled(consent: str) -> None:
    if TO_FILL in consent:
        raise SettingsError(
            "The text of consent does not say who you are.",
            f"Write whom respondents can ask in place of «{TO_FILL}».",
        )


def revoke(store: Store, link: Link, revoked: bool = True) -> None:
    """Close a link, or open it again where it is known what the study is for."""
    if not revoked:
        must_have_purpose(store, link.study_id)
    store.run(RevokeLink(link_id=link.link_id, revoked=revoked))


def end_of(day: date | None) -> str | None:
    """The moment, in UTC, at which a day ends on this machine's clock."""
    if day is None:
        return None
    local = datetime.combine(day + timedelta(days=1), time()).astimezone()
    return local.astimezone(UTC).replace(tzinfo=None).isoformat()


def last_day(ends: datetime | None) -> date | None:
    """The last day on which a link that ends then can be used."""
    if ends is None:
        return None
    return (ends.replace(tzinfo=UTC).astimezone() - timedelta(seconds=1)).date()


def usual_consent(store: Store) -> str:
    """The text that a new link proposes, with the contact where one is named."""
    return screen_text(responsible(store))


def notice(store: Store, link: Link, address: str) -> bytes:
    """A notice as a PDF, whose code leads to a link."""
    return written(paper("notice", gather(store, link.study_id, address)), "pdf")


def recipient(store: Store) -> str:
    """Whom the numbers go to, by the name that respondents are told; "" where nobody said."""
    return str(store.settings.get(RECIPIENT_SETTING, ""))


def set_recipient(store: Store, name: str) -> None:
    """Name who receives the numbers; SettingsError where the name is empty."""
    name = " ".join(name.split())
    if not name:
        raise SettingsError(
            "Nobody is named as the recipient of the numbers.",
            "Write your name or your organisation's: respondents are told it.",
        )
    if name != recipient(store):
        store.run(SetSetting(name=RECIPIENT_SETTING, value=name))


def most_sessions(store: Store) -> int:
    return int(store.settings.get(MOST_SESSIONS_SETTING, MOST_SESSIONS))


def set_most_sessions(store: Store, most: int) -> None:
    if not 1 <= most <= 200:
        raise SettingsError(f"{most} respondents at once cannot be served.", "Give 1 to 200.")
    store.run(SetSetting(name=MOST_SESSIONS_SETTING, value=int(most)))


def responses(store: Store, link_id: str) -> list[Response]:
    """Who came by a link, for the page's table."""
    return [
        # the server was killed meanwhile: the session was closed, its response was not
        replace(one, state=ResponseState.BROKEN)
        if one.state is ResponseState.RECORDING
        and one.session_status in (SessionStatus.DONE, SessionStatus.FAILED)
        else one
        for one in store.respondents.responses(link_id)
    ]
