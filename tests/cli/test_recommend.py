"""`rapt recommend`: a list for a word, a photograph and a session; what is refused, and how."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Rapt = Callable[..., tuple[int, Any, str]]


def test_a_word_brings_titles_of_the_media_asked_for(rapt: Rapt) -> None:
    code, found, _ = rapt(
        "recommend", "--look", "calm", "--policy", "lift", "--medium", "book", "--medium", "song",
        "--each", "2",
    )  # fmt: skip
    assert code == 0
    assert found["look"]["words"] == "calm"
    assert [one["medium"] for one in found["items"]] == ["book", "book", "song", "song"]
    assert all("calm look" in one["reason"] for one in found["items"])
    assert set(found["items"][0]) == {
        "item_id", "medium", "title", "creator", "year", "sentence", "reason", "basis", "measured"
    }  # fmt: skip
    assert (found["taken_over"], found["answers"]) == (0, 0)


def test_a_session_brings_a_list_for_its_audience(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    name = rapt("sessions", "list", "--limit", "1")[1][0]["name"]
    code, found, _ = rapt("recommend", name, "--each", "1")
    assert code == 0, found
    assert len(found["items"]) == 4
    assert abs(sum(one["share"] for one in found["look"]["mix"].values()) - 1) < 1e-6
    assert found["look"]["n"] >= 20
    code, found, _ = rapt("recommend", name, "--viewer", "99")
    assert (code, found["readable"]) == (0, False)
    assert "viewer 99 has no second" in found["why"]


def test_a_picture_without_a_face_is_asked_about(rapt: Rapt, tmp_path: Path) -> None:
    grey = np.full((120, 160, 3), 120, np.uint8)
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    code, found, _ = rapt("recommend", tmp_path / "grey.png", "--detector", "haar")
    assert code == 0, found
    assert found["readable"] is False
    assert found["items"] == []
    assert "no face was found" in found["why"]
    assert "bright, calm, tense or low-spirited?" in found["question"]


def test_wrong_calls_say_what_to_do(rapt: Rapt, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    for args, said in (
        ((), "Give a photograph or a session, or --look."),
        (("--look", "sad"), "'sad' is no look."),
        (("--look", "calm", "--policy", "cheer"), "'cheer' is no policy."),
        (("--look", "calm", "--medium", "opera"), "'opera' is no medium."),
        (("nobody",), "There is no session 'nobody'."),
        ((tmp_path / "text.jpg",), "This is no picture that can be read."),
        ((tmp_path / "none.jpg",), "cannot be read (No such file or directory)."),
    ):
        code, found, _ = rapt("recommend", *args)
        assert code == 1
        assert said in found["error"]


def test_a_companys_own_items_are_added_and_recommended(rapt: Rapt, tmp_path: Path) -> None:
    head = "medium,title,valence,energy,warmth,tension"
    (tmp_path / "own.csv").write_text(f"{head}\ncreative,Our spot,0,0.1,0.5,0\nfilm,X,3,0,0,0\n")
    code, found, _ = rapt("recommend", "--add", tmp_path / "own.csv")
    assert code == 0
    assert (found["added"], found["refused"]) == (1, 1)
    assert found["problems"] == ["Line 3: The valence is 3; it must lie between -1 and 1."]
    items = rapt("recommend", "--look", "calm", "--medium", "creative")[1]["items"]
    assert [one["title"] for one in items] == ["Our spot"]


def test_creatives_of_a_study_are_ranked_for_an_audience(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    code, found, _ = rapt("recommend", "--creatives")
    assert code == 0, found
    assert (found["by"], found["segment"], found["simulated"]) == ("condition", "everybody", True)
    assert [one["name"] for one in found["ranked"]] == ["B", "A"]
    first = found["ranked"][0]
    assert set(first) == {"name", "n", "mean", "expected", "low", "high", "best"}
    assert first["low"] < first["expected"] < first["high"]
    assert first["n"] == 24
    assert sum(one["best"] for one in found["ranked"]) == 1
    code, found, _ = rapt("recommend", "--creatives", "--minimum", "40", "--measure", "valence")
    assert (found["ranked"], len(found["left_out"])) == ([], 2)
    for args, said in (
        (("--segment", "women"), "is in 'women'"),
        (("--study", "none"), "There is no study 'none'."),
        (("--by", "colour"), "'colour' is no kind of creative."),
        (("--look", "calm"), "--creatives takes no face and no look."),
    ):
        code, found, _ = rapt("recommend", "--creatives", *args)
        assert code == 1
        assert said in found["error"]
