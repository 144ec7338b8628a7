"""The wheel, installed into an environment of its own in another folder, does what a clone does."""

from __future__ import annotations

import json
import os
import signal
import site
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.web.packed import pack
from tests.dashboard.camera.respondents.numbers import install_nothing
from tests.long import only_long
from tests.networks import with_networks
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> str:
    """Run a command without this tree on the path; its output, or a failure that shows it."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RAPT"))}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=outside, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    if Path(command[0]).name == "rapt":  # DuckDB tells of leaks where a thread outlives it
        assert "leaked" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git tracks and would track, so that no leftover can hide a missing file."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((PROJECT / name).read_bytes())
    maker = Home(source / "maker")
    install_nothing(maker)
    pack(maker, source / "fer_core/web/built")
    _run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
        "--wheel-dir", target, source, cwd=target,
    )  # fmt: skip
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def rapt(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command. Dependencies come from this environment, Rapt from the wheel alone.

    A path in a ``.pth`` file is searched, but ``.pth`` files there are not read: an editable
    install of this tree stays out of sight.
    """
    folder = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "dependencies.pth").write_text(site.getsitepackages()[0] + "\n")
    _run(
        sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet",
        "--no-deps", "--no-index", wheel, cwd=folder,
    )  # fmt: skip
    return folder / "bin" / "rapt"


def test_it_holds_pages_theme_models_and_what_pages_draw_with(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder, endings in (
        ("pages", (".py",)),
        ("dashboard", (".py", ".js", ".css", ".html", ".svg", ".toml")),
        ("fer_core", (".py", ".sql", ".css", ".typ", ".csv")),
    ):
        there = {p for p in (PROJECT / folder).rglob("*") if p.suffix in endings}
        missing = {str(p.relative_to(PROJECT)) for p in there} - set(names)
        assert not missing
    shipped = {p.name for p in (PROJECT / "models").iterdir() if p.suffix != ".md"}
    assert shipped <= {Path(name).name for name in names if "share/rapt/models" in name}


def test_it_carries_the_runtime_for_browsers_and_uses_it(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    found = _run(
        sys.executable, "-c",
        "import sys; sys.path.insert(0, '.'); from pathlib import Path;"
        "from fer_core.home import Home; from fer_core.web.folder import web_folder;"
        "found = web_folder(Home(Path('nowhere'))); print(found.runtime, found.path)",
        cwd=tmp_path,
    )  # fmt: skip
    assert found.split() == ["litert.js", "0", str(tmp_path / "fer_core/web/built")]


@only_long
def test_it_analyses_a_recording_and_plants_the_demo(
    rapt: Path, tmp_path: Path, face_networks: Path, sample: Path
) -> None:
    with_networks(Home(tmp_path / "here"), face_networks)
    _run(rapt, "--home", "here", "analyze", sample, "--fps", "5", cwd=tmp_path)
    _run(rapt, "--home", "here", "demo", "--study", cwd=tmp_path)
    listed = json.loads(_run(rapt, "--home", "here", "--json", "sessions", "list", cwd=tmp_path))
    assert "sample" in {row["name"] for row in listed}
    assert len(listed) > 1


@only_long
def test_it_serves_its_pages_with_its_theme(rapt: Path, tmp_path: Path) -> None:
    server = subprocess.Popen(
        [rapt, "--home", "here", "--json", "serve", "--port", str(free_port())],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RAPT"))},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["open"]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=30) as answer:
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=30)
    assert server.returncode == 0, log
    page = (
        "from streamlit import config; from streamlit.testing.v1 import AppTest; import dashboard;"
        "from pathlib import Path; app = Path(dashboard.__file__).parent / 'app.py';"
        "config._main_script_path = str(app); config.get_config_options(force_reparse=True);"
        "said = [config.get_option(n) for n in ('theme.baseFontSize', 'server.fileWatcherType')];"
        "print(*said, dashboard.__file__);"
        "run = AppTest.from_file(str(app), default_timeout=30).run();"
        "print([t.value for t in run.title], list(run.exception))"
    )
    said = _run(rapt.with_name("python"), "-c", page, cwd=tmp_path).splitlines()
    packages = next(rapt.parents[1].glob("lib/python*/site-packages"))
    assert said[0] == f"15 none {packages}/dashboard/__init__.py"
    assert said[-1].endswith("[]"), said
    assert said[-1] != "[] []", "a page with a title"
