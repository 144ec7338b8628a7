"""Label faces by keyboard, train from the page, promote and go back: in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

from fer_core.storage import open_store
from tests.e2e.conftest import LONG_MS, Server
from tests.e2e.films import long_film
from tests.long import only_long
from tests.storage.kept import seen, write
from tests.storage.rows import record
from tests.training.sets import some_faces, write_csv
from tests.waiting import eventually

EPOCHS = 40
#: Presses 2 and says whether another face is shown before anything else happens.
NEXT_FACE = """() => {
  const roots = [...document.querySelectorAll('*')].map((one) => one.shadowRoot ?? one);
  const root = roots.find((one) => one.querySelector('.labelling'));
  const image = root.querySelector('.face img'), before = image.src;
  const press = { key: '2', bubbles: true, composed: true };
  document.body.dispatchEvent(new KeyboardEvent('keydown', press));
  return image.src !== before;
}"""


@pytest.fixture(scope="module")
def kept(server: Server) -> str:
    """A session with twelve kept faces of one viewer, a second each, less certain one by one."""
    record(server.home, "skept", frames=300, name="Kept faces")
    faces = [seen(25 * n, 0.9 - 0.05 * n) for n in range(12)]
    write(server.home, faces, session_id="skept")
    return "skept"


def labels(server: Server) -> list[tuple[int, str]]:
    """(frame, what was said) of every label that stands, in order."""
    with open_store(server.home) as store:
        return [(label.frame or 0, label.said) for label in store.labels.list()]


@only_long  # half a minute; keys and undo are tested without a browser
def test_faces_are_labelled_by_one_key_each_with_undo(
    page: Page, server: Server, kept: str
) -> None:
    page.goto("/label?labeller=ann")
    count = page.locator(".count")
    expect(count).to_have_text("0 labelled here, 12 to go", timeout=LONG_MS)
    picture = page.locator(".face img")
    first = picture.get_attribute("src")
    expect(page.locator(".say .p").first).to_be_hidden()  # the guess would sway
    expect(page.locator(".where").first).to_contain_text("Kept faces · viewer 0 · 0:11")

    page.keyboard.press("4")
    expect(count).to_have_text("1 labelled here, 11 to go")
    expect(page.locator(".last")).to_have_text(re.compile("You said sad; the model said happy"))
    assert picture.get_attribute("src") != first
    page.keyboard.press("u")
    expect(count).to_have_text("0 labelled here, 12 to go")
    assert picture.get_attribute("src") == first
    for key in "41xs":  # as fast as fingers are
        page.keyboard.press(key)
    expect(count).to_have_text("3 labelled here, 8 to go")
    page.keyboard.press("Control+z")
    expect(count).to_have_text("3 labelled here, 9 to go")
    expected = [(275, "sad"), (250, "happy"), (225, "not_a_face")]
    eventually(lambda: labels(server) == expected)

    # a key's answer is the next face, at once; typing a name labels nothing
    assert page.evaluate(NEXT_FACE), "the next face waited for something"
    # what was skipped is kept, too, until its undo arrives
    eventually(lambda: [said == "skip" for _, said in labels(server)] == [False] * 4)
    said = count.inner_text()
    page.get_by_label("Your name", exact=True).press_sequentially("1234")
    expect(count).to_have_text(said)  # a key that labels is counted at once
    assert len(labels(server)) == 4

    # the page has it after a reload, and says what is held out
    page.goto("/label?labeller=ann")
    expect(count).to_have_text("0 labelled here, 8 to go", timeout=LONG_MS)
    expect(page.get_by_text("3 faces labelled so far")).to_be_visible()
    expect(page.get_by_text("of them are held out")).to_be_visible()
    page.goto("/label?labeller=bob")
    expect(count).to_have_text("0 labelled here, 12 to go", timeout=LONG_MS)
    for key in "41":
        page.keyboard.press(key)
    expect(page.get_by_text("Same label")).to_be_visible()


def points(page: Page) -> int:
    """Epochs in the curve of accuracy."""
    return int(
        page.evaluate(
            "document.querySelector('.js-plotly-plot')?.data?.[0]?.x?.length"
            " ?? document.querySelector('.js-plotly-plot')?._fullData?.[0]?._length ?? 0"
        )
    )


def in_use(server: Server) -> str:
    listed = server.rapt("models", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    return str(next(one["name"] for one in json.loads(listed.stdout) if one["in_use"]))


@only_long  # two minutes; its parts are tested without a browser
def test_a_model_is_trained_watched_stopped_resumed_promoted_used_and_taken_back(
    page: Page, server: Server, tmp_path: Path
) -> None:
    film = long_film(tmp_path / "portrait.mp4", 30)
    made = server.rapt("analyze", str(film), "--fps", "5", "--json")
    assert made.returncode == 0, made.stderr

    # a data set is dropped; its broken row is named by its line
    data = write_csv(
        tmp_path / "small faces.csv",
        (some_faces(560), "Training"),
        (some_faces(70, seed=1), "PublicTest"),
    )
    data.write_text(data.read_text() + "3,1 2 x,Training\n")
    page.goto("/data")
    page.get_by_text("Drop a data set here").wait_for()
    page.locator("input[type=file]").set_input_files([data])
    page.get_by_role("button", name="1 broken row left out").click(timeout=LONG_MS)
    expect(page.get_by_text("line 632")).to_be_visible()
    expect(page.get_by_text("630 faces, spread evenly")).to_be_visible()

    page.goto("/train")
    page.get_by_role("combobox", name="What to train").click()
    page.get_by_role("option", name=re.compile("^tiny, from scratch")).click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    expect(epochs).to_have_value("3")
    epochs.fill(str(EPOCHS))
    epochs.press("Enter")
    page.get_by_role("combobox", name="Faces in a batch").click()
    page.get_by_role("option", name="8", exact=True).click()
    own = page.get_by_role("button", name=re.compile("^Own labels"))
    if labels(server):
        own.click()  # noise has nothing in common with faces
    expect(page.get_by_role("spinbutton", name=re.compile("^Weight of"))).to_have_count(0)
    start = page.get_by_role("button", name="Start training")
    expect(start).to_have_count(1)  # while the page is drawn anew an old one may stand beside it
    start.click()

    # it is watched; a refresh and another page change nothing
    after = page.get_by_text(re.compile(r"correct after epoch \d+"))
    expect(after.first).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=LONG_MS)
    before = points(page)
    page.reload()
    expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".rapt-examples figure")).to_have_count(14)
    eventually(lambda: points(page) > before)
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Stop training").click(timeout=LONG_MS)
    said = page.get_by_text(re.compile(r"Stopped; \d+ epochs are kept"))
    expect(said).to_be_visible(timeout=LONG_MS)
    stopped = int(re.findall(r"\d+", said.inner_text())[0])
    assert before < stopped
    eventually(lambda: points(page) == stopped)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile("^tiny-2 is .* points better than rapt-1"))).to_be_visible(
        timeout=LONG_MS
    )
    with open_store(server.home) as store:
        run = store.training_runs.list()[0]
        assert store.training_runs.epochs(run.run_id)["epoch"].tolist() == list(
            range(1, EPOCHS + 1)
        )
    expect(page.get_by_role("region", name="tiny-2 beside rapt-1")).to_contain_text("< 0.001")

    # promoted; the recording is read again with it; back
    assert in_use(server) == "rapt-1"
    page.get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_text("In use: tiny-2")).to_be_visible()
    assert in_use(server) == "tiny-2"
    page.get_by_role("link", name="Sessions").click()
    page.get_by_role("link", name="portrait").click()
    page.get_by_role("button", name="Analyse again").click()
    expect(page.get_by_text("rapt-1 made this session")).to_be_visible()
    page.get_by_role("button", name="Analyse again", exact=True).last.click()
    row = page.locator("[class*=st-key-job-]").filter(has_text="portrait (tiny-2)")
    expect(row.get_by_text("Done")).to_be_visible(timeout=LONG_MS)
    row.get_by_role("link", name="portrait (tiny-2)").click()
    expect(page.locator(".rapt-facts")).to_contain_text("Modeltiny-2")
    expect(page.get_by_role("link", name="portrait, made by rapt-1")).to_be_visible()
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Go back to rapt-1").click()
    expect(page.get_by_text("In use: rapt-1")).to_be_visible()
    assert in_use(server) == "rapt-1"
