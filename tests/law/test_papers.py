"""Papers that the law asks for: filled from the study, written as files, true to the settings."""

from __future__ import annotations

import cv2
import numpy as np
import pypdfium2
import pytest

from fer_core.access.purpose import Purpose
from fer_core.errors import SettingsError
from fer_core.keeping import rules
from fer_core.law.facts import Facts, gather
from fer_core.law.notice import TO_FILL, USUAL_CONSENT, code, screen_text
from fer_core.law.papers import PAPERS, paper
from fer_core.law.responsible import Responsible, responsible, set_responsible
from fer_core.reports import document
from fer_core.reports.build import written
from fer_core.reports.document import Bullets, Document, Table, Text
from fer_core.reports.figure_frame import Sheet
from fer_core.reports.pdf import to_png
from fer_core.storage import Store
from fer_core.storage.accounts import AddUser, LimitStudy
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose

WHO = Responsible("Acme", "privacy@acme.example", "Maria Lind", "https://acme.example/privacy")


def facts_of(store: Store, **purpose: str) -> Facts:
    study = store.run(AddStudy(name="Spring spot", question="Does the new cut hold attention?"))
    store.run(AddStimulus(title="Old cut", study_id=study))
    if purpose:
        store.run(StatePurpose(study_id=study, **purpose))
    return gather(store, study)


def words(found: Document) -> str:
    """Everything that a paper says."""
    said = [found.title, found.question, found.what, *found.finding, found.made]
    for block in found.blocks:
        match block:
            case Text(text) | document.Heading(text):
                said.append(text)
            case Bullets(items):
                said += items
            case document.Facts(pairs):
                said += [f"{name}: {value}" for name, value in pairs]
            case Table():
                said += [f"{one.text} {one.small}" for row in block.rows for one in row]
    return "\n".join(said)


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_filled_and_says_that_it_is_no_advice(store: Store, name: str) -> None:
    set_responsible(store, WHO)
    said = words(paper(name, facts_of(store, purpose="media")))
    for expected in ("Advertising or media research", WHO.name, WHO.contact, "not legal advice"):
        assert expected in said
    empty = words(paper(name, facts_of(store)))
    assert "not stated" in empty.lower()


def test_those_who_are_measured_do_not_read_what_is_hoped_for(store: Store) -> None:
    facts = facts_of(store, purpose="media")
    for name, kind in PAPERS.items():
        said = words(paper(name, facts))
        assert ("Spring spot" in said) is kind.inside
        assert ("new cut hold" in said) is kind.inside


def test_papers_say_the_times_that_are_in_force(store: Store) -> None:
    facts = facts_of(store)
    recordings = next(one for one in facts.kept if one.what.startswith("A recording"))
    assert recordings.until == "until deleted"
    rules.choose(store, rules.UPLOADS, 30)
    rules.choose(store, rules.KEEP, 3)
    told = words(paper("record", gather(store, facts.study.study_id)))
    assert "30 days" in told
    assert "the last 3 nights" in told
    rules.choose(store, rules.AFTER, True)
    rules.choose(store, rules.KEEP, 0)
    told = words(paper("record", gather(store, facts.study.study_id)))
    assert "until analysed" in told
    assert "nights" not in told


def test_faces_are_named_where_a_link_keeps_them(store: Store) -> None:
    facts = facts_of(store)
    assert not facts.faces
    assert "small pictures of my face" not in words(paper("consent", facts))
    (film,) = store.studies.stimuli(facts.study.study_id)
    store.run(
        AddLink(
            study_id=facts.study.study_id, title="Watch", consent="Yes?", keep_faces=True,
            arms=(Arm(film.stimulus_id),),
        )
    )  # fmt: skip
    facts = gather(store, facts.study.study_id)
    assert facts.faces
    assert "small pictures of my face" in words(paper("consent", facts))
    assert "respondents who come by a link" in words(paper("record", facts))


def test_who_has_access_is_counted_by_role(store: Store) -> None:
    facts = facts_of(store)
    assert "no accounts" in facts.access
    for name, role in (("ada", "admin"), ("ben", "analyst"), ("eve", "viewer")):
        store.run(AddUser(name=name, role=role, password="correct horse battery"))
    assert "1 viewer, 1 analyst, 1 admin" in gather(store, facts.study.study_id).access
    ben = store.accounts.get("ben").user_id
    store.run(LimitStudy(study_id=facts.study.study_id, user_ids=(ben,)))
    limited = gather(store, facts.study.study_id).access
    assert limited.startswith("Limited to 1 analyst, 1 admin")
    assert "ben" not in limited


def test_an_exception_is_printed_with_its_reason(store: Store) -> None:
    facts = facts_of(store, purpose="work", exception="safety", reason="Who drives a crane")
    assert facts.forbidden_but_for is Purpose.SAFETY
    said = words(paper("assessment", facts))
    assert "Who drives a crane" in said
    assert "5(1)(f)" in said
    assert "Annex III, 1(c)" in said


@pytest.mark.parametrize(
    "address", ["https://acme.example/privacy", "http://10.0.0.5:8600/r/" + 48 * "a"]
)
def test_the_code_of_a_notice_can_be_read(address: str) -> None:
    picture = cv2.imdecode(np.frombuffer(to_png(code(address).draw(Sheet())), np.uint8), 1)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == address


def test_a_notice_leads_to_the_link_that_is_given_else_to_the_privacy_text(store: Store) -> None:
    set_responsible(store, WHO)
    study = facts_of(store).study.study_id
    assert gather(store, study).address == WHO.address
    assert gather(store, study, "https://x.example/r/1").address == "https://x.example/r/1"


def test_a_notice_is_one_page_however_much_it_says(store: Store) -> None:
    long = f"https://a.example/{'d' * 90}"
    set_responsible(store, Responsible("A" * 60, "B" * 60, "C" * 60, long))
    facts = facts_of(store, purpose="work", exception="medical", reason="x")
    pages = pypdfium2.PdfDocument(written(paper("notice", facts), "pdf"))
    assert len(pages) == 1
    assert "emotion recognition system" in pages[0].get_textpage().get_text_bounded()


def test_who_answers_is_kept_and_shared_with_links(store: Store) -> None:
    assert responsible(store) == Responsible()
    assert screen_text(responsible(store)) == USUAL_CONSENT
    set_responsible(store, WHO)
    assert responsible(store) == WHO
    assert TO_FILL not in screen_text(responsible(store))
    assert store.settings.get("respond.recipient") == "Acme"
    with pytest.raises(SettingsError, match="no address"):
        set_responsible(store, Responsible(address="javascript:alert(1)"))
    with pytest.raises(SettingsError, match="too long"):
        set_responsible(store, Responsible(name="x" * 400))


def test_there_are_no_other_papers(store: Store) -> None:
    with pytest.raises(SettingsError, match="notice, consent, record, assessment"):
        paper("licence", facts_of(store))
