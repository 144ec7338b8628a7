"""What a person does with the dashboard, in a real browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LONG_MS, Server
from tests.e2e.films import long_film
from tests.long import only_long
from tests.waiting import eventually


@pytest.fixture(scope="module")
def clip(shared: Path) -> Path:
    return shared / "videos" / "single_face.mp4"


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_film(tmp_path_factory.mktemp("long") / "long recording.mp4", 6000)


def drop(page: Page, *files: Path | dict[str, object]) -> None:
    page.get_by_text("Drop recordings here").wait_for()
    page.locator("input[type=file]").set_input_files(list(files))  # type: ignore[arg-type]


def job(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("[class*=st-key-job-]").filter(has_text=name)


def test_a_first_visit_says_what_to_do_and_leads_there(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("Begin with a recording of someone watching")).to_be_visible()
    page.get_by_role("button", name="Add recordings").click()
    expect(page.get_by_role("heading", name="Analyze", exact=True)).to_be_visible()
    expect(page.get_by_text("Drop recordings here")).to_be_visible()


@only_long  # half a minute: first_run has it as jobs
def test_the_sample_appears_on_an_open_page_by_itself(page: Page, server: Server) -> None:
    page.goto("/")
    expect(page.get_by_text("Begin with a recording of someone watching")).to_be_visible()
    made = server.rapt("demo")
    assert made.returncode == 0, made.stderr
    page.get_by_role("link", name="Sample clip").click()
    expect(page.get_by_role("heading", name="Sample clip")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_contain_text("Leading expression by viewer")


@pytest.mark.shared
def test_an_uploaded_recording_becomes_a_session_with_a_timeline(
    page: Page, server: Server, clip: Path
) -> None:
    page.goto("/analyze")
    drop(page, clip)
    row = job(page, "single_face")
    expect(row.get_by_text("Done")).to_be_visible(timeout=LONG_MS)
    row.get_by_role("link", name="single_face").click()
    expect(page.get_by_role("heading", name="single_face")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(page.get_by_text("Mean engagement")).to_be_visible()
    expect(page.locator(".rapt-facts")).to_contain_text("Frames analysed72")
    assert re.search(r"id=s\w+", page.url)

    # exact values on hover, and the same numbers in what is downloaded
    area = page.locator(".js-plotly-plot .nsewdrag").first
    area.hover(position={"x": 200, "y": 100})
    area.hover(position={"x": 240, "y": 110})
    expect(page.locator(".hoverlayer")).to_contain_text("Engagement")

    # a zoom stays when an expression is switched off
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=6)
    page.mouse.up()
    zoomed = "document.querySelector('.js-plotly-plot').layout.xaxis.range.join()"
    # the page's policy forbids Playwright's own way to wait
    eventually(lambda: "T00:00:00," not in page.evaluate(zoomed))
    before = page.evaluate(zoomed)
    page.get_by_role("button", name="fear").click()
    drawn = "[...document.querySelector('.js-plotly-plot').data].some(t => t.name === 'fear')"
    eventually(lambda: not page.evaluate(drawn))
    assert page.evaluate(zoomed) == before

    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = list(csv.reader(Path(kept.value.path()).read_text().splitlines()))
    assert lines[0][:4] == ["session_id", "t_ms", "frame", "viewer"]
    assert len(lines) == 1 + 72


@pytest.mark.shared
def test_the_same_file_dropped_again_is_recognised(
    page: Page, server: Server, clip: Path, tmp_path: Path
) -> None:
    again = tmp_path / "other name.mp4"
    again.write_bytes(clip.read_bytes())
    page.goto("/analyze")
    drop(page, again)
    expect(page.get_by_text("Already here")).to_be_visible()
    kept = {path.name for path in server.home.uploads.rglob("*.mp4")}
    assert "single_face.mp4" in kept
    assert "other name.mp4" not in kept


def test_a_broken_file_is_refused_in_words(page: Page) -> None:
    page.goto("/analyze")
    drop(page, {"name": "broken.mp4", "mimeType": "video/mp4", "buffer": b"no video " * 50})
    row = job(page, "broken")
    expect(row.get_by_text("not a video or picture that can be read")).to_be_visible(
        timeout=LONG_MS
    )
    row.get_by_role("button", name="Dismiss").click()
    expect(row).to_have_count(0)


def test_an_analysis_goes_on_through_a_refresh_and_can_be_cancelled(
    page: Page, longer: Path
) -> None:
    page.goto("/analyze")
    drop(page, longer)
    row = job(page, "long recording")
    expect(row.get_by_text(re.compile(r"\d+ %"))).to_be_visible(timeout=LONG_MS)
    before = share(row)
    page.reload()
    expect(row.get_by_text(re.compile(r"\d+ %"))).to_be_visible(timeout=LONG_MS)
    assert share(row) >= before
    page.get_by_role("link", name="Overview").click()
    expect(job(page, "long recording")).to_be_visible()
    page.get_by_role("link", name="Analyze").click()
    expect(page.get_by_text("Drop recordings here")).to_be_visible()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_have_count(0)
    row.get_by_role("button", name="Cancel").click()
    expect(row.get_by_text("Stopped; what was analysed is kept")).to_be_visible()
    row.get_by_role("button", name="Resume").click()
    expect(row.get_by_role("button", name="Dismiss")).to_have_count(0)
    row.get_by_role("button", name="Cancel").click()
    expect(row.get_by_role("button", name="Resume")).to_be_visible()


def share(row) -> int:  # type: ignore[no-untyped-def]
    """How far it is, in percent; waits while the row is drawn anew."""
    return int(row.get_by_text(re.compile(r"\d+ %")).inner_text().split(" %")[0])


@pytest.mark.shared
@only_long
def test_a_session_of_the_command_line_appears_by_itself(
    page: Page, server: Server, shared: Path
) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    expect(page.get_by_text("face_noface")).to_have_count(0)
    done = server.rapt(
        "analyze", str(shared / "videos" / "face_noface.mov"), "--fps", "5", "--json"
    )
    assert done.returncode == 0, done.stderr
    expect(page.get_by_role("link", name="face_noface")).to_be_visible()


@pytest.mark.shared
@only_long
def test_a_deleted_session_is_gone_with_its_upload(page: Page, server: Server, clip: Path) -> None:
    page.goto("/sessions")
    page.get_by_role("link", name="single_face").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("This cannot be undone")).to_be_visible()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete session").click()
    expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="single_face")).to_have_count(0)
    assert not list(server.home.uploads.rglob(clip.name))
