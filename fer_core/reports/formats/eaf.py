"""ELAN's annotation files: expressions, engagement and scenes as tiers over the recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.reports.formats import ExportFormat, StudyOptions, add_format

if TYPE_CHECKING:
    from fer_core.reports.elan.eaf import Eaf
    from fer_core.storage import Store
    from fer_core.studies.membership import Study


def _write(file: Eaf, target: Path) -> int:
    target.write_bytes(file.content())
    return sum(len(one.spans) for one in file.tiers)


def _session(store: Store, session_id: str, target: Path) -> int:
    from fer_core.reports.session_export import session_eaf

    return _write(session_eaf(store, session_id), target)


def _study(store: Store, study: Study, target: Path, options: StudyOptions) -> int:
    from fer_core.reports.elan.tiers import study_eaf
    from fer_core.reports.study_export import comparisons, viewers_seconds

    seconds = viewers_seconds(store, study, options.corrected)
    pairs = comparisons(store, study, options.corrected, options.minimum)
    file = study_eaf(study, seconds, pairs, stimulus=options.stimulus, minimum=options.minimum)
    return _write(file, target)


add_format(
    ExportFormat(
        name="eaf",
        mime="application/xml",
        order=3,
        study_order=3,
        session_label="ELAN",
        study_label="ELAN",
        session=_session,
        study=_study,
        session_counts="spans",
        study_counts="spans",
        per_film=True,
    ),
)
