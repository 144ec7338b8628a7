"""What ELAN shows of a study: tiers on the film's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from fer_core import __version__
from fer_core.analytics.compare import Comparison
from fer_core.analytics.seconds import audience, curves, emotion_share
from fer_core.errors import DataError, SettingsError
from fer_core.labels import DISPLAY_ORDER
from fer_core.reports import units
from fer_core.reports.compose import SIMULATED
from fer_core.reports.elan.eaf import MOMENT_MS, Eaf, Span, Tier, runs
from fer_core.reports.figures import NOTICED
from fer_core.studies.audiences import Audience, audiences, within
from fer_core.studies.groups import available
from fer_core.studies.membership import Study

#: With more viewers a tier each says nothing any more.
MOST_TIERS: Final = 60
BY = ("session_id", "viewer")


def study_eaf(
    study: Study,
    seconds: pd.DataFrame,
    pairs: Mapping[tuple[str, str], Comparison],
    *,
    stimulus: str | None = None,
    minimum: int = 1,
) -> Eaf:
    """The audience on its film's clock: scenes, markers, engagement, expressions, differences."""
    titles = [one.title for one in study.stimuli]
    watched = study.counted["stimulus_id"].nunique(dropna=False)
    if stimulus is None and watched > 1:
        raise DataError(
            f"An ELAN file follows one film; not all viewers of {study.name!r} watched the same.",
            f"Name one with --stimulus: {', '.join(titles[:6])}." if titles
            else "Give its sessions one stimulus.",
        )  # fmt: skip
    one = _of_film(study, stimulus)
    seconds = within(seconds, one)
    tiers = [
        Tier("Scenes", [Span(s.from_ms, s.to_ms, s.name) for s in one.scenes]),
        Tier("Markers", [Span(m.t_ms, m.t_ms + MOMENT_MS, m.name) for m in one.markers]),
    ]
    groups = {"all viewers": seconds} | {
        group.name: part
        for group in available(study, "condition")
        if len(part := seconds[seconds["session_id"].isin(group.sessions["session_id"])])
    }
    for name, part in groups.items():
        tiers += [
            Tier(f"Engagement, {name}", _said_mean(part, "engagement", minimum)),
            Tier(f"Attention, {name}", _said_mean(part, "attention", minimum)),
            Tier(f"Most shown expression, {name}", _said_share(part, minimum)),
        ]
    tiers += _said_differences(pairs)
    if minimum <= 1:
        tiers += viewer_tiers(seconds, _viewer_names(seconds))
    notes = {"study": study.name, "made by": f"Rapt {__version__}"}
    if study.simulated:
        notes["viewers"] = f"{SIMULATED}: nobody was filmed"
        tiers.append(Tier(SIMULATED, [Span(0, max(one.length_ms, 1000), "nobody was filmed")]))
    return Eaf([tier for tier in tiers if tier.spans], _film(study, one), notes)


def _of_film(study: Study, stimulus: str | None) -> Audience:
    if stimulus is None:
        return audiences(study)[0]
    found = {one.name: one for one in audiences(study)}
    alone = [one.title for one in study.stimuli]
    if stimulus in alone and len(alone) == 1:
        return next(iter(found.values()))
    if stimulus not in alone or stimulus not in found:
        raise SettingsError(
            f"The study {study.name!r} has no stimulus {stimulus!r} that was watched.",
            f"It has {', '.join(alone[:6])}.",
        )
    return found[stimulus]


def _film(study: Study, one: Audience) -> Path | None:
    mine = study.counted[study.counted["session_id"].isin(one.session_ids)]
    ids = set(mine["stimulus_id"].dropna())
    known = [Path(one.path) for one in study.stimuli if one.path and one.stimulus_id in ids]
    return known[0] if len(known) == 1 else None


def _said_mean(seconds: pd.DataFrame, measure: str, minimum: int) -> list[Span]:
    table = audience(curves(seconds, measure, by=BY), minimum=minimum)
    said: list[str | None] = []
    for mean, low, high, n in zip(table["mean"], table["low"], table["high"], table["n"]):
        if mean != mean:
            said.append(None)
            continue
        band = "" if low != low else f" ({units.say(measure, low)} to {units.say(measure, high)})"
        said.append(f"{units.say(measure, mean)}{band}, n {int(n)}")
    return runs(table["second"].tolist(), said)


def _said_share(seconds: pd.DataFrame, minimum: int) -> list[Span]:
    """The expression that most viewers clearly show; nothing where hardly anyone does."""
    shares = {
        name: emotion_share(seconds, name, minimum=minimum, by=BY).set_index("second")["share"]
        for name in DISPLAY_ORDER
        if name != "neutral"
    }
    table = pd.DataFrame(shares)
    said: list[str | None] = []
    for row in table.to_dict("records"):
        known = {str(name): float(share) for name, share in row.items() if share == share}
        top = max(known, key=lambda one: known[one], default="")
        clear = known.get(top, 0.0) >= 100 * NOTICED
        said.append(f"{top} {known[top]:.0f} %" if clear else None)
    return runs(table.index.to_numpy().tolist(), said)


def _said_differences(pairs: Mapping[tuple[str, str], Comparison]) -> list[Tier]:
    tiers = []
    for (a, b), one in pairs.items():
        for measure in dict.fromkeys(found.measure for found in one.clusters):
            spans = [
                Span(found.from_ms, found.to_ms, f"higher in {found.higher}, p {found.p:.3f}")
                for found in one.clusters
                if found.measure == measure and found.significant
            ]
            tiers.append(Tier(f"{units.name(measure)} differs, {a} and {b}", spans))
    return tiers


def viewer_tiers(
    seconds: pd.DataFrame, names: Mapping[tuple[str, int], str], *, offset_ms: int = 0
) -> list[Tier]:
    """A viewer's leading expression, second by second; none where there are too many viewers."""
    groups = list(seconds.groupby(list(BY), sort=True))
    if len(groups) > MOST_TIERS:
        return []
    tiers = []
    for _, mine in groups:
        name = names[(str(mine["session_id"].iloc[0]), int(mine["viewer"].iloc[0]))]
        ordered = mine.sort_values("second")
        said = [None if pd.isna(one) else str(one) for one in ordered["emotion"]]
        spans = runs(ordered["second"].tolist(), said, offset_ms=offset_ms)
        tiers.append(Tier(f"Expression, {name}", spans, name))
    return tiers


def _viewer_names(seconds: pd.DataFrame) -> dict[tuple[str, int], str]:
    about = seconds.drop_duplicates(list(BY))
    crowd = about["session_id"].duplicated(keep=False)
    return {
        (str(session), int(viewer)): f"{who} #{viewer}" if several else str(who)
        for session, viewer, who, several in zip(
            about["session_id"], about["viewer"], about["respondent"], crowd
        )
    }
