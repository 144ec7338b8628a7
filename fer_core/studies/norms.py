"""Where a study stands among the store's other studies of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fer_core.analytics.norms import Norm, norm
from fer_core.analytics.shape import mean_known
from fer_core.storage import Store
from fer_core.studies.headlines import study_headlines
from fer_core.studies.membership import Study, load_studies


@dataclass(frozen=True)
class OfKind:
    """The means of all studies of one kind in a measure, by their ids.

    eyes: whether attention and engagement take account of eyes, as they do where those of all do.
    """

    means: Mapping[str, float]
    eyes: bool


def of_kind(
    store: Store, kind: str, simulated: bool, measure: str, own: Study | None = None
) -> OfKind:
    """All studies of a kind; ``own`` in place of what the store knows of it."""
    alike = [
        own if own is not None and one.study_id == own.study_id else one
        for one in load_studies(store)
        if one.kind == kind and one.simulated == simulated
    ]
    # one version for all: where one study's sessions know nothing of eyes, nobody's count
    eyes = all(one.eyes for one in alike)
    return OfKind(_means(store, alike, measure, eyes), eyes)


def study_norm(store: Store, study: Study, measure: str, among: OfKind | None = None) -> Norm:
    """The study's mean, as its page shows it, among those of the others.

    Studies of another kind are no others, and simulated ones are so only to each other. Of
    several films it is the mean over films. Where one of them has attention and engagement of
    version 1, all of them are taken in that version. ``among``: its kind, where that is known
    already.
    """
    if among is None:
        among = of_kind(store, study.kind, study.simulated, measure, study)
        own = among.means[study.study_id]
    else:
        own = _means(store, [study], measure, among.eyes)[study.study_id]
    others = [one for key, one in among.means.items() if key != study.study_id and one == one]
    return norm(own, others)


def _means(store: Store, studies: Sequence[Study], measure: str, eyes: bool) -> dict[str, float]:
    found = study_headlines(store, studies, measure, eyes=eyes)
    return {study_id: mean_known(np.array(one.means)) for study_id, one in found.items()}
