"""The report as a file: alone in the world, marked, with the numbers of the study."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from fer_core.analytics.norms import Norm
from fer_core.errors import DataError, SettingsError
from fer_core.reports.build import report, written
from fer_core.reports.compose import compose
from fer_core.reports.content import Content, ReportOptions, gather
from fer_core.reports.document import Cell, Document, Figure, Heading, Table
from fer_core.reports.figure_frame import NARROW, Sheet
from fer_core.reports.html import to_html
from fer_core.reports.pdf import to_pdf, to_png
from fer_core.storage import Store
from fer_core.studies.membership import Study

HOSTILE = "</script><script>alert(1)</script> #import \"x\": * _a_ $x$ 'q' & ümläut"


class Reader(HTMLParser):
    """Links to elsewhere, texts and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href", "data")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="rapt-data">(.*?)</script>', page, re.S)
    assert found is not None
    data: dict[str, object] = json.loads(found.group(1))
    return data


def pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_the_page_says_the_finding_first_and_needs_nothing_from_outside(
    document: Document, content: Content
) -> None:
    page = to_html(document)
    reader = read(page)
    text = " ".join(" ".join(reader.words).split())
    sentence = content.compared.sentences[0] if content.compared else ""
    assert "from 0:12 to 0:19" in sentence
    first_section = text.index("A and B compared")
    assert 0 < text.index(sentence) < first_section
    assert text.index("Does version B hold attention better than version A?") < first_section
    assert text.index("nobody was filmed") < first_section
    assert reader.links == []
    assert not re.search(r"url\(|@import|<link|<img|<iframe", page)
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) == {"http://www.w3.org/2000/svg"}
    assert reader.tags.count("script") == 1, "data, and no program"
    for part in (
        "Scene by scene", "How the whole audience responded", "Who was measured",
        "How it was measured", "What this cannot say", "What the numbers are",
        "engagement/1", "2,000 permutations", "48 viewers", "24 viewers",
    ):  # fmt: skip
        assert part in text, part


def test_every_figure_has_words_for_those_who_do_not_see_it(document: Document) -> None:
    page = to_html(document)
    found = re.findall(r"<svg.*?</svg>", page, re.S)
    figures = [one for one in document.blocks if isinstance(one, Figure)]
    assert len(found) == 2 * len(figures) == 10
    for one in found:
        root = ET.fromstring(one)
        assert root.get("role") == "img"
        title, about = root[0], root[1]
        assert title.text
        assert about.text
        assert len(about.text) >= len(title.text)
    widths = {ET.fromstring(one).get("width") for one in found}
    assert widths == {"720", "350"}


def test_the_pdf_is_vectors_with_text_title_and_page_numbers(document: Document) -> None:
    content = to_pdf(document)
    told = pages(content)
    assert 3 <= len(told) <= 8
    assert document.finding[0] in told[0]
    for at, text in enumerate(told, start=1):
        assert f"Page {at} of {len(told)}" in text
        assert "SIMULATED" in text
    opened = pypdfium2.PdfDocument(content)
    assert opened.get_metadata_dict()["Title"] == document.title
    assert pdfium.FPDFCatalog_IsTagged(opened)
    kinds, fonts = set(), set()
    for page in opened:
        for thing in page.get_objects(max_depth=8):
            kinds.add(thing.type)
            if thing.type == pdfium.FPDF_PAGEOBJ_TEXT:
                fonts.add(pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(thing.raw)))
    assert pdfium.FPDF_PAGEOBJ_PATH in kinds
    assert pdfium.FPDF_PAGEOBJ_IMAGE not in kinds
    assert fonts == {1}
    # the words of a figure are text too
    assert any("Engagement is higher in B" in text and "Punchline" in text for text in told)


def test_both_forms_tell_the_same_numbers(document: Document) -> None:
    page = " ".join(" ".join(read(to_html(document)).words).split())
    pdf = " ".join(pages(to_pdf(document)))
    tables = [one for one in document.blocks if isinstance(one, Table)]
    rows = [row for table in tables for row in table.rows if len(row) > 1]
    assert len(rows) > 30
    for row in rows:
        cells: list[Cell] = list(row)
        for cell in cells[1:]:
            if len(cell.text) < 12:
                assert cell.text in page
                assert cell.text in pdf


def test_differences_are_the_others_minus_the_reference(content: Content) -> None:
    def rows(reference: str | None) -> tuple[str, list[float]]:
        options = replace(content.options, reference=reference)
        blocks = compose(replace(content, options=options)).blocks
        table = next(
            one
            for one in blocks
            if isinstance(one, Table) and one.label.startswith(("A and", "B and"))
        )
        return table.heads[3], [number(row[3].text) for row in table.rows if len(row) > 1]

    def number(text: str) -> float:
        return float(text.removesuffix(" pts").replace("−", "-"))

    head, usual = rows(None)
    assert head == "B − A"
    assert sum(usual) > 0  # the planted differences are B's
    turned_head, turned = rows("B")
    assert turned_head == "A − B"
    assert turned == [-one for one in usual]


def test_a_scene_table_repeats_no_mean(content: Content) -> None:
    tables = [
        one for one in compose(content).blocks
        if isinstance(one, Table) and one.label.endswith(" by scene") and "Lift" in one.heads
    ]  # fmt: skip
    assert tables
    for one in tables:  # none of the demo's scenes is longer than 8 s
        assert "Hook" not in one.heads
        assert all(len(row) == len(one.heads) == len(one.wide) for row in one.rows)
        assert sum(one.wide) == pytest.approx(1)


