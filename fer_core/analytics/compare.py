"""A against B: where over time, in which scenes, how much, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from fer_core.analytics import wording
from fer_core.analytics.methods import clusters, effects
from fer_core.analytics.methods.bands import DRAWS
from fer_core.analytics.scenes import Scene, viewer_means
from fer_core.analytics.seconds import Curves, curves_of
from fer_core.analytics.shape import known_mean
from fer_core.errors import DataError, SettingsError
from fer_core.measures import HEADLINES, find_measure
from fer_core.sentences import Finding

FEWEST_A_SIDE = 6
SIGNIFICANT = 0.05
#: What is compared unless somebody chooses.
COMPARED = tuple(sorted(HEADLINES))


@dataclass(frozen=True, slots=True)
class Found:
    """A span in which the two differ. ``p`` is corrected for the measures compared and the
    pairs of conditions; ``p_alone`` is the cluster's own."""

    measure: str
    from_ms: int
    to_ms: int
    p: float
    p_alone: float
    effect: float
    higher: str

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


@dataclass(frozen=True)
class Comparison:
    """Two groups compared. ``effect`` and differences are A minus B.

    ``over_time``: measure, second, mean_a, mean_b, difference, low, high, t, n_a, n_b,
    significant. ``scenes``: scene, from_ms, to_ms, measure, mean_a, mean_b, difference,
    low, high, effect, p, p_corrected, n_a, n_b.
    """

    a: str
    b: str
    n_a: int
    n_b: int
    pairs: bool
    too_few: bool
    clusters: tuple[Found, ...]
    over_time: pd.DataFrame
    scenes: pd.DataFrame
    sentence: Finding
    settings: dict[str, Any]

    def minus(self, reference: str) -> Comparison:
        """The same with the reference as its second side: differences are the other's minus the
        reference's. What was found does not depend on it."""
        if reference == self.b:
            return self
        return replace(
            self,
            a=self.b,
            b=self.a,
            n_a=self.n_b,
            n_b=self.n_a,
            clusters=tuple(replace(one, effect=-one.effect) for one in self.clusters),
            over_time=_turned(self.over_time),
            scenes=_turned(self.scenes),
        )

    def as_dict(self) -> dict[str, object]:
        """What ``rapt compare --json`` prints: significant spans, scenes, the sentence."""
        spans = [
            {
                "from_ms": one.from_ms,
                "to_ms": one.to_ms,
                "measure": one.measure,
                "p": one.p,
                "effect": none_for_nan(one.effect),
                "higher": one.higher,
            }
            for one in self.clusters
            if one.significant
        ]
        rows = [
            {str(key): none_for_nan(value) for key, value in row.items()}
            for row in self.scenes.to_dict("records")
        ]
        return {
            "a": self.a,
            "b": self.b,
            "n_a": self.n_a,
            "n_b": self.n_b,
            "paired": self.pairs,
            "too_few": self.too_few,
            "clusters": spans,
            "scenes": rows,
            "sentence": self.sentence,
            "settings": self.settings,
        }


def _turned(table: pd.DataFrame) -> pd.DataFrame:
    """Differences of A and B as those of B and A."""
    turned = table.rename(
        columns={"mean_a": "mean_b", "mean_b": "mean_a", "n_a": "n_b", "n_b": "n_a",
                 "low": "high", "high": "low"}
    )[list(table.columns)]  # fmt: skip
    signed = [one for one in ("difference", "low", "high", "t", "effect") if one in turned]
    return turned.assign(**{one: -turned[one] for one in signed})


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    names: tuple[str, str] = ("A", "B"),
    measures: Sequence[str] = COMPARED,
    scenes: Sequence[Scene] = (),
    by: Sequence[str] = ("session_id", "viewer"),
    pairs: bool = False,
    first: int | None = 0,
    last: int | None = None,
    permutations: int = clusters.PERMUTATIONS,
    draws: int = DRAWS,
    seed: int = 0,
    looks: int = 1,
    bands: Sequence[str] | None = None,
) -> Comparison:
    """Compare two groups of viewers' seconds (rows of SECOND_COLUMNS).

    ``by`` names a viewer; with ``pairs`` the same names on both sides are compared, such as
    ``("respondent",)``. Only seconds that both sides know are tested, from ``first`` (the
    pre-roll is no part of it) to ``last``. ``looks`` is how many such comparisons are read
    together: every p is multiplied by it. ``bands`` are the measures whose difference over
    time gets a band; None: all of them.
    """
    if not measures:
        raise SettingsError("There is no measure to compare.", "Name at least one.")
    for name in measures:
        find_measure(name)
    sides = _sides(a, b, measures, by, pairs, first, last)
    n_a, n_b = (max(pair[side].n for pair in sides.values()) for side in (0, 1))
    enough = min(n_a, n_b) >= FEWEST_A_SIDE
    tests = _tests(sides, pairs, permutations, seed) if enough else []
    found = _found(sides, tests, names, pairs, looks)
    settings = {
        "measures": list(measures), "permutations": permutations, "draws": draws, "seed": seed,
        "looks": looks, "cluster_forming_p": clusters.FORMING_P,
    }  # fmt: skip
    return Comparison(
        *names,
        n_a,
        n_b,
        pairs,
        not enough,
        found,
        _over_time(sides, tests, found, pairs, draws, seed, measures if bands is None else bands),
        _scene_rows(sides, scenes, pairs, draws, seed, looks),
        _sentence(found, measures, names, n_a, n_b, pairs, enough),
        settings,
    )


