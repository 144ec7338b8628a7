"""What people and other programs can hand over, and what must not come of it."""

from __future__ import annotations

import errno
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.lab.data import data as data_sets
from dashboard.lab.label.data import _parts
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.web.upload.limits import DEFAULT_LIMIT, upload_limit
from fer_core.cli.main import main
from fer_core.errors import DataError, SettingsError, StoreError
from fer_core.evaluation.review import data_set_place
from fer_core.home import Home
from fer_core.keeping.backup import known_places
from fer_core.problems import problems
from fer_core.reports.formats.rows import no_formulas
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import RenameSession
from fer_core.storage.settings import SetSetting
from fer_core.storage.timeline import export
from fer_core.storage.timeline.kept_faces import faces_folder, read_kept
from fer_core.storage.timeline.shards import read_shard
from fer_core.text import no_formula, whole_number
from tests.attacks import attack
from tests.attacks.kinds import read_all_settings
from tests.storage.rows import record


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_csv_carries_no_formula(text: str) -> None:
    assert no_formula(text) == f"'{text}"
    table = pd.DataFrame({text: [text, None, "fine"], "number": [-1.5, 2.0, 3.0]})
    lines = no_formulas(table).to_csv(index=False, lineterminator="|")
    assert f"|{text}" not in lines
    assert not lines.startswith(text)
    assert "-1.5" in lines, "numbers stay numbers"
    timeline = pa.table({"why_not": [text, None], "yaw": [-1.0, 2.0]})
    assert export._no_formulas(timeline)["why_not"].to_pylist() == [f"'{text}", None]


@pytest.mark.parametrize(
    "text", ["http://evil.example/x", "HTTPS://evil.example", "www.evil.example", "a@evil.example"]
)
def test_an_address_in_a_name_is_no_link(text: str) -> None:
    shown = escape_markdown(text).replace("\\", "")
    assert "://" not in shown
    assert "www." not in shown.lower()
    assert "@e" not in shown
    assert shown.replace("\u2060", "") == text, "what is seen is what was typed"


@pytest.mark.parametrize("text", ["²", "٣", "1" * 5000, "-1", "", "1.5", "0x1"])
def test_digits_that_are_no_number_are_refused(text: str) -> None:
    assert whole_number(text) is None
    with pytest.raises(DataError):
        data_set_place(f"test/{text}")
    with pytest.raises(SettingsError):
        _parts(f"s1/{text}/1")


@pytest.mark.parametrize("value", ["many", [1], {"a": 1}, True, 1.5])
def test_a_setting_of_another_type_is_its_default(home: Home, value: object) -> None:
    with open_store(home, look_after=False) as store:
        for name in ("upload.max_bytes", "lab.data_sets", "backup.places", "respond.recipient"):
            store.run(SetSetting(name=name, value=value))
        assert upload_limit(store) == DEFAULT_LIMIT
        assert data_sets.known(store) == []
        assert known_places(store) == [home.backups]
        read_all_settings(store)


def test_half_a_character_in_a_name_is_a_sentence(home: Home) -> None:
    with open_store(home, look_after=False) as store, open_store(home) as client:
        record(home, "s1", 5)
        store.sync()
        for side in (store, client):
            with pytest.raises(StoreError, match="half a character"):
                side.run(RenameSession(session_id="s1", name="\ud800"))


