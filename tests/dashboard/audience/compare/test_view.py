"""The page Compare, run by Streamlit itself."""

from __future__ import annotations

from fer_core.home import Home
from fer_core.storage import Store
from fer_core.studies.membership import Study
from tests.dashboard.pages import open_page


def test_where_there_is_no_study_it_offers_a_simulated_one(empty_home: Home) -> None:
    app = open_page("compare")
    assert not app.exception
    assert "Make the demo study" in [one.label for one in app.button]


def test_the_two_versions_are_compared_scene_by_scene(demo_pages: Store, study: Study) -> None:
    app = open_page("compare", study=study.study_id)
    assert not app.exception
    assert not app.error
    assert app.multiselect[0].value == ["A", "B"]
    shown = [one.value for one in app.subheader]
    assert shown == ["Scene by scene", "Every viewer's mean"]
    assert any("p under 0.05 after correction" in one.value for one in app.caption)


def test_differences_are_the_others_minus_the_reference(demo_pages: Store, study: Study) -> None:
    app = open_page("compare", study=study.study_id)
    reference = next(one for one in app.selectbox if one.label == "Reference")
    assert (reference.value, reference.options) == ("A", ["A", "B"])

    def heads() -> str:
        return next(one.body for one in app.get("html") if "by scene" in one.body)

    assert "B − A, 95 %" in heads()
    assert "<td>+" in heads().split("Punchline")[1].replace("<b>", "")
    said = [one.body for one in app.get("html") if one.body.startswith('<div class="rapt-sentence')]
    reference.set_value("B").run()
    assert not app.exception
    assert "A − B, 95 %" in heads()
    assert "<td>−" in heads().split("Punchline")[1].replace("<b>", "")
    assert [
        one.body for one in app.get("html") if one.body.startswith('<div class="rapt-sentence')
    ] == said


def test_where_nothing_was_tested_no_test_is_told_of(demo_pages: Store, study: Study) -> None:
    app = open_page("compare", study=study.study_id, kind="Sessions")
    assert not app.exception
    assert any("Too few viewers" in one.body for one in app.get("html"))
    assert not [one.value for one in app.caption if "Tested together" in one.value]
    assert not [one.body for one in app.get("html") if "shaded where" in one.body]


def test_one_group_alone_is_no_comparison(demo_pages: Store, study: Study) -> None:
    app = open_page("compare", study=study.study_id)
    app.multiselect[0].set_value(["A"]).run()
    assert not app.exception
    assert "Choose at least two to compare." in [one.value for one in app.info]
    assert not app.subheader
