"""What people do from a first visit to their answer, in a real browser: steps and time counted.

A person's time is the pages' own and ``STEP_S`` a step; what the computer takes to analyse and
to write a report is counted apart.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import av
from playwright.sync_api import Browser, Locator, Page, expect

from fer_core.video.sample import FPS, sample_clip
from tests.e2e import live_rig
from tests.e2e.conftest import LONG_MS, PATIENCE_MS, Server
from tests.e2e.films import cut_film, faces_with_cuts
from tests.e2e.looks import still
from tests.waiting import eventually

#: What a step takes a person who knows what to do: to find it, and to press or type.
STEP_S: Final = 4.0
#: Viewers of the film of several faces.
SEVERAL: Final = 2
#: Names as agencies give them, longer than what a disk's file system is sure to take.
NAME: Final = (
    "Wave two, agency north, large room on the second floor, after lunch, camera left, 1080p, "
    "colour corrected, second export, R{number:02d}_{condition}.mp4"
)


@dataclass
class Visit:
    """Counts the steps of a person, and the time apart from the computer's own work."""

    page: Page
    begun: float = field(default_factory=time.monotonic)
    steps: int = 0
    computing_s: float = 0.0

    def press(self, name: str, role: str = "button") -> None:
        self.steps += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def type(self, label: str, text: str) -> None:
        self.steps += 1
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def drop(self, *files: Path) -> None:
        self.steps += 1
        self.page.locator("input[type=file]").first.set_input_files(files)

    def wait_for(self, computed: Locator, within_ms: float = LONG_MS) -> None:
        begun = time.monotonic()
        expect(computed).to_be_visible(timeout=within_ms)
        self.computing_s += time.monotonic() - begun

    def report(self) -> None:
        """The report as a PDF, which is written while the person waits."""
        self.steps += 1
        begun = time.monotonic()
        with self.page.expect_download(timeout=LONG_MS) as kept:
            self.page.get_by_role("button", name="Report", exact=True).first.click()
        self.computing_s += time.monotonic() - begun
        assert Path(kept.value.path()).read_bytes().startswith(b"%PDF")

    @property
    def took_s(self) -> float:
        """The person's time."""
        return time.monotonic() - self.begun - self.computing_s + STEP_S * self.steps


def recordings(folder: Path, number: int, seconds: int) -> list[Path]:
    """A folder of recordings, each of its own: cut from the sample clip, which is played again
    from its beginning where one is longer; under two conditions by turns."""
    folder.mkdir(parents=True)
    with av.open(str(sample_clip(folder.parent / "sample.mp4"))) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    frames = frames[: 4 * FPS]  # the viewer faces the camera
    made = []
    for one in range(number):
        made.append(folder / NAME.format(number=one + 1, condition="AB"[one % 2]))
        with av.open(str(made[-1]), "w") as out:
            stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = "yuv420p"
            for at in range(seconds * FPS):
                picture = frames[(at + one) % len(frames)]
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode(None))
    (folder / "notes.txt").write_text("no recording")
    return made


def ad_tester(page: Page, folder: Path, *, number: int = 6, seconds: int = 30) -> Visit:
    """A study of two conditions: its film and recordings dropped, told apart by their names; to
    the study's sentence and the PDF."""
    given = recordings(folder / "recordings", number, seconds)
    film = cut_film(folder / "the film.mp4", ("astronaut", 1), ("coffee", 1))
    page.goto("/")
    page.get_by_text("Begin with a recording").wait_for()
    visit = Visit(page)
    visit.press("Studies", role="link")
    _new_study(visit, "Spring spot", film)
    visit.drop(*given)
    _by_names(visit, number)
    _answer(visit, "Spring spot", number)
    visit.report()
    return visit


def thirty(page: Page, folder: Path, *, number: int = 30, seconds: int = 2) -> Visit:
    """A whole folder at once, of which one recording belongs to another study already; the
    respondents from a CSV file; to the study's sentence."""
    given = recordings(folder / "recordings", number, seconds)
    film = cut_film(folder / "the film.mp4", ("astronaut", 1), ("coffee", 1))
    assert len(given[0].name) > 120
    visit = Visit(page)
    page.goto("/analyze")
    page.get_by_role("combobox", name="Study").fill("Autumn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Condition")).to_be_enabled()
    still(page)  # until the drop zone knows of it too
    visit.drop(given[0])
    visit.wait_for(page.locator("[class*=st-key-job-]").get_by_text("Done"))

    visit = Visit(page)
    page.goto("/studies")
    _new_study(visit, "Summer spot", film)
    visit.steps += 1
    with page.expect_file_chooser() as chooser:
        visit.press("a folder")
    chooser.value.set_files(given[0].parent)
    visit.press("Move to «Summer spot»")
    expect(page.get_by_text("Added to «Summer spot»")).to_be_visible()
    _by_names(visit, number)

    rows = "".join(f'"{one.stem}",Respondent {at + 1}\n' for at, one in enumerate(given))
    page.get_by_text("From a CSV file", exact=True).click()
    page.locator("input[type=file]").set_input_files(
        {
            "name": "people.csv",
            "mimeType": "text/csv",
            "buffer": f"recording,respondent\n{rows}R99,Bob\n".encode(),
        }
    )
    visit.steps += 2
    line = number + 2
    expect(page.get_by_text(f"Line {line}: there is no recording «R99» here.")).to_be_visible()
    visit.press(f"Assign {number} recordings")
    expect(page.get_by_text(f"{number} recordings assigned.")).to_be_visible()
    _answer(visit, "Summer spot", number)
    return visit


