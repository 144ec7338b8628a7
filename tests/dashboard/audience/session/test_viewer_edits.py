"""What a person corrects about viewers."""

from __future__ import annotations

import pytest

from dashboard.audience.session import viewer_edits
from dashboard.audience.session.data import engagement, viewer_names
from dashboard.audience.session.viewer_edits_view import said
from fer_core.errors import SettingsError
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


def test_merging_halves_the_viewers_and_undoing_brings_them_back(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    raw, stamp = store.timeline.rows(session), store.sessions.get(session).updated
    before = store.timeline.seconds(session)
    for viewer in (2, 4, 6):
        viewer_edits.merge(store, session, viewer, viewer - 1)
    assert [one.number for one in viewer_edits.viewers(store, session)] == [1, 3, 5]
    assert store.sessions.get(session).viewers == 3
    assert store.sessions.get(session).updated > stamp  # pages draw anew
    assert engagement(store.timeline.seconds(session)).counts.max() == 3
    assert [said(edit) for edit in viewer_edits.edits(store, session)] == [
        "Viewer 6 is viewer 5",
        "Viewer 4 is viewer 3",
        "Viewer 2 is viewer 1",
    ]
    assert store.timeline.rows(session).equals(raw)
    for edit in viewer_edits.edits(store, session):
        viewer_edits.undo(store, edit.edit_id)
    assert store.timeline.seconds(session).equals(before)
    assert viewer_edits.edits(store, session) == []


def test_names_and_spans_are_said_in_words(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    viewer_edits.rename(store, session, 1, " Ada ")
    viewer_edits.leave_out(store, session, 2, "0:10", "")
    viewer_edits.leave_out(store, session, 3)
    shown = viewer_edits.viewers(store, session)
    assert [one.label for one in shown[:2]] == ["1 · Ada", "Viewer 2"]
    assert 3 not in [one.number for one in shown]
    assert viewer_names(store, session) == {1: "Ada"}
    assert [said(edit) for edit in viewer_edits.edits(store, session)] == [
        "Viewer 3 is left out",
        "Viewer 2 is left out from 0:10 to the end",
        "Viewer 1 is called Ada",
    ]
    seconds = store.timeline.seconds(session)
    assert seconds.loc[seconds["viewer"] == 2, "second"].max() == 9
    for edit in viewer_edits.edits(store, session):
        viewer_edits.undo(store, edit.edit_id)
    assert len(viewer_edits.viewers(store, session)) == 6


def test_two_viewers_seen_together_are_noticed(furnished: Furnished) -> None:
    assert viewer_edits.together_s(furnished.store, furnished.many, 1, 2) > 30
    with pytest.raises(SettingsError, match="same viewer"):
        viewer_edits.merge(furnished.store, furnished.many, 1, 1)


def test_a_wrong_time_is_refused_in_words(furnished: Furnished) -> None:
    for start, end in (("soon", ""), ("0:10", "0:05"), ("-3", "")):
        with pytest.raises(SettingsError, match=r"not a time|not after"):
            viewer_edits.leave_out(furnished.store, furnished.one, 1, start, end)


def test_a_split_on_the_page_changes_every_number_and_undo_brings_them_back(
    furnished_home: Furnished,
) -> None:
    store, session = furnished_home.store, furnished_home.many
    app = open_page("session", id=session)
    before, seconds = [one.value for one in app.metric], store.timeline.seconds(session)
    app.segmented_control(key="viewers-kind").set_value("Split").run()
    app.selectbox(key="split-who").set_value(2)
    (moment,) = [one for one in app.text_input if one.label == "From"]
    moment.set_value("0:12.4")
    (button,) = [one for one in app.button if one.label == "From here it is someone else"]
    button.click().run()
    assert not app.exception
    assert not app.error
    shown = {one.number: one for one in viewer_edits.viewers(store, session)}
    assert list(shown) == [1, 2, 3, 4, 5, 6, 7]
    assert shown[2].to_ms < 12_400 <= shown[7].from_ms
    row = store.sessions.get(session)
    numbers = {one.label: one.value for one in app.metric}
    means = store.timeline.seconds(session).groupby("second")["engagement"].mean()
    assert row.engagement == pytest.approx(means.mean())
    assert numbers["Mean engagement"] == str(round(means.mean()))
    for page in (app, open_page("replay", session=session)):
        assert any("7 viewers" in one.proto.body for one in page.get("html"))
    (edit,) = viewer_edits.edits(store, session)
    assert said(edit) == "Viewer 2 is viewer 7 from 0:12 on"

    app.button(key=f"undo-{edit.edit_id}").click().run()
    assert [one.value for one in app.metric] == before
    assert store.timeline.seconds(session).equals(seconds)
