"""The pages Data, Label and Train where there is nothing yet, and where a model may go back."""

from __future__ import annotations

from fer_core.home import Home
from fer_core.zoo import use_model
from tests.cards import on_disk
from tests.dashboard.pages import open_page


def test_where_nothing_is_labelled_the_pages_say_how_to_begin(empty_home: Home) -> None:
    for page, title, button in (
        ("label", "What do these faces show?", "Add a recording"),
        ("train", "Can the model be made better?", "Add a data set"),
        ("data", "What can a model learn from?", None),
    ):
        app = open_page(page)
        assert not app.exception
        assert not app.error
        assert app.title[0].value == title
        if button is not None:
            assert button in [one.label for one in app.button]


def test_the_way_back_is_offered_where_there_is_one(empty_home: Home) -> None:
    on_disk(empty_home.models, "mine")
    use_model("mine", empty_home)
    app = open_page("train")
    assert not app.exception
    assert "Go back to rapt-1" in [one.label for one in app.button]
