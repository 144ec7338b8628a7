"""A model looked into in a real browser: figures, the faces behind them, labels, the inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Locator, Page, expect
from skimage.data import astronaut

from fer_core.home import Home
from fer_core.jobs.evaluation import run_job
from fer_core.storage import Store, open_store
from tests.e2e.conftest import LONG_MS, Server, serve
from tests.jobs.progress import Progress
from tests.lab import plant_model
from tests.long import only_long
from tests.networks import with_networks
from tests.training.sets import some_faces, write_csv
from tests.waiting import eventually


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faces as a person without FER2013 has them: made ones, in Kaggle's layout."""
    return write_csv(
        tmp_path_factory.mktemp("data") / "made.csv",
        (some_faces(70), "Training"),
        (some_faces(105, seed=1), "PublicTest"),
    )


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, face_networks: Path, data: Path, browser: object
) -> Iterator[Server]:
    """The flagship, and a small model that was evaluated here already."""
    folder = tmp_path_factory.mktemp("lab")
    home = with_networks(Home(folder / "home"), face_networks)
    plant_model(home, "small")
    run_job(home, {"model": "small", "data": str(data), "neighbours": False}, Progress())
    running = serve(home, folder / "server.log")
    yield running
    running.stop()


def labels(store: Store) -> list[tuple[str, str]]:
    return [(label.item, label.said) for label in store.labels.list()]


def wrong_cell(page: Page) -> Locator:
    """The largest cell off the diagonal."""
    cells = page.locator(".confusion button.wrong:not([disabled])")
    expect(cells.first).to_be_visible()  # a matrix from the card alone has none
    counts = [int(text.replace(",", "")) for text in cells.all_inner_texts()]
    return cells.nth(counts.index(max(counts)))


@only_long  # two minutes; its parts are tested without a browser
def test_from_the_flagship_to_the_faces_behind_a_cell_and_a_label(
    page: Page, server: Server, data: Path
) -> None:
    page.goto("/models")
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    page.get_by_role("link", name="rapt-1").click()
    # without a data set: what the card knows, and what is needed for more
    expect(page.get_by_text("These figures are from the card")).to_be_visible()
    expect(page.locator(".confusion button").first).to_be_disabled()
    page.get_by_role("radio", name="Card").click()
    expect(page.get_by_text("Not for", exact=True)).to_be_visible()
    page.get_by_role("radio", name="Figures").click()

    # evaluate it on a data set of one's own: a job
    page.get_by_role("button", name="Evaluate on…").click()
    page.get_by_label("Data set", exact=True).click()
    page.get_by_role("option", name=str(data)).click()
    page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.locator(".rapt-name").get_by_text("rapt-1 on made.csv")).to_be_visible()
    # while the page is drawn anew the card's numbers may stand beside them
    figures = page.locator(".lab-numbers").filter(has_text="105")
    expect(figures.first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("These figures are from the card")).to_have_count(0)

    # a cell of the confusion matrix opens its faces
    cell = wrong_cell(page)
    said = re.fullmatch(r"(\w+) read as (\w+): (\d+) faces, .*", cell.get_attribute("title") or "")
    assert said is not None
    truth, guess, count = said[1], said[2], int(said[3])
    cell.click()
    expect(page.get_by_text(f"{count} faces labelled {truth} and read as {guess}")).to_be_visible()
    tiles = page.locator("[role=listbox] [role=option]")
    expect(tiles).to_have_count(count)
    for tile in tiles.all():
        expect(tile.locator("b")).to_have_text(guess)
        expect(tile.locator(".truth")).to_have_text(f"labelled {truth}")

    # by keyboard: label two, take the second back
    tiles.first.click()
    page.keyboard.press("1")
    expect(tiles.first.locator(".said")).to_have_text("happy")
    page.keyboard.press("u")
    expect(tiles.nth(1).locator(".said")).to_have_text("not usable")
    with open_store(server.home) as store:
        eventually(lambda: len(labels(store)) == 2)
        assert [verdict for _, verdict in labels(store)] == ["happy", "unusable"]
        page.keyboard.press("z")
        expect(tiles.nth(1).locator(".said")).to_be_hidden()
        eventually(lambda: len(labels(store)) == 1)
        expect(page.get_by_text("1 face of this data set labelled by you")).to_be_visible()

        # what was said is still there after a reload, and can be taken back then too
        page.reload()
        expect(tiles.first.locator(".said")).to_have_text("happy")
        tiles.first.click()
        page.keyboard.press("z")
        expect(tiles.first.locator(".said")).to_be_hidden()
        eventually(lambda: labels(store) == [])

    # the face that is looked at: where the expression was found, and training faces like it
    expect(page.get_by_text("Where it found the expression")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".lab-cams img")).to_have_count(2)
    expect(page.get_by_text(re.compile("training faces most like it"))).to_be_visible(
        timeout=LONG_MS
    )
    expect(page.locator(".lab-faces li")).to_have_count(8)


@only_long  # of what the test before evaluated
def test_two_models_side_by_side(page: Page, server: Server, data: Path) -> None:
    page.goto("/models?view=Compare")
    expect(page.locator(".rapt-sentence")).to_contain_text(
        re.compile(r"on 105 faces of PublicTest\.")
    )
    expect(page.get_by_text("McNemar's test on the")).to_be_visible()
    expect(page.get_by_text(re.compile(r"They differ on \d+ faces"))).to_be_visible()
    expect(page.locator(".confusion")).to_have_count(2)
    expect(page.locator(".lab-faces li").first).to_be_visible()


@only_long  # a minute; the same without a browser: tests/dashboard/lab/inside
def test_inside_with_a_dropped_photograph_and_never_with_a_dropped_model(
    page: Page, server: Server, tmp_path: Path
) -> None:
    picture = tmp_path / "astronaut.png"
    cv2.imwrite(str(picture), cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR))
    page.goto("/inside")
    page.locator("input[type=file]").first.set_input_files(picture)
    expect(page.locator(".rapt-sentence")).to_contain_text("rapt-1 reads happy")
    expect(page.get_by_alt_text("The crop")).to_be_visible()
    expect(page.get_by_text("After stage 3: 192 maps of 6 × 6")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".lab-cams img")).to_have_count(7)

    # a model file in a picture's clothes is a broken picture, nothing else
    model = tmp_path / "stranger.png"
    model.write_bytes((server.home.models / "small.keras").read_bytes())
    page.reload()
    page.locator("input[type=file]").first.set_input_files(model)
    expect(page.get_by_text("stranger.png is no picture that can be read")).to_be_visible()
    expect(page.get_by_text("Models are never loaded from a page")).to_be_visible()

    # one whose file was swapped is not looked into, and says why
    (server.home.models / "small.keras").write_bytes(b"PK swapped")
    page.goto("/model?id=small")
    expect(page.get_by_text("Its inside cannot be shown")).to_be_visible()
    expect(page.get_by_text("the SHA-256 differs")).to_be_visible()
    page.goto("/inside?network=elu3")
    expect(page.get_by_text("has no trained weights here")).to_be_visible()
