"""Orders on links for respondents: make, change, revoke; a response begins and ends.

Whether a link still holds, and which arm the next respondent gets, is decided in the same
transaction that counts the respondent: two who come at once cannot share the last place.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from fer_core.errors import StoreError
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.orders import Change, order

#: What became of a respondent. ``begun``: agreed, nothing recorded yet.
STATES: Final = ("begun", "recording", "done", "broken", "withdrawn")
#: A respondent who agreed and did not start by then gives the place back.
WAITS: Final = timedelta(minutes=30)
COUNTED: Final = (
    "(state IN ('recording', 'done', 'broken') OR (state = 'begun' AND begun > $since))"
)
MOST_TEXT: Final = 20_000


@order
def add_link(
    change: Change,
    *,
    study_id: str,
    title: str,
    consent: str,
    arms: list[dict[str, Any]],
    keep_faces: bool = False,
    most_uses: int | None = None,
    ends: str | None = None,
) -> str:
    """Make a link; returns its id. ``arms`` are ``{stimulus_id, condition}``, one or more."""
    change.row("studies", "study_id", study_id)
    if not arms:
        raise StoreError("A link needs a film to show.", "Choose a stimulus.")
    for arm in arms:
        stimulus = change.row("stimuli", "stimulus_id", str(arm.get("stimulus_id")))
        if stimulus["study_id"] != study_id:
            raise StoreError("This stimulus belongs to another study.", "Choose one of this study.")
    link_id = new_id("link")
    change.insert(
        "links",
        {
            "link_id": link_id, "token": secrets.token_hex(24), "study_id": study_id,
            **_texts(title, consent), "arms": json.dumps(arms), "keep_faces": keep_faces,
            "most_uses": _uses(most_uses), "ends": _moment(ends), "created": now(),
        },
    )  # fmt: skip
    return link_id


@order
def update_link(
    change: Change,
    *,
    link_id: str,
    title: str,
    consent: str,
    most_uses: int | None = None,
    ends: str | None = None,
) -> None:
    """Change what the next respondents read and how long the link holds."""
    change.row("links", "link_id", link_id)
    texts = _texts(title, consent)
    change.cursor.execute(
        "UPDATE links SET title = ?, consent = ?, most_uses = ?, ends = ? WHERE link_id = ?",
        [texts["title"], texts["consent"], _uses(most_uses), _moment(ends), link_id],
    )


@order
def revoke_link(change: Change, *, link_id: str, revoked: bool = True) -> None:
    """Close a link for whoever comes now, or open it again; recordings stay."""
    change.row("links", "link_id", link_id)
    change.cursor.execute(
        "UPDATE links SET revoked = ? WHERE link_id = ?", [now() if revoked else None, link_id]
    )


@order
def begin_response(
    change: Change, *, link_id: str, consent: str, respondent: str = ""
) -> dict[str, Any]:
    """Someone agreed: the place is counted and an arm chosen, the one with fewest so far.

    Returns ``response_id, number, respondent, arm, stimulus_id, condition``.
    """
    link = change.row("links", "link_id", link_id)
    taken = _taken(change, link_id)
    closed = why_closed(link, sum(taken.values()))
    if closed:
        raise StoreError(f"The link is {closed}.")
    arms = json.loads(link["arms"])
    fewest = min(taken.get(arm, 0) for arm in range(len(arms)))
    arm = secrets.choice([i for i in range(len(arms)) if taken.get(i, 0) == fewest])
    number = 1 + int(
        change.cursor.value(
            "SELECT coalesce(max(number), 0) FROM responses WHERE link_id = ?", [link_id]
        )
    )
    row = {
        "response_id": new_id("response"), "link_id": link_id, "number": number, "arm": arm,
        "respondent": respondent.strip() or f"R{number:03d}-{link_id[-4:]}", "consent": consent,
        "state": "begun", "begun": now(),
    }  # fmt: skip
    change.insert("responses", row)
    return {
        "response_id": row["response_id"],
        "number": number,
        "respondent": row["respondent"],
        "arm": arm,
        "stimulus_id": arms[arm]["stimulus_id"],
        "condition": arms[arm].get("condition"),
    }


@order
def mark_response(
    change: Change,
    *,
    response_id: str,
    state: str,
    session_id: str | None = None,
    alignment: dict[str, Any] | None = None,
) -> None:
    """What became of a respondent; ``session_id`` once there is a recording."""
    if state not in STATES:
        raise StoreError(f"{state!r} is no state of a response.", f"Use {', '.join(STATES)}.")
    change.row("responses", "response_id", response_id)
    over = state in ("done", "broken", "withdrawn")
    change.cursor.execute(
        "UPDATE responses SET state = ?, session_id = coalesce(?, session_id), "
        "alignment = coalesce(?, alignment), ended = ? WHERE response_id = ?",
        [
            state,
            session_id,
            None if alignment is None else json.dumps(alignment),
            now() if over else None,
            response_id,
        ],
    )


def why_closed(link: dict[str, Any], uses: int) -> str:
    """``revoked``, ``expired`` or ``used up``; "" while a link holds."""
    if link["revoked"] is not None:
        return "revoked"
    if link["ends"] is not None and link["ends"] <= now():
        return "expired"
    if link["most_uses"] is not None and uses >= link["most_uses"]:
        return "used up"
    return ""


def _taken(change: Change, link_id: str) -> dict[int, int]:
    found = change.cursor.execute(
        f"SELECT arm, count(*) FROM responses WHERE link_id = $l AND {COUNTED} GROUP BY arm",
        {"l": link_id, "since": now() - WAITS},
    )
    return {int(arm): int(n) for arm, n in found.fetchall()}


def _texts(title: str, consent: str) -> dict[str, str]:
    title, consent = title.strip(), consent.strip()
    if not title or not consent:
        raise StoreError("A link needs a title and a text of consent.", "Both are shown first.")
    if len(title) > 200 or len(consent) > MOST_TEXT:
        raise StoreError("The title or the text of consent is too long.", "Shorten it.")
    return {"title": title, "consent": consent}


def _uses(most: int | None) -> int | None:
    if most is not None and most < 1:
        raise StoreError(f"A link cannot hold for {most} respondents.", "Give 1 or more, or none.")
    return most


def _moment(text: str | None) -> datetime | None:
    """A time in UTC from ISO text."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise StoreError(f"{text!r} is not a date.", "Write 2027-01-31.") from error
