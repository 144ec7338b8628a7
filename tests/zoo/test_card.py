"""The card: what it promises, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.home import Home
from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.model_store import (
    DEFAULT,
    StoredModel,
    find_model,
    go_back,
    in_use,
    list_cards,
    previous_model,
    use_history,
    use_model,
)
from tests.cards import a_card, on_disk


def test_a_card_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    stored = on_disk(tmp_path)
    assert Card.read(tmp_path / "small.json") == stored.card


def test_the_labels_of_an_output_stand_after_those_of_the_outputs_before_it() -> None:
    card = a_card()
    assert card.part("fer2013") == slice(0, 7)
    assert card.part("ferplus") == slice(7, 10)
    with pytest.raises(ModelError, match="fer2013, ferplus"):
        card.part("valence")


def test_a_card_that_serves_an_output_it_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no output"):
        replace(a_card(), serves="arousal")


def test_shares_are_for_all_that_serve_and_log_priors_for_the_seven() -> None:
    with pytest.raises(ValueError, match="gives shares to six"):
        replace(a_card(), shares={"six": 1.0})
    with pytest.raises(ValueError, match="log prior for 'contempt'"):
        replace(a_card(), log_prior={"contempt": 0.5})


def test_a_card_of_version_0_1_gives_its_log_prior_by_its_old_name() -> None:
    value = asdict(replace(a_card(), log_prior={"disgust": 0.5}))
    value["lift"] = value.pop("log_prior")
    assert Card.from_dict(value).log_prior == {"disgust": 0.5}


def test_a_card_says_how_it_serves_and_what_it_began_from() -> None:
    card = a_card()
    assert card.how_it_serves() == "ferplus (100 %)"
    assert card.runs == ({},)
    card = replace(
        card,
        also_serves=("fer2013",),
        shares={"ferplus": 0.75, "fer2013": 0.25},
        mirror=True,
        log_prior={"disgust": 1.0986, "happy": 0.0},
        training={"epochs": 3, "before": {"epochs": 2, "before": {"epochs": 1}}},
    )
    assert card.how_it_serves() == (
        "ferplus (75 %) and fer2013 (25 %), of the face and its mirror image; "
        "lifted for being rare: disgust x3.0"
    )
    assert [run["epochs"] for run in card.runs] == [1, 2, 3]


def test_a_label_can_only_stand_for_one_of_the_seven() -> None:
    with pytest.raises(ValueError, match="bored"):
        replace(a_card(), to_seven={"ferplus": {"neutral": "bored"}})


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "x"}', '{"name": 3, "crop": []}'])
def test_a_damaged_card_is_named_and_nothing_else_happens(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ModelError, match=r"bad\.json"):
        Card.read(tmp_path / "bad.json")


def test_a_file_whose_bytes_changed_is_not_loaded(tmp_path: Path) -> None:
    stored = on_disk(tmp_path)
    assert stored.content("litert") == b"weights of small"
    stored.file("litert").write_bytes(b"weights of an attacker")
    with pytest.raises(ModelError, match="SHA-256"):
        stored.content("litert")


def test_a_card_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    stored = on_disk(tmp_path / "models")
    outside = tmp_path / "outside.tflite"
    outside.write_bytes(b"x")
    entry = replace(ModelFile.of(outside), name="../outside.tflite")
    card = replace(stored.card, files={"litert": entry})
    with pytest.raises(ModelError, match="outside its folder"):
        StoredModel(card, tmp_path / "models").content("litert")


def test_a_name_that_is_a_path_finds_nothing(home: Home) -> None:
    on_disk(home.root, "secret")
    with pytest.raises(ModelError, match="no model"):
        find_model("../secret", home)


def test_a_model_of_the_home_comes_before_one_that_ships(home: Home) -> None:
    on_disk(home.models, DEFAULT)
    assert find_model(None, home).folder == home.models
    assert [card.about for card in list_cards(home) if card.name == DEFAULT] == ["for tests"]


def test_the_model_in_use_can_be_chosen_and_must_exist(home: Home) -> None:
    assert in_use(home) == DEFAULT
    with pytest.raises(ModelError, match="no model 'small'"):
        use_model("small", home)
    on_disk(home.models)
    use_model("small", home)
    assert find_model(None, home).card.name == "small"
    assert "small" in [card.name for card in list_cards(home)]


def test_going_back_returns_step_by_step_and_the_history_stays(home: Home) -> None:
    assert previous_model(home) is None
    with pytest.raises(ModelError, match="none to go back to"):
        go_back(home)
    for name in ("one", "two"):
        on_disk(home.models, name)
        use_model(name, home)
    use_model("two", home)  # once more changes nothing
    assert previous_model(home) == "one"
    assert go_back(home).name == in_use(home) == "one"
    assert go_back(home).name == in_use(home) == DEFAULT
    assert previous_model(home) is None
    use_model("two", home)
    assert [(one.name, one.back) for one in use_history(home)] == [
        (DEFAULT, False), ("one", False), ("two", False), ("one", True), (DEFAULT, True),
        ("two", False),
    ]  # fmt: skip
    assert all(one.at for one in use_history(home)[1:])


def test_a_model_that_was_deleted_is_not_gone_back_to(home: Home) -> None:
    for name in ("one", "two"):
        on_disk(home.models, name)
        use_model(name, home)
    (home.models / "one.json").unlink()
    assert previous_model(home) == DEFAULT


def test_the_shipped_cards_hold_their_files_and_say_what_they_are_not_for() -> None:
    for card in list_cards():
        stored = find_model(card.name)
        for kind in card.files:
            assert stored.file(kind).stat().st_size < 5_000_000
        assert card.default in card.files
        assert card.not_for
        assert json.loads((stored.folder / f"{card.name}.json").read_text())["licence"]
