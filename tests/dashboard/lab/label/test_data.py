"""Kept faces that wait for a label, and what was said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.lab.label import data as labels
from dashboard.lab.label.data import Judgement
from fer_core.errors import SettingsError, StoreError
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.timeline.kept_faces import chunk_files
from tests.lab import KeepFaces


def test_the_least_certain_faces_of_all_sessions_come_first_and_each_once(
    home: Home, store: Store, keep_faces: KeepFaces
) -> None:
    keep_faces("s1", (0.9, 0.5))
    keep_faces("s2", (0.7, 0.6))
    found = labels.queue(store, home, labeller="ann", limit=3)
    assert [face.item for face in found.faces] == ["s1/25/0", "s2/25/0", "s2/0/0"]
    assert found.left == 4
    assert found.faces[0].guess == "happy"
    assert found.faces[0].picture.startswith("data:image/png;base64,")
    labels.keep(store, Judgement("s1/25/0", "sad", "ann", 1000))
    asked = labels.queue(store, home, labeller="ann", without=frozenset({"s2/25/0"}))
    assert [face.item for face in asked.faces] == ["s2/0/0", "s1/0/0"]
    assert labels.queue(store, home, labeller="bob").left == 4
    assert labels.queue(store, home, labeller="bob", session_id="s2").left == 2


def test_a_label_sent_twice_is_kept_once_and_can_be_taken_back(
    home: Home, store: Store, keep_faces: KeepFaces
) -> None:
    keep_faces("s1", (0.9,))
    asked = Judgement("s1/0/0", "fear", " Ann  B ", 9000, "l0f")
    assert labels.keep(store, asked) == labels.keep(store, asked) == "l0f"
    row = store.labels.list()[0]
    assert (row.labeller, row.emotion, row.held_out) == ("Ann B", "fear", True)
    labels.take_back(store, "l0f")
    assert store.labels.list() == []
    for wrong in (replace(asked, label_id="x", say="bored"), replace(asked, item="../s1")):
        with pytest.raises((StoreError, SettingsError)):
            labels.keep(store, wrong)


def test_progress_counts_faces_and_says_how_far_labellers_agree(
    home: Home, store: Store, keep_faces: KeepFaces
) -> None:
    keep_faces("s1", tuple(0.9 - n / 100 for n in range(12)))
    for n in range(12):
        for who in ("ann", "bob"):
            say = "sad" if n % 2 or (who == "bob" and n == 0) else "happy"
            item = f"s1/{25 * n}/0"
            labels.keep(store, Judgement(item, say, who, 1000 * n))
    now = labels.progress(store, "ann")
    assert (now.mine, now.faces, now.left_out) == (12, 11, {"tie": 1})
    assert now.held_out == 4
    assert now.agreement is not None
    assert now.agreement.kappa == pytest.approx(5 / 6)


def test_a_damaged_file_of_faces_is_said_in_words(
    home: Home, store: Store, keep_faces: KeepFaces
) -> None:
    keep_faces("s1", (0.9,))
    next(iter(chunk_files(home, "s1").values())).write_bytes(b"PK")
    with pytest.raises(StoreError, match="damaged"):
        labels.sources(store, home)


def test_a_dark_face_is_shown_brighter_and_any_other_as_it_is() -> None:
    dark = np.linspace(10, 60, 48 * 48).reshape(48, 48).astype(np.uint8)
    shown = labels.lit(dark)
    assert int(shown.max()) == pytest.approx(200, abs=5)
    assert (np.diff(shown.ravel().astype(int)) >= 0).all()  # no grey level passes another
    bright = np.linspace(40, 180, 48 * 48).reshape(48, 48).astype(np.uint8)
    assert labels.lit(bright) is bright
    flat = np.full((48, 48), 7, np.uint8)
    assert labels.lit(flat).max() < 100  # noise of a black picture is not blown up
