"""Pictures of Models, Mistakes and Inside: two models that were evaluated on made faces."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
from playwright.sync_api import Page
from skimage.data import astronaut

from fer_core.home import Home
from fer_core.jobs.evaluation import run_job
from tests.jobs.progress import Progress
from tests.lab import plant_model
from tests.training.sets import some_faces, write_csv


def furnish_lab(home: Home) -> None:
    plant_model(home, "small")
    plant_model(home, "stranger", seed=5, remembered=False)
    data = write_csv(
        home.root.parent / "made faces.csv",
        (some_faces(140), "Training"),
        (some_faces(210, seed=1), "PublicTest"),
    )
    for model in ("small", "rapt-1"):
        run_job(home, {"model": model, "data": str(data)}, Progress())


def at(path: str, wait: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        page.get_by_text(wait).first.wait_for(timeout=120_000)

    return go


def photograph(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "astronaut.jpg"
        cv2.imwrite(str(picture), cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR))
        page.goto("/inside")
        page.locator("input[type=file]").first.set_input_files(picture)
        page.get_by_text("After stage 3").first.wait_for(timeout=120_000)


def evaluate_form(page: Page) -> None:
    at("/model?id=rapt-1", "most frequent mistake")(page)
    page.get_by_role("button", name="Evaluate on…").click()
    page.get_by_text("drop a data set here").first.wait_for()


LAB: dict[str, Callable[[Page], None]] = {
    "models": at("/models", "How often each model is right"),
    "models-compare": at("/models?view=Compare", "Side by side"),
    "model": at("/model?id=rapt-1", "most frequent mistake"),
    "model-training": at("/model?id=rapt-1&view=Training", "middle half of its epochs"),
    "model-card": at("/model?id=rapt-1&view=Card", "Not for"),
    "model-evaluate": evaluate_form,
    "model-stranger": at("/model?id=stranger", "inside cannot be shown"),
    "model-missing": at("/model?id=nothing", "not here"),
    "mistakes": at("/mistakes", "training faces most like it"),
    "mistakes-map": at("/mistakes?view=Map", "Draw around some faces to open them"),
    "mistakes-doubtful": at("/mistakes?shown=Likely+wrong+labels", "training faces most like it"),
    "inside": photograph,
    "inside-untrained": at("/inside?network=elu3", "no trained weights"),
}
EMPTY_LAB: dict[str, Callable[[Page], None]] = {
    "empty-models": at("/models", "How often each model is right"),
    "empty-model": at("/model?id=rapt-1", "from the card"),
    "empty-mistakes": at("/mistakes", "Mistakes are seen"),
    "empty-inside": at("/inside", "Drop a photograph"),
}
