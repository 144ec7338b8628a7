"""Two to six groups of a study's viewers, and how they compare.

A group is a condition, a stimulus or a session. Only sessions that count are in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fer_core.analytics.compare import COMPARED, Comparison, compare, compare_all
from fer_core.analytics.scenes import Scene
from fer_core.analytics.wording import OF_PAIR, called
from fer_core.errors import DataError, SettingsError
from fer_core.sentences import Finding
from fer_core.storage import Store
from fer_core.studies.membership import Study
from fer_core.studies.seconds import study_seconds

KINDS = ("condition", "stimulus", "session")
FEWEST, MOST = 2, 6


@dataclass(frozen=True)
class Group:
    """Sessions under one name."""

    name: str
    sessions: pd.DataFrame


def available(study: Study, kind: str) -> list[Group]:
    """The groups of one kind that have at least one session that counts, in their order."""
    rows = study.counted
    if kind == "condition":
        extra = sorted(set(rows["condition"].dropna()) - set(study.conditions))
        order = [(one, rows[rows["condition"] == one]) for one in (*study.conditions, *extra)]
    elif kind == "stimulus":
        order = [(one.title, rows[rows["stimulus_id"] == one.stimulus_id]) for one in study.stimuli]
    elif kind == "session":
        order = [(name, rows.iloc[at : at + 1]) for at, name in enumerate(_told_apart(rows))]
    else:
        raise SettingsError(f"{kind!r} is no kind of group.", f"Use {', '.join(KINDS)}.")
    return [Group(str(name), part) for name, part in order if len(part)]


def _told_apart(rows: pd.DataFrame) -> list[str]:
    """Each session's name; of those that share one, with what tells them apart.

    That is the respondent, the condition or the time of recording, whichever comes first; else a
    number.
    """
    created = pd.to_datetime(rows["created"])
    ways = [
        rows["respondent"],
        rows["condition"],
        created.dt.strftime("%d %b %Y, %H:%M UTC").str.lstrip("0"),
        created.dt.strftime("%d %b %Y, %H:%M:%S UTC").str.lstrip("0"),
    ]
    names = rows["name"].astype(str).to_dict()
    for name, same in rows.groupby("name", sort=False).groups.items():
        if len(same) > 1:
            apart = (way.loc[same] for way in ways)
            found = next((one for one in apart if one.notna().all() and one.is_unique), None)
            marks = range(1, len(same) + 1) if found is None else found
            names |= {at: f"{name} ({mark})" for at, mark in zip(same, marks)}
    return list(names.values())


def usual_kind(study: Study) -> str | None:
    """The kind of group that a study is read by unless somebody chooses.

    Its conditions, where there are two to six and none of them watched several films; else its
    films, where there are two to six. None: the study has one audience.
    """
    for kind in ("condition", "stimulus"):
        found = available(study, kind)
        one_film_each = all(one.sessions["stimulus_id"].nunique() < 2 for one in found)
        if FEWEST <= len(found) <= MOST and one_film_each:
            return kind
    return None


def usual_groups(study: Study) -> list[Group]:
    """What is compared unless somebody chooses: the groups of ``usual_kind``."""
    kind = usual_kind(study)
    return [] if kind is None else available(study, kind)


def usual_reference(names: Sequence[str]) -> str:
    """Against whom the others are held unless somebody chooses: the first by the alphabet."""
    return min(names, key=str.casefold)


def find_groups(study: Study, names: Sequence[str]) -> list[Group]:
    """Groups by what a person calls them: conditions first, then stimuli, then sessions."""
    if not FEWEST <= len(names) <= MOST or len(set(names)) < len(names):
        raise SettingsError(f"{len(names)} groups cannot be compared.", "Choose two to six.")
    for kind in KINDS:
        known = {one.name: one for one in available(study, kind)}
        if kind == "session":
            known |= {str(one.sessions["session_id"].iloc[0]): one for one in known.values()}
        if all(name in known for name in names):
            return [known[name] for name in names]
    everything = {kind: [one.name for one in available(study, kind)] for kind in KINDS}
    missing = [n for n in names if not any(n in found for found in everything.values())]
    if not missing:
        raise SettingsError(
            f"{' and '.join(names)} are not of one kind.",
            "Compare conditions with conditions, stimuli with stimuli.",
        )
    offered = everything["condition"] or everything["stimulus"] or everything["session"]
    raise DataError(
        f"The study {study.name!r} has nobody who counts in {missing[0]!r}.",
        f"It has {', '.join(offered[:6])}." if offered else "Assign sessions to it first.",
    )


def chosen_groups(found: Sequence[Group], names: Sequence[str]) -> list[Group]:
    """Two to six of these groups by their names."""
    known = {one.name: one for one in found}
    if not FEWEST <= len(set(names)) <= MOST:
        raise SettingsError(f"{len(set(names))} groups cannot be compared.", "Choose two to six.")
    if missing := [name for name in names if name not in known]:
        raise DataError(
            f"There is no group {missing[0]!r} that is large enough to be shown.",
            f"There are {', '.join(known)}." if known else "All of them are too small.",
        )
    return [known[name] for name in dict.fromkeys(names)]


def is_paired(groups: Sequence[Group]) -> bool:
    """Whether the same named respondents are in every group, one session each."""
    names = [one.sessions["respondent"] for one in groups]
    complete = all(n.notna().all() and not n.duplicated().any() for n in names)
    return complete and len({frozenset(n) for n in names}) == 1


def scenes_of(study: Study, groups: Sequence[Group]) -> tuple[Scene, ...]:
    """The scenes that all groups share: those of the one stimulus that all watched."""
    watched = {
        None if pd.isna(one) else str(one) for g in groups for one in g.sessions["stimulus_id"]
    }
    return study.scenes([one for one in watched if one]) if len(watched) == 1 else ()


def compare_groups(
    store: Store,
    study: Study,
    groups: Sequence[Group],
    *,
    measures: Sequence[str] = COMPARED,
    corrected: bool = False,
    paired: bool | None = None,
) -> dict[tuple[str, str], Comparison]:
    """Every pair of the groups. ``paired`` None: where the same respondents are in all."""
    pairs = is_paired(groups) if paired is None else paired
    return compare_seconds(
        seconds_of(store, groups, measures, corrected=corrected, eyes=study.eyes),
        measures=measures,
        scenes=scenes_of(study, groups),
        paired=pairs,
        length_ms=study.length_ms(),
    )


def compare_seconds(
    seconds: Mapping[str, pd.DataFrame],
    *,
    measures: Sequence[str],
    scenes: Sequence[Scene],
    paired: bool,
    length_ms: int = 0,
    bands: Sequence[str] | None = None,
) -> dict[tuple[str, str], Comparison]:
    """The same from the groups' seconds; what was filmed after the stimulus ended is left out."""
    by = ("respondent",) if paired else ("session_id", "viewer")
    last = -(-length_ms // 1000) - 1 if length_ms > 0 else None
    if len(seconds) == FEWEST:
        (a, one), (b, other) = seconds.items()
        return {
            (a, b): compare(one, other, names=(a, b), measures=measures, scenes=scenes,
                            by=by, pairs=paired, last=last, bands=bands)
        }  # fmt: skip
    return compare_all(
        seconds, measures=measures, scenes=scenes, by=by, pairs=paired, last=last, bands=bands
    )


def seconds_of(
    store: Store,
    groups: Sequence[Group],
    measures: Sequence[str],
    *,
    corrected: bool = False,
    eyes: bool | None = None,
) -> dict[str, pd.DataFrame]:
    """Each group's seconds; ``eyes`` as ``study_seconds`` takes it."""
    return {
        one.name: study_seconds(store, one.sessions, measures, corrected=corrected, eyes=eyes)
        for one in groups
    }


def sentences(pairs: Mapping[tuple[str, str], Comparison]) -> list[Finding]:
    """One a pair. «B engaged more» says of several pairs with whom B was compared."""
    return [
        OF_PAIR(a=called(a), b=called(b), said=one.sentence)
        if len(pairs) > 1 and any(span.significant for span in one.clusters)
        else one.sentence
        for (a, b), one in pairs.items()
    ]


_HIDDEN_OVER_TIME = ["mean_a", "mean_b", "difference", "low", "high", "t"]
_HIDDEN_IN_SCENES = ["mean_a", "mean_b", "difference", "low", "high", "effect", "p", "p_corrected"]


def hide_few(one: Comparison, minimum: int) -> Comparison:
    """The same without numbers of fewer viewers a side than the minimum group."""
    over, scenes = one.over_time.copy(), one.scenes.copy()
    for table, names in ((over, _HIDDEN_OVER_TIME), (scenes, _HIDDEN_IN_SCENES)):
        few = table[["n_a", "n_b"]].min(axis=1) < minimum
        table.loc[few, names] = np.nan
    return replace(one, over_time=over, scenes=scenes)
