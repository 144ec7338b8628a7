"""Links as the study's page makes and lists them."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.camera.connection import network
from dashboard.camera.respondents import data
from fer_core.errors import SettingsError
from fer_core.studies.membership import load_study
from tests.dashboard.camera.respondents.outside import Outside


def test_links_begin_where_respondents_are_let_in(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "http://127.0.0.1:8501/study?id=1"
    assert data.base_address(outside.store, page) == data.BaseAddress(
        "http://127.0.0.1:8501", True, False, False
    )
    assert not data.base_address(outside.store, "http://10.0.0.5:8501/study").secure
    monkeypatch.setenv("RAPT_RESPONDENTS", "0.0.0.0:8600")
    monkeypatch.setenv("RAPT_TLS_CERT", "cert.pem")
    found = data.base_address(outside.store, "https://10.0.0.5:8501/study")
    assert found == data.BaseAddress("https://10.0.0.5:8600", True, True, True)
    network.save(outside.store, network.Network(public_url="https://study.example.org/"))
    assert data.base_address(outside.store, page).url == "https://study.example.org"
    network.save(outside.store, network.Network())


def test_a_text_of_consent_says_who_asks(outside: Outside) -> None:
    study = load_study(outside.store, outside.study)
    consent = data.usual_consent(outside.store)
    with pytest.raises(SettingsError, match="who you are"):
        data.make(outside.store, study, [(outside.film, "")], title="T", consent=consent)


def test_a_link_lists_its_films_and_its_last_day(outside: Outside) -> None:
    study = load_study(outside.store, outside.study)
    day = date(2027, 1, 31)
    link_id = data.make(
        outside.store, study, [(outside.film, "A")], title="T", consent="C", last_day=day
    )
    link = next(
        one for one in outside.store.respondents.links(outside.study) if one.link_id == link_id
    )
    assert data.last_day(link.ends) == day
    assert data.film_title(study, link.arms[0]) == "Secret title"
    assert list(data.films(outside.store, study)) == [outside.film]


def test_the_recipient_of_the_numbers_has_a_name_that_respondents_are_told(
    outside: Outside,
) -> None:
    with pytest.raises(SettingsError, match="Nobody is named"):
        data.set_recipient(outside.store, "  ")
    data.set_recipient(outside.store, " Acme  Research ")
    assert data.recipient(outside.store) == "Acme Research"
    _, page, _ = outside.ask("GET", f"/r/{outside.link()}")
    assert '"recipient": "Acme Research"' in page