def test_what_a_person_typed_is_never_markup(content: Content) -> None:
    study = replace(content.study, name=HOSTILE, question=HOSTILE)
    document = compose(replace(content, study=study))
    page = to_html(document)
    assert read(page).tags.count("script") == 1
    assert data_of(page)["study"] == HOSTILE
    told = pages(to_pdf(document))
    assert HOSTILE.split("'")[0].strip() in told[0]


def test_letters_that_no_font_here_has_do_not_stop_the_report(content: Content) -> None:
    study = replace(content.study, name="日本語 كتاب \ue000 study", question="มันทำงานไหม")
    document = compose(replace(content, study=study))
    assert "study" in pages(to_pdf(document))[0]
    assert "日本語 كتاب" in to_html(document)


def test_a_small_group_is_not_shown_unless_asked_for(store: Store, study: Study) -> None:
    rows = study.sessions.copy()
    few = rows["session_id"].isin(rows["session_id"].iloc[[0, 1, 2, 24, 25, 26]])
    rows["counts"] = few
    small = replace(study, sessions=rows)
    hidden = compose(gather(store, small, ReportOptions(minimum=7)))
    shown = compose(gather(store, small, ReportOptions(minimum=1)))
    assert hidden.data["audiences"] != shown.data["audiences"]
    numbers = hidden.data["audiences"][0]["measures"]["engagement"]  # type: ignore[index]
    assert set(numbers.values()) == {None}
    assert "Too few viewers to compare A and B" in hidden.finding[0]
    scenes = [row for one in hidden.data["comparisons"] for row in one["scenes"]]  # type: ignore[attr-defined]
    assert all(row["mean_a"] is None for row in scenes)
    text = " ".join(read(to_html(hidden)).words)
    assert "the group is smaller than the minimum" in text
    assert all("nan" not in page.lower() for page in pages(to_pdf(hidden)))


def test_who_was_left_out_is_told_with_the_reason(store: Store, study: Study) -> None:
    rows = study.sessions.copy()
    rows.loc[0, ["counts", "reason"]] = [False, "left out by hand: fell asleep"]
    less = replace(study, sessions=rows)
    name = str(rows.loc[0, "name"])
    for names in (True, False):
        document = compose(gather(store, less, ReportOptions(names=names, compare=())))
        text = " ".join(read(to_html(document)).words)
        assert "left out by hand: fell asleep" in text
        assert "47 sessions · 1 left out" in text
        assert (name in text) is names
        assert ("Session 1" in text) is not names


def test_without_a_comparison_every_measure_has_its_curve(store: Store, study: Study) -> None:
    document = compose(
        gather(store, study, ReportOptions(compare=(), measures=("engagement", "p_happy")))
    )
    assert document.data["comparisons"] == []
    names = [one.name for one in document.blocks if isinstance(one, Figure)]
    assert names == ["all-viewers-engagement", "all-viewers-p_happy", "expressions-all-viewers"]
    assert document.finding[0].startswith("Engagement peaks at 0:25")
    headings = [one.text for one in document.blocks if isinstance(one, Heading)]
    assert not any("compared" in one for one in headings)


def test_a_norm_is_told_where_there_are_enough_others(content: Content) -> None:
    def text(norms: dict[str, Norm]) -> str:
        return " ".join(read(to_html(compose(replace(content, norms=norms)))).words)

    assert "other studies of its kind" not in text(content.norms)
    told_of = text({"engagement": Norm(80.0, 12), "attention": Norm(35.0, 12)})
    assert "Beside 12 other studies of its kind, its mean lies above 80 % of them in " in told_of
    assert "engagement and 35 % of them in attention." in told_of
    assert "norm/3" in told_of


def test_sessions_are_compared_by_name_and_the_unknown_is_refused(
    store: Store, study: Study
) -> None:
    two = tuple(str(one) for one in study.counted["name"].iloc[:2])
    document = compose(gather(store, study, ReportOptions(compare=two, minimum=1)))
    assert "Too few viewers" in document.finding[0]
    words = " ".join(read(to_html(document)).words)
    assert "Nothing was tested: too few viewers." in words
    assert "Tested together" not in words
    with pytest.raises(DataError, match="nobody who counts in 'C'"):
        gather(store, study, ReportOptions(compare=("A", "C")))
    with pytest.raises(SettingsError, match="joy"):
        gather(store, study, ReportOptions(measures=("joy",)))
    with pytest.raises(SettingsError, match="no report as 'doc'"):
        report(store, study, "doc")
    nobody = replace(study, sessions=study.sessions.assign(counts=False))
    with pytest.raises(DataError, match="no session that counts"):
        gather(store, nobody)


def test_figures_are_files_of_their_own(document: Document) -> None:
    one = next(block for block in document.blocks if isinstance(block, Figure))
    svg = one.draw(Sheet(titled=True, mark="SIMULATED"))
    texts = [text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert one.words.title in texts
    assert "SIMULATED" in texts
    assert "0:05" in texts
    png = to_png(svg)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") >= 2 * 720 * 0.75
    narrow = ET.fromstring(one.draw(Sheet(width=NARROW)))
    assert narrow.get("width") == str(NARROW)


def test_an_unknown_form_is_refused(document: Document) -> None:
    with pytest.raises(SettingsError, match="Choose html, pdf"):
        written(document, "docx")
