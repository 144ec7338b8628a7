"""From a study to the file of its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fer_core.errors import SettingsError, StoreError
from fer_core.files import replacing
from fer_core.home import Home
from fer_core.reports.content import Content, ReportOptions, gather
from fer_core.reports.document import Document
from fer_core.reports.html import to_html
from fer_core.reports.pdf import to_pdf
from fer_core.storage import Store
from fer_core.studies.membership import Study

if TYPE_CHECKING:
    from fer_core.reports.slides.deck import SlideOptions

#: The forms of a document, with what a browser calls them.
FORMS: Final = {"html": "text/html", "pdf": "application/pdf"}
SLIDES: Final = "pptx"
#: The forms of a study's report: the document's, and slides.
REPORTS: Final = FORMS | {
    SLIDES: "application/vnd.openxmlformats-officedocument.presentationml.presentation"
}


def report(store: Store, study: Study, form: str, options: ReportOptions | None = None) -> bytes:
    """The report as a file's content."""
    return written_report(gather(store, study, options), form, house_style(store.home))


def written_report(content: Content, form: str, look: SlideOptions | None = None) -> bytes:
    """A study's report in one of ``REPORTS``; ``look`` is that of slides."""
    # Statistics and slides take long to import: the server starts without them.
    if form == SLIDES:
        from fer_core.reports.slides.deck import to_slides

        return to_slides(content, look)
    from fer_core.reports.compose import compose

    return written(compose(content), form)


def house_style(home: Home) -> SlideOptions:
    """How slides of this home look: after ``slides.pptx`` and ``slides.png``, where a person put
    them there."""
    from fer_core.reports.slides.deck import SlideOptions

    template, logo = home.slide_template, home.slide_logo
    return SlideOptions(template if template.is_file() else None, logo if logo.is_file() else None)


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
