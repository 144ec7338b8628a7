"""The files that a session and a study can be exported to: one module a kind of file.

A module here makes an ExportFormat and hands it to add_format; command line and pages iterate them.
It imports what is heavy inside its functions, for ``rapt export --help`` lists the names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fer_core.analytics.carried import OWN_VIEW
from fer_core.errors import DataError, SettingsError
from fer_core.registry import Registry

if TYPE_CHECKING:
    from fer_core.reports.content import ReportOptions
    from fer_core.storage import Store
    from fer_core.studies.membership import Study


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """What a person may choose of a study's export.

    minimum: the smallest group whose numbers are written. stimulus: the film that a file follows
    which follows one. wide: one row a viewer, where a format has that.
    """

    corrected: bool = False
    minimum: int = OWN_VIEW
    stimulus: str | None = None
    wide: bool = False


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A kind of file.

    name: the file's ending. mime: what a browser calls it.
    order, study_order: its place in a session's menu and in a study's, else the same.
    session: writes a session; how many things the file holds, and session_counts what they are.
    study: the same of a study; figures: of a study, several files by name instead of one.
    session_label, study_label: what a button of the export menu says.
    per_film: a study's file follows one film.
    """

    name: str
    mime: str
    order: int
    session_label: str
    study_label: str
    session: Callable[[Store, str, Path], int]
    study: Callable[[Store, Study, Path, StudyOptions], int] | None = None
    figures: Callable[[Store, Study, ReportOptions], dict[str, bytes]] | None = None
    session_counts: str = "rows"
    study_counts: str = "rows"
    per_film: bool = False
    study_order: int | None = None


FORMATS: Final[Registry[ExportFormat]] = Registry("export as", package=__name__)


def add_format(made: ExportFormat) -> None:
    """Offer a kind of file under its name."""
    FORMATS.add(made.name, made)


def in_order() -> list[ExportFormat]:
    """All of them as a session's menu lists them."""
    return sorted(FORMATS, key=lambda one: (one.order, one.name))


def in_study_order() -> list[ExportFormat]:
    """All of them as a study's menu lists them."""

    def place(one: ExportFormat) -> tuple[int, str]:
        return one.order if one.study_order is None else one.study_order, one.name

    return sorted(FORMATS, key=place)


def export_session(store: Store, session_id: str, target: Path, name: str) -> int:
    """Write one file. How many rows of the timeline, spans or pictures it holds."""
    return FORMATS.find(name).session(store, session_id, target)


def export_study(
    store: Store, study: Study, target: Path, name: str, options: StudyOptions | None = None
) -> int:
    """Write one file; how many rows, sheets or spans it has."""
    write = FORMATS.find(name).study
    if write is None:
        raise SettingsError(f"A study's {name} is several files.", "Name a folder for them.")
    if study.counted.empty:
        raise DataError(
            f"The study {study.name!r} has no session that counts.", "Add recordings to it first."
        )
    return write(store, study, target, options or StudyOptions())


def study_figures(
    store: Store, study: Study, name: str, options: ReportOptions | None = None
) -> dict[str, bytes]:
    """The figures of the study's report, each with its own title and key, by file name."""
    from fer_core.reports.content import ReportOptions

    draw = FORMATS.find(name).figures
    if draw is None:
        drawn = [one.name for one in in_order() if one.figures is not None]
        raise SettingsError(f"There is no figure as {name!r}.", f"Choose {' or '.join(drawn)}.")
    return draw(store, study, options or ReportOptions())
