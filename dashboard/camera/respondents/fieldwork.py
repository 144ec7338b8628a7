"""Fieldwork at a glance: who came by which link and in which hour, and what should be mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import pandas as pd

from fer_core.course.course import StepKind, units
from fer_core.course.questions import as_texts
from fer_core.storage import Store
from fer_core.storage.links import Link
from fer_core.storage.migrations import now
from fer_core.storage.respondents import WAITS, ResponseState
from fer_core.text import count

#: From this share of those who began on, a loss is worth a reminder; and from so many.
MUCH: Final = 0.3
FEWEST: Final = 5
LOW_QUALITY: Final = 0.6
COLUMNS: Final = (
    "Began", "Screened out", "Quota full", "No camera", "Under way", "Left", "Withdrawn",
    "Finished", "Quality",
)  # fmt: skip
#: What can become of nobody whose link shows one film and asks nothing.
OF_COURSES: Final = ("Screened out", "Quota full")


def outcomes(store: Store, study_id: str) -> pd.DataFrame:
    """A row a respondent: the link's id, the hour of the beginning, ``what`` became of them, the
    quality of their recordings (0 to 1)."""
    table = store.courses.fieldwork(study_id)
    links = {one.link_id: one for one in store.respondents.links(study_id)}
    recent = now() - WAITS
    what = [
        _outcome(row, links.get(str(row["link_id"])), recent) for row in table.to_dict("records")
    ]
    return pd.DataFrame(
        {
            "link_id": table["link_id"],
            "hour": pd.to_datetime(table["begun"]).dt.floor("h"),
            "what": what,
            "quality": table["quality"].astype(float),
        }
    )


def _outcome(row: dict[Any, Any], link: Link | None, recent: datetime) -> str:
    state = ResponseState(row["state"])
    ended = {
        ResponseState.DONE: "Finished",
        ResponseState.SCREENED: "Screened out",
        ResponseState.FULL: "Quota full",
        ResponseState.WITHDRAWN: "Withdrawn",
        ResponseState.BROKEN: "Left",
    }
    if state in ended:
        return ended[state]
    heard = row["heard"] if not pd.isna(row["heard"]) else row["begun"]
    if heard > recent:
        return "Under way"
    return "No camera" if state is ResponseState.BEGUN and _at_camera(row, link) else "Left"


def _at_camera(row: dict[Any, Any], link: Link | None) -> bool:
    """Whether somebody stayed at the camera check, which no picture of theirs ever reached."""
    if link is None or link.course is None or pd.isna(row["step"]):
        return True
    screens = units(link.course, {})
    at = int(row["step"])
    return at < len(screens) and screens[at].kind is StepKind.CAMERA


def has_course(store: Store, study_id: str) -> bool:
    """Whether some link of the study has a course; else each shows one film and asks nothing."""
    return any(one.course is not None for one in store.respondents.links(study_id))


def counted(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many of each outcome, by link or by hour: the columns of ``COLUMNS``."""
    rows = {}
    for key, part in table.groupby(by, sort=False):
        numbers = part["what"].value_counts()
        rows[key] = {
            "Began": len(part),
            **{name: int(numbers.get(name, 0)) for name in COLUMNS[1:-1]},
            "Quality": part["quality"].mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))


def reminders(store: Store, study_id: str, table: pd.DataFrame) -> Iterator[str]:
    """What should be mended, as sentences."""
    n = len(table)
    if n < FEWEST:
        return
    long = "the course" if has_course(store, study_id) else "the film"
    for what, says in (
        ("No camera", "{n} stayed at the camera check: say before that a camera is needed."),
        ("Left", f"{{n}} left on the way: {long} may be too long."),
        ("Screened out", "{n} were screened out: invite people who fit."),
        ("Quota full", "{n} came when their quota was full: close the link for them."),
        ("Withdrawn", "{n} withdrew: read the text of consent again."),
    ):
        lost = int((table["what"] == what).sum())
        if lost >= MUCH * n:
            yield says.format(n=f"{lost} of {n}")
    low = int((table["quality"] < LOW_QUALITY).sum())
    if low >= MUCH * n:
        yield f"{low} of {n} recordings are of low quality: ask for more light."
    if failed := failed_checks(store, study_id):
        yield f"{count(failed, 'respondent')} failed an attention check."


def failed_checks(store: Store, study_id: str) -> int:
    """Respondents who gave another answer to a question that has a right one."""
    right = {
        one.name: one.right
        for link in store.respondents.links(study_id)
        if link.course is not None
        for one in link.course.questions
        if one.right
    }
    answers = store.courses.answers_of(study_id)
    wrong = {
        row.response_id
        for row in answers.itertuples()
        if row.question in right
        and right[str(row.question)] not in as_texts(json.loads(str(row.value)))
    }
    return len(wrong)