def researcher(page: Page, folder: Path) -> Visit:
    """A film of several faces with cuts: dropped, read on its session's page, replayed; one viewer
    chosen, a moment marked."""
    film = faces_with_cuts(folder / "focus group.mp4")
    page.goto("/")
    page.get_by_text("Begin with a recording").wait_for()
    visit = Visit(page)
    visit.press("Analyze", role="link")
    page.get_by_text("Drop recordings here").wait_for()
    visit.drop(film)
    row = page.locator("[class*=st-key-job-]").filter(has_text=film.stem)
    visit.wait_for(row.get_by_text("Done"))
    visit.press(film.stem, role="link")
    expect(page.get_by_role("heading", name=film.stem)).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    visit.press("Replay")
    expect(page.locator(".replay .chart canvas").first).to_be_visible()
    whose = page.locator("select.who")
    eventually(lambda: whose.locator("option").count() > SEVERAL)  # all of them, and each alone
    visit.steps += 1
    whose.select_option(index=SEVERAL)
    visit.press("Play")
    eventually(lambda: not page.locator(".replay .now").inner_text().startswith("0:00.0"))
    visit.steps += 2  # M, and the name
    page.keyboard.press("m")
    page.get_by_label("Name of the new marker").fill("She comes in")
    page.keyboard.press("Enter")
    expect(page.locator(".marks").get_by_label("Name of the marker")).to_have_value("She comes in")
    return visit


def organiser(chromium: Browser, server: Server) -> Visit:
    """A room before the camera: live, paused, gone on with, ended, and kept as one session."""
    page = chromium.new_context(base_url=server.url, storage_state=server.let_in()).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/")
    page.get_by_text("Begin with a recording").wait_for()
    visit = Visit(page)
    visit.press("Live", role="link")
    page.get_by_role("button", name="START").wait_for()
    visit.steps += 4  # consent, what it is for, its name, and START
    begun = time.monotonic()
    live_rig.start(page, name="Evening")
    eventually(lambda: page.locator(".number.people b").inner_text() == "2")
    visit.computing_s += time.monotonic() - begun
    visit.press("Pause")
    eventually(lambda: live_rig.state(page) == "paused")
    before = live_rig.ran_s(page)
    visit.press("Go on")
    eventually(lambda: live_rig.state(page) == "running")
    eventually(lambda: live_rig.ran_s(page) >= before + 2)
    visit.steps += 1
    session_id = live_rig.stop(page)
    visit.press("Open the session", role="link")
    expect(page).to_have_url(re.compile(f"id={session_id}"))
    expect(page.get_by_role("heading", name="Evening")).to_be_visible()
    page.context.close()
    return visit


def _new_study(visit: Visit, name: str, film: Path) -> None:
    """A study of two conditions with its film; to the step of its recordings."""
    visit.press("New study")
    visit.type("Name", name)
    visit.type("Conditions", "A, B")
    visit.press("Create")
    visit.page.get_by_text("Drop the film that was watched").wait_for()
    visit.drop(film)
    expect(visit.page.get_by_text("0:02 · 0 recordings")).to_be_visible()
    visit.press("Next: recordings")
    visit.page.get_by_text("Drop recordings here").wait_for()


def _by_names(visit: Visit, number: int) -> None:
    """Conditions as the names say, while the recordings are analysed."""
    visit.press("Next: who watched what")
    summary = visit.page.get_by_text(re.compile(rf"^{number} recordings: "))
    expect(summary).to_contain_text("without a condition")
    read = f"{number} of {number} names read like this"
    expect(visit.page.get_by_text(read)).to_be_visible()
    visit.press(f"Assign {number} recordings")
    expect(summary).to_contain_text(f"{number - number // 2} in A, {number // 2} in B")


def _answer(visit: Visit, name: str, number: int) -> None:
    """When all are analysed: the study's own page, which opens with its sentence."""
    visit.press("Back")
    analysed = re.compile(r"^All \d+ analysed$")
    visit.wait_for(visit.page.get_by_text(analysed), within_ms=60_000 + 30_000 * number)
    visit.press("Open the study")
    expect(visit.page.get_by_role("heading", name=name)).to_be_visible()
    expect(visit.page.locator(".rapt-sentence").first).to_contain_text(re.compile(r"\w+"))
