"""A home with one analysed film, made once: the real pipeline, the quickest detector."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_core.cli.main import main
from tests.films import portrait_film

QUICK = ("--detector", "haar", "--min-face", "60")


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of one face, gone from frame 20 to 29."""
    return portrait_film(
        tmp_path_factory.mktemp("films") / "portrait.mp4", frames=50, away=range(20, 30)
    )


@pytest.fixture
def rapt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    """Run a command with --json in this test's home: exit code, document, standard error."""

    def call(*args: str | Path) -> tuple[int, Any, str]:
        capsys.readouterr()
        home = ["--home", str(tmp_path / "home")]
        code = main([*map(str, args), *home, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return call
