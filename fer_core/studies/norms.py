"""Where a study stands among the store's other studies of its kind."""

from __future__ import annotations

import numpy as np

from fer_core.analytics.norms import Norm, norm
from fer_core.analytics.shape import mean_known
from fer_core.storage import Store
from fer_core.studies.headlines import study_headlines
from fer_core.studies.membership import Study, load_studies


def study_norm(store: Store, study: Study, measure: str) -> Norm:
    """The study's mean, as its page shows it, among those of the others.

    Studies of another kind are no others, and simulated ones are so only to each other. Of
    several films it is the mean over films. Where one of them has attention and engagement of
    version 1, all of them are taken in that version.
    """
    everything = load_studies(store)
    own = next(one for one in everything if one.study_id == study.study_id)
    alike = [
        one
        for one in everything
        if one.kind == own.kind and one.simulated == own.simulated and one is not own
    ]
    # one version for all: where one study's sessions know nothing of eyes, nobody's count
    eyes = all(one.eyes for one in (study, *alike))
    means = {
        study_id: mean_known(np.array(found.means))
        for study_id, found in study_headlines(store, [study, *alike], measure, eyes=eyes).items()
    }
    return norm(means.pop(study.study_id), [one for one in means.values() if one == one])
