"""From a study to the file of its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from fer_core.errors import SettingsError, StoreError
from fer_core.files import replacing
from fer_core.reports.content import ReportOptions, gather
from fer_core.reports.document import Document
from fer_core.reports.html import to_html
from fer_core.reports.pdf import to_pdf
from fer_core.storage import Store
from fer_core.studies.membership import Study

#: The forms of a report, with what a browser calls them.
FORMS: Final = {"html": "text/html", "pdf": "application/pdf"}


def report(store: Store, study: Study, form: str, options: ReportOptions | None = None) -> bytes:
    """The report as a file's content."""
    # Statistics take long to import: the server starts without them, and writes notices.
    from fer_core.reports.compose import compose

    return written(compose(gather(store, study, options)), form)


def written(document: Document, form: str) -> bytes:
    writers: dict[str, Callable[[], bytes]] = {
        "html": lambda: to_html(document).encode(),
        "pdf": lambda: to_pdf(document),
    }
    if form not in writers:
        raise SettingsError(f"There is no report as {form!r}.", f"Choose {', '.join(FORMS)}.")
    return writers[form]()


def put(content: bytes, target: Path) -> None:
    """Write a file that appears when it is whole."""
    try:
        with replacing(target) as part:
            part.write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror}.", "Check the folder and the disk."
        ) from error
