"""Segments of simulated studies: planted differences found, false alarms, orders and quotas held.

    python -m benchmarks.segments [--studies 200] [--first 0]

A study has 48 respondents in eight segments (24 a side and others), with three measures that hang
together. In half of the studies one segment differs by d = 1 in engagement, in the other half
none does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from fer_core.analytics.methods.segments import differences
from fer_core.course.course import Course, Quota, Shown, Step, StepKind
from fer_core.course.orders import Order, draw
from fer_core.course.questions import Among, Choice, Question, QuestionKind
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.course import AnswerStep
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import BeginResponse, ResponseState
from fer_core.storage.studies import AddStimulus, AddStudy

VIEWERS, SIDE = 48, 24


def study(planted: bool, rng: np.random.Generator) -> tuple[dict, dict]:
    """Three measures of each viewer, and eight segments, of which the first may differ."""
    side = np.repeat(["yes", "no"], SIDE)
    shared = rng.normal(size=VIEWERS)
    values = {
        name: 0.6 * shared + 0.8 * rng.normal(size=VIEWERS)
        for name in ("engagement", "attention", "valence")
    }
    if planted:
        values["engagement"] = values["engagement"] + (side == "yes")
    age = rng.choice(["18-29", "30-49", "50 or more"], VIEWERS)
    segments = {"has a dog": side, "age": age}
    segments["older"] = np.where(age == "50 or more", "yes", "no")  # hangs on another
    for name in ("device", "language", "owns it", "knows it", "likes it"):
        segments[name] = rng.choice(["a", "b"], VIEWERS)
    return values, segments


def found_and_alarms(studies: int, first: int) -> dict[str, float]:
    chosen = measure = segment = alarms = 0
    for seed in range(first, first + studies):
        rng = np.random.default_rng(seed)
        made = {(one.segment, one.measure): one
                for one in differences(*study(True, rng), seed=seed + 10**6)}  # fmt: skip
        planted = made["has a dog", "engagement"]
        chosen += planted.p < 0.05
        measure += planted.corrected < 0.05
        segment += min(one.corrected for one in made.values() if one.segment == "has a dog") < 0.05
        none = differences(*study(False, rng), seed=seed + 10**6)
        alarms += min(one.corrected for one in none) < 0.05
    return {
        "studies": studies,
        "first_seed": first,
        "found_where_the_segment_was_chosen_before": chosen / studies,
        "segment_found_among_all_corrected_together": segment / studies,
        "segment_and_measure_found_among_all": measure / studies,
        "studies_with_any_alarm_where_there_is_none": alarms / studies,
    }


def orders(films: int, respondents: int) -> dict[str, float]:
    used: list[list[int]] = []
    for seed in range(respondents):
        used.append(draw(range(films), Order.BALANCED, used, Random(seed)))
    places = Counter((at, one) for row in used for at, one in enumerate(row))
    follows = Counter(pair for row in used for pair in pairwise(row))
    return {
        "films": films,
        "respondents": respondents,
        "places_differ_by": max(places.values()) - min(places.values()),
        "followers_differ_by": max(follows.values()) - min(follows.values()),
    }


def quotas(at_once: int, most: int) -> dict[str, int]:
    """Respondents who answer in the same moment, and how many a quota let in."""
    dog = Question("dog", QuestionKind.ONE, {"en": "Dog?"}, (Choice("yes"), Choice("no")))
    with TemporaryDirectory() as folder, open_store(Home(Path(folder)), look_after=False) as store:
        study_id = store.run(AddStudy(name="Q"))
        film = store.run(AddStimulus(title="F", study_id=study_id))
        steps = (
            Step("q", StepKind.QUESTIONS, questions=(dog,)),
            Step("f", StepKind.FILMS, films=(Shown(film),)),
        )
        course = Course(steps, quotas=(Quota(Among("dog", ("yes",)), most),))
        link = store.run(
            AddLink(study_id=study_id, title="T", consent="C", arms=(Arm(film),), course=course)
        )

        def one(_: int) -> ResponseState:
            place = store.run(BeginResponse(link_id=link, consent="C"))
            given: dict[str, object] = {"dog": "yes"}
            return store.run(
                AnswerStep(response_id=place.response_id, at=0, answers=given), timeout_s=120
            ).state

        with ThreadPoolExecutor(at_once) as pool:
            states = Counter(pool.map(one, range(at_once)))
    return {"at_once": at_once, "quota": most, "let_in": at_once - states[ResponseState.FULL]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    for row in (
        found_and_alarms(given.studies, given.first),
        *(orders(films, 60) for films in (2, 3, 4, 5)),
        quotas(50, 20),
    ):
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
