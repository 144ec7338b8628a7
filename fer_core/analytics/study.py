"""Who is in a study, and its numbers as sheets for people who go on elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from fer_core.analytics.carried import OWN_VIEW
from fer_core.analytics.definitions import definition
from fer_core.analytics.eyes import viewer_eyes
from fer_core.analytics.methods.synchrony import synchrony
from fer_core.analytics.scenes import Marker, Scene, all_scenes, marker_table
from fer_core.analytics.seconds import Curves, audience, curves
from fer_core.analytics.session import FLAGGED_UNDER, LEFT_OUT_UNDER
from fer_core.analytics.statistics import DEFINED, as_columns, numbers
from fer_core.measures import BY_KEY, MEASURES


def members(
    quality: Mapping[str, float],
    *,
    taken_back: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
    photographs: Collection[str] = (),
) -> pd.DataFrame:
    """Which sessions count: ``session_id, quality, flagged, included, reason``.

    ``taken_back`` and ``left_out`` hold what a person decided, with the person's reason; a
    session without a known quality has no usable face and is left out, and so are
    ``photographs``, which have no seconds.
    """
    back, out = taken_back or {}, left_out or {}
    rows = []
    for session, share in quality.items():
        known = 0.0 if share is None or np.isnan(share) else float(share)
        poor = known < LEFT_OUT_UNDER
        if session in out:
            included, reason = False, f"left out by hand: {out[session]}"
        elif (poor or session in photographs) and session in back:
            included, reason = True, f"taken back by hand: {back[session]}"
        elif session in photographs:
            included, reason = False, "a photograph, which has no seconds"
        elif poor:
            share_text = f"a usable face in {100 * known:.0f} % of the time"
            included, reason = False, f"{share_text}, under {100 * LEFT_OUT_UNDER:.0f} %"
        else:
            included, reason = True, ""
        rows.append((session, known, known < FLAGGED_UNDER, included, reason))
    columns = ["session_id", "quality", "flagged", "included", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"flagged": bool, "included": bool})


def shown_measures(seconds: pd.DataFrame, among: Sequence[str] = MEASURES) -> tuple[str, ...]:
    """The measures that there is something to say of: without those that these sessions lack."""
    return tuple(
        key
        for key in among
        if not BY_KEY[key].optional or (key in seconds and seconds[key].notna().any())
    )


def viewer_sheet(
    seconds: pd.DataFrame, *, by: Sequence[str] = ("session_id", "viewer")
) -> pd.DataFrame:
    """One row a viewer: seconds known, share of them away, the mean of every measure, PERCLOS."""
    grouped = seconds.groupby(list(by), sort=True, dropna=False)
    sheet = grouped[list(shown_measures(seconds))].mean()
    sheet.insert(0, "seconds", grouped.size())
    frames_away = grouped["away"].sum()
    frames_known = frames_away + grouped["seen"].sum()
    sheet.insert(1, "away", frames_away / frames_known.where(frames_known > 0))
    if "eyes_closed" in sheet:
        sheet["perclos"] = viewer_eyes(seconds, by=by).set_index(list(by))["perclos"]
    return sheet.reset_index()


def audience_sheet(
    lines: Sequence[Curves], *, minimum: int = OWN_VIEW, seed: int = 0
) -> pd.DataFrame:
    """The audience's seconds of every measure: ``measure, second, mean, low, high, n``."""
    tables = []
    for one in lines:
        table = audience(one, minimum=minimum, seed=seed)
        table.insert(0, "measure", one.measure)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def number_sheet(lines: Sequence[Curves], *, minimum: int = OWN_VIEW) -> pd.DataFrame:
    """One row a measure: ``measure, viewers`` and every statistic of its curve."""
    return pd.DataFrame(
        [
            {
                "measure": one.measure,
                "viewers": one.n,
                **as_columns(numbers(one, minimum=minimum)),
            }
            for one in lines
        ]
    )


def method_sheet(
    keys: Collection[str], settings: Mapping[str, object], *, eyes: bool = True
) -> pd.DataFrame:
    """How the numbers came about: each definition with its version, and each setting."""
    rows = [
        (one.label, one.name, one.unit, one.sentence, one.how_to_read)
        for one in (definition(key, eyes=eyes) for key in keys)
    ]
    rows += [("setting", key, "", str(value), "") for key, value in settings.items()]
    return pd.DataFrame(rows, columns=["version", "name", "unit", "definition", "how to read it"])


def sheets(
    seconds: pd.DataFrame,
    measures: Sequence[str],
    *,
    scenes: Sequence[Scene] = (),
    markers: Sequence[Marker] = (),
    by: Sequence[str] = ("session_id", "viewer"),
    minimum: int = OWN_VIEW,
    settings: Mapping[str, object] | None = None,
    seed: int = 0,
    last: int | None = None,
    recording: bool = False,
    eyes: bool = True,
) -> dict[str, pd.DataFrame]:
    """What a workbook holds: seconds, scenes, markers, synchrony, key numbers, viewers, method.

    Of a study from second 0 to the film's ``last``; of a ``recording`` all that it knows. With
    a smallest group above 1 there are no rows of single viewers, and no synchrony of fewer.
    Measures that these sessions lack are left out; ``eyes`` says which attention it is.
    """
    about = [
        "second", "presence", "audience", "quality", "lift", *DEFINED, "peak_to_marker",
        "synchrony",
    ]  # fmt: skip
    first = None if recording else 0
    measures = shown_measures(seconds, measures)
    lines = [
        curves(seconds, name, by=by, first=first, last=last, recording=recording)
        for name in measures
    ]
    enough = [one for one in lines if one.n >= minimum]
    found = [(one.measure, synchrony(one.values, seed=seed)) for one in enough]
    names = ("measure", "synchrony", "low", "high", "p", "viewers", "reason")
    chosen = {"minimum group": minimum, "seed": seed, **(settings or {})}
    book = {
        "seconds": audience_sheet(lines, minimum=minimum, seed=seed),
        "scenes": all_scenes(lines, scenes, minimum=minimum, seed=seed),
        "markers": marker_table(enough, markers),
        "synchrony": pd.DataFrame(
            [(name, t.value, t.low, t.high, t.p, t.viewers, t.reason) for name, t in found],
            columns=list(names),
        ),
    }
    book["key numbers"] = number_sheet(lines, minimum=minimum)
    if minimum <= OWN_VIEW:
        book["viewers"] = viewer_sheet(seconds, by=by)
    book["method"] = method_sheet([*measures, *about], chosen, eyes=eyes)
    return book
