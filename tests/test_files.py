"""Files that are replaced whole, locks that vanish with their process, names, digests."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fer_core import files

HOLD = """
import sys
from pathlib import Path
from fer_core import files
held = files.lock(Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
sys.stdin.read()
"""


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    files.write_json(path, {"größe": 1})
    assert files.read_json(path) == {"größe": 1}
    with pytest.raises(IsADirectoryError), files.replacing(path) as part:
        _write_half(part)
    assert files.read_json(path) == {"größe": 1}
    assert list(path.parent.iterdir()) == [path]


def _write_half(part: Path) -> None:
    part.write_text("half")
    raise IsADirectoryError


def test_a_value_that_is_no_json_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", [1])
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "a.json", {"x": object()})
    assert files.read_json(tmp_path / "a.json") == [1]
    assert files.read_json(tmp_path / "none.json") is None


def test_a_private_file_is_private_before_it_is_written(tmp_path: Path) -> None:
    with files.replacing(tmp_path / "key.pem", mode=0o600) as part:
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        part.write_bytes(b"secret")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_two_threads_that_write_one_file_leave_one_of_the_two(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    several = [
        threading.Thread(target=files.write_json, args=(path, [number] * 1000))
        for number in range(8)
    ]
    for one in several:
        one.start()
    for one in several:
        one.join()
    found = files.read_json(path)
    assert len(found) == 1000
    assert len(set(found)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.1234.json.part").write_text("half")
    (tmp_path / "a.json").write_text("{}")
    files.remove_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_lock_is_seen_by_others_and_vanishes_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    assert not files.is_locked(path)
    assert not path.exists()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert files.is_locked(path)
        assert files.lock(path) is None
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert path.exists()
    assert not files.is_locked(path)


def test_a_lock_taken_in_one_thread_is_let_go_in_another(tmp_path: Path) -> None:
    held = files.lock(tmp_path / "x.lock")
    assert held is not None
    assert files.is_locked(tmp_path / "x.lock")
    other = threading.Thread(target=held.release)
    other.start()
    other.join()
    assert not files.is_locked(tmp_path / "x.lock")


def test_looking_keeps_what_stands_in_the_lock_file(tmp_path: Path) -> None:
    path = tmp_path / "alive.lock"
    handle = files.lock_to_inherit(path)
    assert handle is not None
    os.pwrite(handle, b"123\n", 0)
    assert files.is_locked(path)
    assert files.lock_to_inherit(path) is None
    os.close(handle)
    assert not files.is_locked(path)
    assert path.read_text() == "123\n"


def test_a_child_that_inherits_the_descriptor_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "alive.lock"
    handle = files.lock_to_inherit(path)
    assert handle is not None
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=[handle],
    ) as child:
        os.close(handle)
        assert files.is_locked(path)
        child.kill()
        child.wait()
    assert not files.is_locked(path)


def test_digests_of_bytes_and_of_files_agree(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256_of(b"abc") == files.sha256_of_file(tmp_path / "a") == known


@pytest.mark.parametrize(
    ("name", "kept"),
    [("A/B: ü 1", "A_B_ ü 1"), ("../x", "_x"), ("...", "session"), ("a" * 99, "a" * 80)],
)
def test_any_name_becomes_a_file_name(name: str, kept: str) -> None:
    assert files.safe_name(name) == kept