def test_one_damaged_card_hides_that_model_alone(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.models.mkdir(parents=True)
    for name, text in {
        "half": "{", "list": "[]", "deep": "[" * 100_000, "empty": "{}", "crop": '{"crop": 5}',
    }.items():  # fmt: skip
        (home.models / f"{name}.json").write_text(text)
    (home.models / "in-use.json").write_text('{"name": 5, "history": [1]}')
    assert main(["models", "list", "--json", "--home", str(home.root)]) == 0
    assert "rapt-1" in json.dumps(json.loads(capsys.readouterr().out))
    named = {one.path for one in problems(home)}
    assert {f"models/{name}.json" for name in ("half", "list", "deep", "empty", "crop")} <= named


def npz(path: Path, **arrays: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def faces(n: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "first": np.int32(0),
        "frame": np.arange(n, dtype=np.int32),
        "t_ms": np.arange(n, dtype=np.int32),
        "viewer": np.zeros(n, np.int32),
        "crops": np.zeros((n, 48, 48), np.uint8),
        "probabilities": np.full((n, 7), 1 / 7, np.float32),
    } | changes


def test_damaged_kept_faces_are_told(home: Home) -> None:
    path = faces_folder(home, "s1") / "000001.npz"
    npz(path, **faces())
    assert len(read_kept(home, "s1")) == 1
    whole = path.read_bytes()
    wrong: list[dict[str, Any]] = [
        {"crops": np.zeros((9, 48, 48), np.uint8)}, {"crops": np.zeros(2, np.uint8)},
        {"probabilities": np.zeros((2, 3), np.float32)}, {"frame": np.zeros((2, 2), np.int32)},
        {"first": np.zeros(3)}, {"viewer": np.array(["a", "b"])},
    ]  # fmt: skip
    for change in wrong[:5]:
        npz(path, **faces(**change))
        with pytest.raises(StoreError, match="damaged"):
            read_kept(home, "s1")
    for at in range(0, len(whole), 37):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_kept(home, "s1")
        except StoreError:
            continue


@pytest.mark.parametrize(
    "metadata",
    [
        {b"rapt.frames": b"[" * 100_000},
        {b"rapt.frames": b"[[0, 0, null]]"},
        {b"rapt.frames": b"[[0, 0, 1e999]]"},
        {b"rapt.frames": b'{"a": 1}'},
        {b"rapt.frames": b"[[0,0,1]]", b"rapt.state": b"[1]"},
        {b"rapt.frames": b"[[0,0,1]]", b"rapt.state": b"[" * 100_000},
        {},
    ],
)
def test_a_shards_metadata_that_is_none_is_told(
    tmp_path: Path, metadata: dict[bytes, bytes]
) -> None:
    path = tmp_path / "000001.parquet"
    table = pa.table({"session_id": ["s1"], "frame": pa.array([0], pa.int32())})
    pq.write_table(table.replace_schema_metadata(metadata), path)
    with pytest.raises(StoreError, match="damaged"):
        read_shard(path, "s1")


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(8):
            out.writestr(f"happy/{number}.png", bytes(20_000_000))
    with pytest.raises(DataError, match="times its size"):
        data_sets.unpack(archive, tmp_path / "out")
    assert sum(one.stat().st_size for one in tmp_path.rglob("*.png")) <= 100_000_000


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(3):
            out.writestr(f"happy/{number}.png", os.urandom(300))
    whole, archive = held.getvalue(), tmp_path / "a.zip"
    for at in range(0, len(whole), 23):
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            data_sets.unpack(archive, tmp_path / f"out{at}")
        except DataError:
            continue


def test_a_full_disk_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("fer_core.zoo.stored_models", full)
    monkeypatch.setattr("fer_core.zoo.model_store.stored_models", full)
    monkeypatch.setattr("fer_core.cli.lab.models.stored_models", full, raising=False)
    assert main(["models", "list", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "The disk is full." in said
    assert "Unexpected" not in said


def test_a_query_through_the_socket_makes_nothing_large_out_of_nothing(home: Home) -> None:
    with open_store(home, look_after=False) as store, open_store(home) as client:
        assert client.arrow("SELECT 1 AS one")["one"].to_pylist() == [1]
        for sql in ("SELECT repeat('x', 2000000000)", "SELECT RPAD ('x', 2000000000, 'y')"):
            with pytest.raises(StoreError, match="may not be asked"):
                client.arrow(sql)
        assert isinstance(store, Store)


def test_a_pipe_is_refused_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "films").mkdir()
    os.mkfifo(tmp_path / "films" / "pipe.mp4")
    for path in (tmp_path / "films" / "pipe.mp4", tmp_path / "films"):
        assert main(["analyze", str(path), "--home", str(tmp_path / "home")]) == 1
        assert capsys.readouterr().err.startswith("rapt: ")


def test_files_damaged_by_chance_are_sentences(tmp_path: Path) -> None:
    """The short form of ``make attack``; its seeds that ever failed belong here."""
    attack(tmp_path, 90, seed=20261126)
