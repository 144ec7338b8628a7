"""The server ends when the process that started it is gone."""

from __future__ import annotations

import os
import threading

import pytest

from dashboard.shared.web.parent import PIPE_VARIABLE, follow_parent


def test_the_end_of_the_pipe_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    ended = threading.Event()
    monkeypatch.setenv(PIPE_VARIABLE, str(ours))
    thread = follow_parent(ended.set)
    assert thread is not None
    os.write(theirs, b"still here")
    assert not ended.is_set()
    os.close(theirs)  # as the kernel does when the parent is killed
    thread.join(timeout=10)
    assert ended.is_set()
    os.close(ours)


def test_without_a_pipe_nobody_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PIPE_VARIABLE, raising=False)
    assert follow_parent(lambda: None) is None
