"""What is known of a study's sessions besides their numbers: answers, tags, device, language.

Each is a name with the values that a session has, by its id: what people can be grouped and
filtered by. An answer about one film belongs to that film's session; any other to all sessions of
its respondent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from fer_core.course.questions import as_texts
from fer_core.storage import Store

#: By name, then by session: the values as texts.
Attributes = Mapping[str, Mapping[str, tuple[str, ...]]]
#: Names that no question may take from the study's own columns.
TAG, DEVICE, LANGUAGE = "tag", "device", "language"


def attributes(store: Store, study_id: str, sessions: pd.DataFrame) -> Attributes:
    """The attributes of these sessions (rows of the store's list), in the order asked."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    recordings = store.courses.recordings_of(study_id)
    if len(recordings):
        _answers(store.courses.answers_of(study_id), recordings, found)
        for row in recordings.to_dict("records"):
            for name, value in ((DEVICE, row["device"]), (LANGUAGE, row["language"])):
                if value:
                    found[name][str(row["session_id"])] = (str(value),)
    for session_id, tags in zip(sessions["session_id"], sessions["tags"]):
        if values := _tags(tags):
            found[TAG][str(session_id)] = values
    return {name: dict(values) for name, values in found.items()}


def _answers(
    answers: pd.DataFrame,
    recordings: pd.DataFrame,
    found: dict[str, dict[str, tuple[str, ...]]],
) -> None:
    of_response: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in recordings.itertuples():
        of_response[str(row.response_id)].append((str(row.session_id), str(row.stimulus_id)))
    for row in answers.itertuples():
        values = as_texts(json.loads(str(row.value)))
        for session_id, stimulus_id in of_response.get(str(row.response_id), ()):
            if row.about in ("", stimulus_id):
                found[str(row.question)][session_id] = values


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value) if value else []
    return tuple(str(one) for one in value) if isinstance(value, Sequence) else ()
