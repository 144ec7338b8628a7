"""SVG and PNG: a session's figure, the figures of a study's report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.reports.formats import ExportFormat, add_format

if TYPE_CHECKING:
    from fer_core.reports.content import ReportOptions
    from fer_core.reports.document import Figure
    from fer_core.storage import Store
    from fer_core.studies.membership import Study


def _drawn(figure: Figure, name: str, mark: str) -> bytes:
    """A figure as a file of its own; ``mark`` is written across it."""
    from fer_core.reports.figure_frame import Sheet
    from fer_core.reports.pdf import to_png

    svg = figure.draw(Sheet(titled=True, mark=mark))
    return svg.encode() if name == "svg" else to_png(svg)


def _session(name: str, store: Store, session_id: str, target: Path) -> int:
    from fer_core.reports.session_export import session_figure, session_mark

    mark = session_mark(store, session_id)
    target.write_bytes(_drawn(session_figure(store, session_id), name, mark))
    return 1


def _figures(name: str, store: Store, study: Study, options: ReportOptions) -> dict[str, bytes]:
    from fer_core.reports.compose import SIMULATED, compose
    from fer_core.reports.content import gather
    from fer_core.reports.document import figures

    mark = SIMULATED if study.simulated else ""
    found = figures(compose(gather(store, study, options)).blocks)
    return {f"{one.name}.{name}": _drawn(one, name, mark) for one in found}


for order, (name, mime) in enumerate((("svg", "image/svg+xml"), ("png", "image/png")), start=4):
    add_format(
        ExportFormat(
            name=name,
            mime=mime,
            order=order,
            session_label=f"Figure as {name.upper()}",
            study_label=f"Figures as {name.upper()}",
            session=partial(_session, name),
            figures=partial(_figures, name),
            session_counts="figure",
        ),
    )
