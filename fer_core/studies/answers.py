"""A study's answers: their distributions, all of them for a workbook, and ratings by the second.

Nothing here names a respondent but the workbook's table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fer_core.analytics.carried import SHARED
from fer_core.analytics.methods.face_added import FaceAdded, face_added
from fer_core.analytics.methods.segments import SegmentDifference, differences
from fer_core.analytics.methods.told import Told, told_beside
from fer_core.course.questions import Question, QuestionKind, as_texts
from fer_core.measures import HEADLINES
from fer_core.storage import Store
from fer_core.studies.membership import Study
from fer_core.studies.segments import names, segments

#: What of the response may tell an answer: means, the peak and how much a viewer moves.
RESPONSE = ("engagement", "attention", "valence", "expressiveness")


@dataclass(frozen=True)
class Distribution:
    """One question, asked of one film or of the whole visit: how many gave each answer.

    ``texts``: open answers, in no order that tells who gave them. Empty below the smallest group.
    """

    question: str
    film: str  # its title; "": of the whole visit
    asks: str
    n: int
    counts: tuple[tuple[str, int], ...]
    mean: float | None
    texts: tuple[str, ...]
    hidden: bool


def questions_of(store: Store, study_id: str) -> dict[str, Question]:
    """Every question that a study's links ask, by its name; the newest link's where they differ."""
    found: dict[str, Question] = {}
    for link in reversed(store.respondents.links(study_id)):
        for one in link.course.questions if link.course else ():
            found[one.name] = one
    return found


def answers_table(store: Store, study: Study) -> pd.DataFrame:
    """Every answer: respondent, question, film, answer; of those whose sessions are in ``study``
    where it is narrowed to some."""
    table = store.courses.answers_of(study.study_id)
    if study.sessions_left_aside:
        recordings = store.courses.recordings_of(study.study_id)
        inside = recordings[recordings["session_id"].isin(study.sessions["session_id"])]
        table = table[table["response_id"].isin(inside["response_id"])]
    return pd.DataFrame(
        {
            "respondent": table["respondent"],
            "question": table["question"],
            "film": [study.title(str(one)) if one else "" for one in table["about"]],
            "answer": [_plain(json.loads(str(one))) for one in table["value"]],
        }
    ).reset_index(drop=True)


def _plain(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


def distributions(store: Store, study: Study, *, minimum: int = SHARED) -> list[Distribution]:
    """Each question's answers, in the order asked; nothing of fewer people than ``minimum``."""
    table = answers_table(store, study)
    asked = questions_of(store, study.study_id)
    found = []
    for question, films in table.groupby("question", sort=False):
        for film, part in films.groupby("film", sort=False):
            found.append(_one(str(question), str(film), part, asked.get(str(question)), minimum))
    order = {name: at for at, name in enumerate(asked)}
    return sorted(found, key=lambda one: (order.get(one.question, len(order)), one.film))


def _one(
    name: str, film: str, part: pd.DataFrame, asked: Question | None, minimum: int
) -> Distribution:
    n = len(part)
    asks = next(iter(asked.text.values()), name) if asked else name
    if n < minimum:
        return Distribution(name, film, asks, n, (), None, (), True)
    given = list(part["answer"])
    if asked is not None and asked.kind is QuestionKind.TEXT:
        return Distribution(name, film, asks, n, (), None, tuple(sorted(map(str, given))), False)
    numbers = pd.to_numeric(part["answer"], errors="coerce")
    mean = float(numbers.mean()) if asked is not None and asked.numeric else None
    if asked is not None and asked.kind is QuestionKind.NUMBER:
        return Distribution(name, film, asks, n, (), mean, (), False)
    if asked is not None and asked.kind is QuestionKind.RANKING:
        given = [str(one).split("; ")[0] for one in given]  # what stands first
    several = asked is not None and asked.kind is QuestionKind.SEVERAL
    texts = [t for one in given for t in (str(one).split("; ") if several else as_texts(one))]
    counts = Counter(texts)
    if asked is not None and asked.numeric:
        keys = [str(step) for step in range(1, asked.top + 1)]
    else:
        keys = list(asked.keys) if asked is not None else sorted(counts, key=_size)
    return Distribution(
        name, film, asks, n, tuple((key, counts.get(key, 0)) for key in keys), mean, (), False
    )