def compare_all(
    groups: Mapping[str, pd.DataFrame], **choices: Any
) -> dict[tuple[str, str], Comparison]:
    """Every pair of two to six groups, each p multiplied by the number of pairs."""
    if not 2 <= len(groups) <= 6:
        raise SettingsError(f"{len(groups)} groups cannot be compared.", "Choose two to six.")
    couples = list(combinations(groups, 2))
    return {
        (a, b): compare(groups[a], groups[b], names=(a, b), looks=len(couples), **choices)
        for a, b in couples
    }


Sides = dict[str, tuple[Curves, Curves]]


def _sides(
    a: pd.DataFrame,
    b: pd.DataFrame,
    measures: Sequence[str],
    by: Sequence[str],
    pairs: bool,
    first: int | None,
    last: int | None,
) -> Sides:
    """Both groups' curves over the seconds that both know; paired, the same viewers by row."""
    if a.empty or b.empty:
        raise DataError("One side of the comparison has no viewers.", "Check what it holds.")
    start = max(int(a["second"].min()), int(b["second"].min()))
    stop = min(int(a["second"].max()), int(b["second"].max()))
    start = start if first is None else max(start, first)
    stop = stop if last is None else min(stop, last)
    if stop < start:
        raise DataError(
            "The two sides have no second in common.",
            "Compare sessions of one stimulus, and check their offsets.",
        )
    both = [curves_of(side, measures, by=by, first=start, last=stop) for side in (a, b)]
    sides = {name: (both[0][name], both[1][name]) for name in measures}
    return {name: _paired(*two, by) for name, two in sides.items()} if pairs else sides


def _paired(a: Curves, b: Curves, by: Sequence[str]) -> tuple[Curves, Curves]:
    """The curves of the viewers who are on both sides, row by row, where both are known."""
    lines = (a, b)
    keys = [pd.MultiIndex.from_frame(line.viewers) for line in lines]
    both = keys[0].intersection(keys[1])
    if not len(both):
        raise DataError(
            f"No {' and '.join(by)} is on both sides, so nothing can be paired.",
            "Give the sessions respondents, or compare without pairing.",
        )
    rows = [key.get_indexer(both) for key in keys]
    one, other = (line.values[at] for line, at in zip(lines, rows))
    known = ~np.isnan(one) & ~np.isnan(other)
    viewers = a.viewers.iloc[rows[0]].reset_index(drop=True)
    return (
        Curves(a.measure, np.where(known, one, np.nan), a.seconds, viewers),
        Curves(a.measure, np.where(known, other, np.nan), a.seconds, viewers),
    )


def _tests(sides: Sides, pairs: bool, permutations: int, seed: int) -> list[clusters.ClusterTest]:
    """The test of each measure, over the seconds with enough viewers on both sides."""
    tests = []
    for a, b in sides.values():
        n_a, n_b = (~np.isnan(a.values)).sum(axis=0), (~np.isnan(b.values)).sum(axis=0)
        enough = (n_a >= FEWEST_A_SIDE) & (n_b >= FEWEST_A_SIDE)
        one, other = (np.where(enough, side.values, np.nan) for side in (a, b))
        if pairs:
            test = clusters.paired(one - other, permutations=permutations, seed=seed)
        else:
            test = clusters.independent(one, other, permutations=permutations, seed=seed)
        tests.append(test)
    return tests


