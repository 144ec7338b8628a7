"""The moments of a study that are worth showing, chosen by its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.errors import SettingsError
from fer_core.measures import BY_KEY
from fer_core.storage import Store
from fer_core.studies.audiences import Audience, audiences, films, within
from fer_core.studies.groups import compare_groups, usual_groups
from fer_core.studies.membership import Study
from fer_core.studies.response import Response, respond
from fer_core.studies.seconds import study_seconds
from fer_core.text import clock

#: A rise or a fall is told over so many seconds.
STEP_S: Final = 3
#: What is shown before and after a moment that is a second.
BEFORE_MS, AFTER_MS = 2500, 2500
#: A rise counts from this share of the measure's range.
NOTICED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a film, in ms from its beginning, and why it was chosen."""

    name: str
    from_ms: int
    to_ms: int
    why: str = ""


def audience_of(study: Study, called: str | None) -> Audience:
    """The audience of this name; the first film's where none is named."""
    if called is None:
        return films(study)[0]
    found = {one.name: one for one in audiences(study)}
    if called not in found:
        raise SettingsError(f"There is no audience {called!r}.", f"Choose {', '.join(found)}.")
    return found[called]


def response_of(
    store: Store, study: Study, one: Audience, measure: str, *, corrected: bool, minimum: int
) -> Response:
    """How an audience responded, with the numbers of the study's page."""
    seconds = study_seconds(store, study.counted, (measure,), corrected=corrected, eyes=study.eyes)
    return respond(within(seconds, one), one, measure, minimum=minimum)


def moments(
    store: Store, study: Study, response: Response, one: Audience, *, corrected: bool = False
) -> list[Moment]:
    """Spans that differ, the strongest rises and falls, highest and lowest, markers and scenes.

    Seconds of groups under the smallest one choose nothing.
    """
    found = [
        *_differences(store, study, response.measure, one, corrected),
        *_steps(response),
        *_extremes(response),
        *(
            Moment(mark.name, mark.t_ms - BEFORE_MS, mark.t_ms + AFTER_MS, "marker")
            for mark in one.markers
        ),
        *(Moment(scene.name, scene.from_ms, scene.to_ms, "scene") for scene in one.scenes),
    ]
    return [_inside(moment, one.length_ms) for moment in found]


def _differences(
    store: Store, study: Study, measure: str, one: Audience, corrected: bool
) -> Iterator[Moment]:
    groups = usual_groups(study)
    if len(groups) != 2 or one.film is None:
        return
    pairs = compare_groups(store, study, groups, corrected=corrected)
    for span in next(iter(pairs.values())).clusters:
        if span.significant and span.measure == measure:
            more = BY_KEY[measure].higher
            yield Moment(f"{span.higher} {more}", span.from_ms, span.to_ms,
                         "significant difference")  # fmt: skip


def _steps(response: Response) -> Iterator[Moment]:
    """The largest rise and the largest fall over three seconds."""
    shown = response.lines.carried & response.curve["mean"].notna().to_numpy()
    line = np.where(shown, response.curve["mean"].to_numpy(np.float64), np.nan)
    if len(line) <= STEP_S:
        return
    steps = line[STEP_S:] - line[:-STEP_S]
    least = NOTICED * BY_KEY[response.measure].reach
    for sign, said in ((1, "rise"), (-1, "fall")):
        if np.isnan(steps).all():
            return
        at = int(np.nanargmax(sign * steps))
        if sign * steps[at] >= least:
            second = int(response.lines.seconds[at])
            yield Moment(f"Largest {said}, {clock(1000 * second)}", 1000 * second - 1000,
                         1000 * (second + STEP_S) + 1500, said)  # fmt: skip


def _extremes(response: Response) -> Iterator[Moment]:
    for said, peaks in zip(("highest", "lowest"), response.extremes(1)):
        for peak in peaks:
            middle = 1000 * peak.second + 500
            yield Moment(f"{said.capitalize()}, {clock(1000 * peak.second)}",
                         middle - BEFORE_MS, middle + AFTER_MS, said)  # fmt: skip


def _inside(moment: Moment, length_ms: int) -> Moment:
    end = length_ms or moment.to_ms
    begin = max(0, min(moment.from_ms, end - 1000))
    return Moment(moment.name, begin, max(begin + 1000, min(moment.to_ms, end)), moment.why)


def reel(found: Sequence[Moment], most: int = 5) -> list[Moment]:
    """The moments of a highlight reel, in the film's order: spans that differ first, then rises,
    falls and peaks, none that overlaps one that is there; scenes are left out."""
    order = ("significant difference", "rise", "highest", "fall", "lowest", "marker")
    chosen: list[Moment] = []
    for moment in sorted((one for one in found if one.why in order),
                         key=lambda one: order.index(one.why)):  # fmt: skip
        apart = all(m.to_ms <= moment.from_ms or moment.to_ms <= m.from_ms for m in chosen)
        if apart and len(chosen) < most:
            chosen.append(moment)
    return sorted(chosen, key=lambda one: one.from_ms)
