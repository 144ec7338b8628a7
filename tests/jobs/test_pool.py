"""How many workers a machine, or a container on it, has room for."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.jobs import pool
from fer_core.machine import cores
from fer_core.memory import available

MB = 1 << 20


def proc(folder: Path, mb: int) -> Path:
    (folder / "meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable:  {mb * 1024} kB\n")
    return folder


def test_memory_is_what_the_machine_and_its_container_leave(tmp_path: Path) -> None:
    machine = proc(tmp_path, 9000)
    assert available(machine, tmp_path) == 9000 * MB, "no container"
    (tmp_path / "memory.max").write_text("max\n")
    assert available(machine, tmp_path) == 9000 * MB, "one without a limit"
    (tmp_path / "memory.max").write_text(f"{2000 * MB}\n")
    (tmp_path / "memory.current").write_text(f"{1500 * MB}\n")
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {300 * MB}\n")
    assert available(machine, tmp_path) == 800 * MB, "what can be dropped does not count"
    assert available(tmp_path / "none", tmp_path) is None


def test_cores_are_those_that_a_container_may_use(tmp_path: Path) -> None:
    whole = cores(tmp_path)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cores(tmp_path) == whole
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert cores(tmp_path) == 1


@pytest.mark.parametrize(
    ("mb", "workers"), [(None, 8), (32_000, 8), (512 + 3 * 320, 3), (600, 1), (0, 1)]
)
def test_as_many_workers_as_memory_allows_and_always_one(
    monkeypatch: pytest.MonkeyPatch, mb: int | None, workers: int
) -> None:
    monkeypatch.setattr(pool, "cores", lambda: 8)
    monkeypatch.setattr(pool, "available", lambda: None if mb is None else mb * MB)
    assert pool.most_workers() == workers