def _found(
    sides: Sides,
    tests: Sequence[clusters.ClusterTest],
    names: tuple[str, str],
    pairs: bool,
    looks: int,
) -> tuple[Found, ...]:
    spans: list[Found] = []
    if not tests:
        return ()
    for (name, (a, b)), test, ps in zip(sides.items(), tests, clusters.family_p(list(tests))):
        for cluster, p in zip(test.clusters, ps):
            inside = slice(cluster.start, cluster.stop)
            one, other = (
                known_mean(a.values[:, inside], axis=1),
                known_mean(b.values[:, inside], axis=1),
            )
            effect = effects.cohens_dz(one - other) if pairs else effects.cohens_d(one, other)
            spans.append(
                Found(
                    name,
                    int(a.seconds[cluster.start]) * 1000,
                    int(a.seconds[cluster.stop - 1] + 1) * 1000,
                    min(1.0, p * looks),
                    cluster.p,
                    effect,
                    names[0] if cluster.mass > 0 else names[1],
                )
            )
    return tuple(sorted(spans, key=lambda one: (one.from_ms, one.to_ms, one.measure)))


def _over_time(
    sides: Sides,
    tests: Sequence[clusters.ClusterTest],
    found: Sequence[Found],
    pairs: bool,
    draws: int,
    seed: int,
    bands: Sequence[str],
) -> pd.DataFrame:
    tables = []
    for at, (name, (a, b)) in enumerate(sides.items()):
        low = high = np.full(len(a.seconds), np.nan)
        if name in bands:
            low, high = effects.difference_band(
                a.values, b.values, pairs=pairs, draws=draws, seed=seed
            )
        mean_a, mean_b = known_mean(a.values, axis=0), known_mean(b.values, axis=0)
        significant = np.zeros(len(a.seconds), bool)
        for one in found:
            if one.measure == name and one.significant:
                ms = a.seconds * 1000
                significant |= (ms >= one.from_ms) & (ms < one.to_ms)
        tables.append(
            pd.DataFrame(
                {
                    "measure": name,
                    "second": a.seconds,
                    "mean_a": mean_a,
                    "mean_b": mean_b,
                    "difference": mean_a - mean_b,
                    "low": low,
                    "high": high,
                    "t": tests[at].t if tests else np.nan,
                    "n_a": (~np.isnan(a.values)).sum(axis=0),
                    "n_b": (~np.isnan(b.values)).sum(axis=0),
                    "significant": significant,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _scene_rows(
    sides: Sides,
    scenes: Sequence[Scene],
    pairs: bool,
    draws: int,
    seed: int,
    looks: int,
) -> pd.DataFrame:
    rows = []
    for name, (a, b) in sides.items() if scenes else ():
        one, other = (
            np.stack([viewer_means(side, scene) for scene in scenes], axis=1) for side in (a, b)
        )
        found = effects.differences(one, other, pairs=pairs, draws=draws, seed=seed)
        for scene, row in zip(scenes, found):
            numbers = asdict(row)
            if min(row.n_a, row.n_b) < FEWEST_A_SIDE:
                numbers["p"] = float("nan")
            rows.append({**asdict(scene), "scene": scene.name, "measure": name, **numbers})
    table = pd.DataFrame(rows, columns=_SCENE_COLUMNS)
    if len(table):
        p = effects.corrected(table["p"].to_numpy(np.float64))
        table["p_corrected"] = np.minimum(p * looks, 1.0)
    return table


_SCENE_COLUMNS = [
    "scene",
    "from_ms",
    "to_ms",
    "measure",
    "mean_a",
    "mean_b",
    "difference",
    "low",
    "high",
    "effect",
    "p",
    "p_corrected",
    "n_a",
    "n_b",
]


def _sentence(
    found: Sequence[Found],
    measures: Sequence[str],
    names: tuple[str, str],
    n_a: int,
    n_b: int,
    pairs: bool,
    enough: bool,
) -> Finding:
    a, b = names
    if not enough:
        return wording.too_few(n_a, n_b, a, b, FEWEST_A_SIDE, pairs=pairs)
    spans = [(one.higher, one.measure, one.from_ms, one.to_ms) for one in found if one.significant]
    return wording.found(spans, measures, a, b, wording.viewers(n_a, n_b, pairs=pairs))


def none_for_nan(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    return value.item() if isinstance(value, np.generic) else value
