"""An ad tester's first visit, in a real browser: recordings dropped, told apart, answered."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Locator, Page, expect

from fer_core.video.sample import FPS, sample_clip
from tests.e2e.conftest import LONG_MS, Server
from tests.e2e.films import cut_film

#: `make bench` drops thirty of 30 s; six of 2 s show the same way in a fraction of the time.
RECORDINGS = int(os.environ.get("RAPT_RECORDINGS", "6"))
SECONDS = int(os.environ.get("RAPT_RECORDING_S", "2"))
#: What a step takes a person who knows what to do: to find it, and to press or type.
STEP_S = 4.0
#: Names as agencies give them, longer than what a disk's file system is sure to take.
LONG = "Wave two, agency north, large room on the second floor, after lunch, camera left, 1080p, "
LONGER = f"{LONG}colour corrected, second export, "


@dataclass
class Visit:
    """Counts the steps of a person, and the time apart from the computer's own work."""

    page: Page
    begun: float = field(default_factory=time.monotonic)
    steps: int = 0
    computing_s: float = 0.0

    def press(self, name: str) -> None:
        self.steps += 1
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def type(self, label: str, text: str) -> None:
        self.steps += 1
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def wait_for(self, computed: Locator) -> None:
        begun = time.monotonic()
        expect(computed).to_be_visible(timeout=max(LONG_MS, 20_000 * RECORDINGS))
        self.computing_s += time.monotonic() - begun

    @property
    def takes_s(self) -> float:
        """A person's time: that of the pages, and of each step."""
        return time.monotonic() - self.begun - self.computing_s + STEP_S * self.steps


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recordings, each of its own: cut from the sample clip, which is played again
    from its beginning where one is longer; under two conditions by turns."""
    folder = tmp_path_factory.mktemp("recordings")
    frames = []
    with av.open(str(sample_clip(folder.parent / "sample.mp4"))) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    frames = frames[: 4 * FPS]  # the viewer faces the camera
    for number in range(RECORDINGS):
        target = folder / f"{LONGER}R{number + 1:02d}_{'AB'[number % 2]}.mp4"
        with av.open(str(target), "w") as out:
            stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = "yuv420p"
            for at in range(SECONDS * FPS):
                picture = frames[(at + number) % len(frames)]
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode(None))
    (folder / "notes.txt").write_text("no recording")
    return folder


def test_recordings_dropped_at_once_become_the_studys_answer_and_its_report(
    page: Page,
    server: Server,
    recordings: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    film = cut_film(tmp_path / "Spring spot.mp4", ("astronaut", 1), ("coffee", 1))
    first = sorted(recordings.glob("*.mp4"))[0]
    assert len(first.name) > 120
    tester = Visit(page)

    # one of them is here already, in a study of its own
    page.goto("/analyze")
    page.get_by_role("combobox", name="Study").fill("Autumn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Condition")).to_be_enabled()
    page.locator("input[type=file]").set_input_files(first)
    tester.wait_for(page.locator("[class*=st-key-job-]").get_by_text("Done"))

    tester.begun, tester.computing_s = time.monotonic(), 0.0
    page.goto("/studies")
    tester.press("New study")
    tester.type("Name", "Spring spot")
    tester.type("Conditions", "A, B")
    tester.press("Create")
    page.get_by_text("Drop the film that was watched").wait_for()
    page.locator("input[type=file]").set_input_files(film)
    tester.steps += 1
    expect(page.get_by_text("0:02 · 0 recordings")).to_be_visible()

    tester.press("Next: recordings")
    page.get_by_text("Drop recordings here").wait_for()
    with page.expect_file_chooser() as chooser:
        tester.press("a folder")
    chooser.value.set_files(recordings)
    tester.steps += 1
    tester.press("Move to «Spring spot»")
    expect(page.get_by_text("Added to «Spring spot»")).to_be_visible()

    # who watched what is said while they are analysed
    tester.press("Next: who watched what")
    summary = page.get_by_text(re.compile(rf"^{RECORDINGS} recordings: "))
    expect(summary).to_contain_text("without a condition")
    expect(page.get_by_text(f"{RECORDINGS} of {RECORDINGS} names read like this")).to_be_visible()
    tester.press(f"Assign {RECORDINGS} recordings")
    half = RECORDINGS // 2
    expect(summary).to_contain_text(f"{half} in A, {RECORDINGS - half} in B")

    # one respondent is named by a CSV, whose other row is wrong
    rows = f'recording,respondent\n"{first.stem}",Ann\nR99,Bob\n'
    page.get_by_text("From a CSV file", exact=True).click()
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    tester.steps += 2
    expect(page.get_by_text("Line 3: there is no recording «R99» here.")).to_be_visible()
    tester.press("Assign 1 recording")
    expect(page.get_by_text("1 recording assigned.")).to_be_visible()

    tester.press("Back")
    tester.wait_for(page.get_by_text(f"All {RECORDINGS - 1} analysed"))
    page.get_by_text(f"All {RECORDINGS - 1}, in order").click()
    listed = page.locator("[class*=st-key-batch-]").get_by_role("link")
    expect(listed).to_have_count(RECORDINGS - 1)
    numbers = re.findall(r"R(\d+)_[AB]", " ".join(listed.all_inner_texts()))
    assert numbers == sorted(numbers)
    assert len(numbers) == RECORDINGS - 1
    tester.press("Open the study")

    expect(page.get_by_role("heading", name="Spring spot")).to_be_visible()
    tester.press("Compare")
    expect(page.locator(".rapt-sentence")).to_contain_text(re.compile(r"\w+"))
    with page.expect_download() as kept:
        begun = time.monotonic()
        tester.press("Report")
    tester.computing_s += time.monotonic() - begun
    assert Path(kept.value.path()).read_bytes().startswith(b"%PDF")
    assert tester.steps <= 20
    assert tester.takes_s < 120, f"{tester.steps} steps"
    record_property("steps", tester.steps)
    record_property("person_s", round(tester.takes_s))
    record_property("computing_s", round(tester.computing_s))