def _size(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


# -- what was told by the second -----------------------------------------------------------------


def ratings_by_second(store: Store, session_ids: Sequence[str], last: int) -> pd.DataFrame:
    """What each session's viewer told, the newest value in each second: rows sessions, columns
    the seconds 0 to ``last``; NaN before the first."""
    points = store.courses.ratings(list(session_ids))
    rows = {}
    for session_id, part in points.groupby("session_id"):
        line = pd.Series(np.nan, index=range(last + 1))
        for t_ms, value in zip(part["t_ms"], part["value"]):
            second = int(t_ms) // 1000
            if second <= last:
                line[second] = value
        rows[str(session_id)] = line.ffill()
    return pd.DataFrame.from_dict(rows, orient="index", columns=range(last + 1))


def told(
    store: Store, session_ids: Sequence[str], second: pd.Series, mean: pd.Series
) -> tuple[pd.DataFrame, Told] | None:
    """The mean of what was told by the second (second, mean, n), and how it follows the curve of
    the faces; None where nobody told anything."""
    last = int(second.max()) if len(second) else -1
    table = ratings_by_second(store, session_ids, last) if last >= 0 else pd.DataFrame()
    if table.empty:
        return None
    values = table.to_numpy(np.float64)
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        line = np.where(known.any(axis=0), np.nansum(values, axis=0) / known.sum(axis=0), np.nan)
    curve = pd.DataFrame({"second": range(last + 1), "mean": line, "n": known.sum(axis=0)})
    faces = pd.Series(mean.to_numpy(), index=second.to_numpy()).reindex(range(last + 1))
    return curve, told_beside(line, faces.to_numpy(np.float64), len(table))


# -- what the face added --------------------------------------------------------------------------


def gain_of_faces(
    store: Store, study: Study, question: str, seconds: pd.DataFrame
) -> FaceAdded | None:
    """How much better an answer is told with the response than without; None where it is no
    number. A respondent who answered of several films counts with the mean of them."""
    given = study.attributes.get(question, {})
    rows = study.counted
    rows = rows[rows["session_id"].astype(str).isin(given)]
    y = pd.to_numeric(
        pd.Series({key: value[0] for key, value in given.items() if value}), errors="coerce"
    )
    keys = rows["session_id"].astype(str)
    if y.reindex(keys).isna().any() or rows.empty:
        return None
    who = rows["respondent"].fillna(rows["session_id"]).to_numpy()
    known = pd.get_dummies(
        pd.DataFrame(
            {
                name: [next(iter(values.get(key, ("",))), "") for key in keys]
                for name, values in study.attributes.items()
                if name != question and len({v for each in values.values() for v in each}) <= 12
            }
            | {"film": rows["stimulus"].fillna("").to_numpy(),
               "condition": rows["condition"].fillna("").to_numpy()}
        ),
        drop_first=True, dtype=float,
    )  # fmt: skip
    names = [name for name in RESPONSE if name in seconds]
    parts = seconds[seconds["second"] >= 0].groupby("session_id")[names]
    face = pd.concat([parts.mean(), parts.max().add_suffix(" max"), parts.std().add_suffix(" sd")],
                     axis=1).reindex(keys)  # fmt: skip
    together = [
        pd.DataFrame(np.asarray(one, np.float64)).groupby(who, sort=True).mean().to_numpy()
        for one in (y.reindex(keys).to_numpy()[:, None], known.to_numpy(), face.to_numpy())
    ]
    return face_added(together[0][:, 0], together[1], together[2])


def segment_differences(
    study: Study, seconds: pd.DataFrame, *, without: Collection[str] = ()
) -> list[SegmentDifference]:
    """Which segments respond differently, in the headline measures: every viewer's mean (of a
    respondent's films, their mean), all segments and measures corrected together. ``without``: what
    is not asked about, such as questions with open answers."""
    rows = study.counted
    who = rows["respondent"].fillna(rows["session_id"]).astype(str)
    people = dict(zip(rows["session_id"].astype(str), who))
    mine = seconds[seconds["second"] >= 0]
    means = mine.groupby("session_id")[list(HEADLINES)].mean()
    means.index = pd.Index([people.get(str(key), str(key)) for key in means.index])
    means = means.groupby(level=0, sort=True).mean()
    groups = {}
    for name in (one for one in names(study) if one not in without):
        labels = pd.Series("", index=means.index)
        for one in segments(study, name):
            inside = one.sessions["respondent"].fillna(one.sessions["session_id"]).astype(str)
            labels[labels.index.isin(inside)] = one.name
        groups[name] = labels.to_numpy(str)
    return differences({one: means[one].to_numpy(np.float64) for one in HEADLINES}, groups)
