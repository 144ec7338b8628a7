"""A page without a server: a folder that any web server gives out, and that works offline then."""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from fer_core.errors import SettingsError
from fer_core.files import sha256_of
from fer_core.home import Home
from fer_core.web.folder import HINT, SCRIPTS, web_folder
from fer_core.zoo.model_store import find_model


def export_page(home: Home, target: Path, model: str | None = None) -> list[str]:
    """Write the folder; the names of its files. SettingsError where the runtime is missing."""
    folder = web_folder(home)
    if folder is None:
        raise SettingsError("What reads faces in a browser is not installed.", HINT)
    stored = find_model(model, home)
    target.mkdir(parents=True, exist_ok=True)
    table = folder.table(stored)
    with as_file(files("fer_core.web") / "page") as page, as_file(SCRIPTS) as scripts:
        for source in (*page.iterdir(), *scripts.glob("*.js")):
            shutil.copyfile(source, target / source.name)
    for name in folder.sums:
        if not name.endswith(".gz"):
            shutil.copyfile(folder.path / name, target / name)
    content = stored.content(stored.card.default)
    (target / table["files"]["model"]["name"]).write_bytes(content)
    (target / "table.json").write_text(json.dumps(table), "utf-8")
    names = sorted(one.name for one in target.iterdir() if one.is_file() and one.name != "sw.js")
    worker = (target / "sw.js").read_text("utf-8")
    stamp = sha256_of("".join(sha256_of((target / n).read_bytes()) for n in names).encode())[:16]
    listed = ", ".join(json.dumps(name) for name in names)
    worker = worker.replace('"{{files}}"', listed).replace("{{stamp}}", f"rapt-{stamp}")
    (target / "sw.js").write_text(worker, "utf-8")
    return [*names, "sw.js"]
