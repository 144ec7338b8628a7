"""The connection page, without a browser."""

from __future__ import annotations

from dashboard.camera.connection import network
from dashboard.state import app_state
from fer_core.home import Home
from tests.dashboard.pages import open_page


def test_servers_are_kept_and_a_wrong_address_is_said_in_words(empty_home: Home) -> None:
    app = open_page("connection")
    assert not app.exception
    assert app.title[0].value == "Connection"
    fields = {field.label: field for field in app.text_input}
    fields["TURN"].set_value("turn:turn.example.org:3478")
    fields["or shared secret"].set_value("north")
    app.button[0].click().run()
    assert not app.exception
    kept = network.load(app_state().store)
    assert (kept.turn_url, kept.turn_secret) == ("turn:turn.example.org:3478", "north")

    next(field for field in app.text_input if field.label == "STUN").set_value("https://x.example")
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["'https://x.example' is not a STUN address."]
    assert network.load(app_state().store) == kept
