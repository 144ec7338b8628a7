"""Rapt from a script or a notebook: the ten calls that a researcher needs.

``from fer_core import open_home, study, compare`` and so on. A home is opened once and given to the
calls; what comes back are data frames and frozen values, with the numbers of the pages.

>>> from fer_core import compare, curve, open_home, seconds, sessions, study
>>> home = open_home()
>>> found = study(home)
>>> found.conditions
('A', 'B')
>>> len(sessions(home, study=found))
48
>>> sorted(seconds(home, found, ["engagement"])["condition"].unique())
['A', 'B']
>>> line = curve(home, found, "engagement", of="A")
>>> list(line.columns)
['second', 'mean', 'low', 'high', 'n']
>>> compare(home, "A", "B", study=found).sentence.partition(";")[0]
'B held attention better and engaged more from 0:12 to 0:19'
>>> home.close()
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from fer_core.analytics.compare import Comparison
    from fer_core.storage import Store
    from fer_core.studies.membership import Study

#: An opened home, as ``open_home`` returns it.
OpenHome: TypeAlias = "Store"


def open_home(path: str | os.PathLike[str] | None = None) -> Store:
    """Open the store of a home: the folder given, else ``RAPT_HOME``, else ``data`` here.

    Works beside a running dashboard. Use it in ``with``, or call ``close``.
    """
    from fer_core.home import Home
    from fer_core.storage import open_store

    store = open_store(Home.find(None if path is None else Path(path)))
    store.sync()
    return store


def analyze(home: Store, path: str | os.PathLike[str], **options: Any) -> str:
    """Analyse a video or a picture, here and now; the new session's id.

    Args:
        options: fields of ``AnalysisSettings`` (``fps``, ``model``, ``detector``, ``min_face``,
            ``eyes``) and what the session belongs to (``study``, ``stimulus``, ``condition``,
            ``respondent``, ``name``, ``offset_ms``).
    """
    from dataclasses import fields

    from fer_core.errors import SettingsError
    from fer_core.jobs.analysis import analyse_file, kept_networks
    from fer_core.jobs.analysis_spec import AnalysisSpec
    from fer_core.types import AnalysisSettings

    settings = {one.name for one in fields(AnalysisSettings)}
    belongs = {"name", "study", "stimulus", "condition", "respondent", "offset_ms", "tags"}
    unknown = sorted(set(options) - settings - belongs)
    if unknown:
        raise SettingsError(
            f"There is no option {unknown[0]!r}.",
            f"Choose {', '.join(sorted(settings | belongs))}.",
        )
    spec = AnalysisSpec.new(
        os.fspath(path),
        AnalysisSettings(**{key: value for key, value in options.items() if key in settings}),
        **{key: value for key, value in options.items() if key in belongs},
    )
    networks = kept_networks(home.home)
    analyse_file(home.home, spec, lambda *_: None, lambda: False, networks=networks)
    home.sync()
    return spec.session_id


def sessions(home: Store, *, study: Study | str | None = None) -> pd.DataFrame:
    """Sessions with their summary numbers, a row each, the newest first.

    Of a study with ``counts`` and ``reason`` as well: which of them its numbers are made of.
    """
    if study is not None:
        return _study(home, study).sessions
    from fer_core.studies.membership import MOST_SESSIONS

    return home.sessions.list(limit=MOST_SESSIONS)


def timeline(home: Store, session: str, *, edited: bool = True) -> pd.DataFrame:
    """A session's rows, one a face and frame, in the columns of ``docs/metrics.md``.

    Args:
        session: its id. edited: with the corrections of viewers that people made by hand.
    """
    return home.timeline.rows(home.sessions.get(session).session_id, edited=edited)


def seconds(
    home: Store, of: Study | str, measures: Sequence[str] | None = None, *, corrected: bool = False
) -> pd.DataFrame:
    """Every viewer's second of a study or a session, on the film's clock.

    Args:
        of: a study (as ``study`` gives it, or its name or id) or a session's id.
        measures: keys of ``docs/metrics.md``; else all that the sessions have.
        corrected: with each viewer's resting face taken out (a study alone).
    """
    from fer_core.measures import MEASURES, find_measure

    for one in measures or ():
        find_measure(one)
    if isinstance(of, str) and home.sessions.exists(of):
        columns = ("session_id", "viewer", "second", "n", *(measures or MEASURES))
        return home.timeline.seconds(of, columns=columns)
    from fer_core.studies.seconds import study_seconds

    found = _study(home, of)
    return study_seconds(home, found.counted, measures or found.measures, corrected=corrected)


def study(home: Store, called: str | None = None) -> Study:
    """A study with its sessions, by its name or id; without one, the only study there is."""
    from fer_core.studies.membership import find_study, load_study

    return load_study(home, find_study(home, called))


def curve(
    home: Store,
    study: Study | str,
    measure: str = "engagement",
    *,
    of: str | None = None,
    corrected: bool = False,
    minimum: int = 1,
) -> pd.DataFrame:
    """An audience's curve: ``second, mean, low, high, n``, with its 95 % band.

    Args:
        of: a condition or a film of the study; else everybody (of several films, name one).
        minimum: the smallest group; seconds of fewer viewers are NaN.
    """
    from fer_core.errors import SettingsError
    from fer_core.studies.audiences import audiences, within
    from fer_core.studies.response import respond
    from fer_core.studies.seconds import study_seconds

    found = _study(home, study)
    there = {one.name: one for one in audiences(found)}
    name = next(iter(there)) if of is None and len(there) else of
    if name not in there:
        raise SettingsError(f"There is no audience {of!r}.", f"Choose {', '.join(there)}.")
    rows = study_seconds(home, found.counted, (measure,), corrected=corrected, eyes=found.eyes)
    return respond(within(rows, there[name]), there[name], measure, minimum=minimum).curve


def compare(
    home: Store,
    a: str,
    b: str,
    *,
    study: Study | str | None = None,
    measures: Sequence[str] | None = None,
    corrected: bool = False,
) -> Comparison:
    """Two groups of a study, second by second and scene by scene, as the page Compare does.

    Args:
        a, b: two conditions, stimuli or sessions of the study; differences are a minus b.
    """
    from fer_core.analytics.compare import COMPARED
    from fer_core.studies.groups import compare_groups, find_groups

    found = _study(home, study)
    groups = find_groups(found, [a, b])
    pairs = compare_groups(
        home, found, groups, measures=tuple(measures or COMPARED), corrected=corrected
    )
    return next(iter(pairs.values()))


def export(
    home: Store, of: Study | str, target: str | os.PathLike[str], *, form: str = "", **options: Any
) -> int:
    """Write a study or a session to a file; how many rows it has.

    Args:
        of: a study, or a session's id. form: a name that ``rapt export --help`` lists; else the
            file's ending. options: of a study, fields of ``StudyOptions`` (``corrected``,
            ``minimum``, ``stimulus``, ``wide``).
    """
    from fer_core.reports.formats import StudyOptions, export_session, export_study

    path = Path(target)
    kind = form or path.suffix.lstrip(".").lower()
    if isinstance(of, str) and home.sessions.exists(of):
        return export_session(home, of, path, kind)
    return export_study(home, _study(home, of), path, kind, StudyOptions(**options))


def report(
    home: Store, study: Study | str | None, target: str | os.PathLike[str], **options: Any
) -> tuple[str, ...]:
    """Write a study's report, as the file's ending says; its finding, sentence by sentence.

    Args:
        options: fields of ``ReportOptions`` (``measures``, ``compare``, ``minimum``, …).
    """
    from fer_core.reports.build import house_style, put, written_report
    from fer_core.reports.compose import compose
    from fer_core.reports.content import ReportOptions, gather

    path = Path(target)
    content = gather(home, _study(home, study), ReportOptions(**options))
    form = path.suffix.lstrip(".").lower()
    put(written_report(content, form, house_style(home.home)), path)
    return compose(content).finding


def _study(home: Store, found: Study | str | None) -> Study:
    return study(home, found) if found is None or isinstance(found, str) else found
