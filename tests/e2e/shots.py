"""Pictures of every page, in light and dark, wide and narrow, to be looked at.

``make shots`` writes them to ``test-results/`` and a row for each new name into
``docs/screenshots.md``, where whoever looks writes what they saw. Words after the command take only
the pictures of that name, or those whose names hold a word that is no name; and only the looks that
are named, such as ``dark-390``. The sessions are simulated; the queue is real.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
from playwright.sync_api import Browser, Page, sync_playwright
from skimage.data import astronaut

from fer_core.analytics.simulate import simulate_study
from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.studies.demo import plant_demo
from tests.dashboard.simulated import plant
from tests.e2e.asked_shots import CHOSEN, furnish_asked
from tests.e2e.conftest import FLAGS, PATIENCE_MS, PROJECT, Server, find_browser, serve
from tests.e2e.films import cut_film, long_film, room_film
from tests.e2e.lab_shots import EMPTY_LAB, LAB, furnish_lab
from tests.e2e.lab_train_shots import EMPTY_TRAINING, TRAINING, furnish_training
from tests.e2e.live_shots import LIVE, live_shots
from tests.e2e.looks import LOOKS, OUT, asked, whole_page
from tests.e2e.people_shots import PEOPLE, WAY_IN, furnish_people, people_shots
from tests.e2e.report_shots import REPORT, report_shots
from tests.e2e.respond_shots import RESPOND
from tests.screenshots import refresh


def furnish(home: Home) -> None:
    """Sessions as they come: good ones, a poor one, a damaged one, long and hostile names."""
    plant(home, "Ad test, respondent 01", seconds=62, viewers=1)
    plant(home, "Focus group, the whole room", seconds=240, viewers=6, seed=3)
    plant(
        home,
        "a_very_long_file_name_from_a_phone_that_nobody_would_type_2026-11-12T10-15-22_final_(2)",
        seconds=45,
        viewers=1,
        seed=5,
    )
    plant(
        home,
        "Level 3, play test",
        seconds=180,
        viewers=1,
        seed=9,
        away=(0.2, 0.45),
        study="Platformer, spring build",
        summary={
            "frames_lost": 12,
            "quality": 0.72,
            "lost_note": "12 of 912 frames (2 %) are damaged or missing.",
        },
    )
    film = room_film(home.root / "room.mp4", seconds=40, viewers=4)
    plant(
        home,
        "Room with its film",
        seconds=40,
        viewers=4,
        seed=4,
        path=str(film),
        info={"width": 600, "height": 320, "fps": 10.0, "codec": "h264"},
    )
    picture = home.root / "team at lunch.jpg"
    cv2.imwrite(str(picture), cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR))
    plant(
        home, "Team at lunch", seconds=1, rate=1, viewers=3, away=None, path=str(picture),
        info={"width": 512, "height": 512, "is_picture": True},
    )  # fmt: skip
    plant(home, "<b>bold</b> *names* [are](text)", seconds=20, viewers=1, seed=2, away=None)


CROWD = "Demo: two hundred viewers (simulated)"
LONG = "Spring campaign 2026, hero spot, recut after the second round of notes from the client (v7)"
LONG_SIDES = ("The original cut as it was aired in March", "The recut with the longer product shot")


def furnish_studies(home: Home) -> None:
    """The demo, one of two hundred viewers, one with long names and few viewers, one empty."""
    film = cut_film(home.root / "spot.mp4", ("astronaut", 8), ("coffee", 9), ("rocket", 13))
    with open_store(home, look_after=False) as store:
        plant_demo(store)
        plant_demo(store, study=replace(simulate_study(viewers=100, seed=4), name=CROWD))
        furnish_asked(store)
        store.run(AddStudy(name="Level 3, still without sessions", conditions=("old", "new")))
        study = store.run(
            AddStudy( name=LONG, conditions=list(LONG_SIDES), kind="ad",
            question="Does the recut keep those who used to look away during the product shot?",
        ))  # fmt: skip
        stimulus = store.run(AddStimulus(title="Hero spot, recut v7, graded, with subtitles",
                               study_id=study, path=str(film), length_ms=30_000))  # fmt: skip
        for number in range(7):
            session = plant(
                home, f"2026-11-12T10-15-2{number} respondent, second agency, take {number}",
                seconds=30, viewers=1, seed=number, status="done",
                summary={"quality": 0.4 if number == 6 else 0.9},
            )  # fmt: skip
            store.sync()
            store.run(AssignSession(session_id=session, study=study, stimulus=stimulus,
                        condition=LONG_SIDES[number % 2],
                        respondent=f"Respondent {number}, panel south"))  # fmt: skip
            mark = {"name": "ad starts", "from_ms": 700 + 10 * number}
            store.run(AddMarkers(session_id=session, markers=[mark]))


def study(name: str, view: str = "", *, press: str = "", wait: str = "") -> Callable[[Page], None]:
    """A study by its name, one of its views, and a button on it."""

    def go(page: Page) -> None:
        page.goto("/studies")
        page.get_by_role("link", name=name).click()
        page.get_by_text("Response", exact=True).wait_for()
        if view:
            page.get_by_text(view, exact=True).last.click()
        if press:
            page.get_by_role("button", name=press).first.click()
        page.locator(wait or ".rapt-ties").first.wait_for()

    return go


def setup(step: str, wait: str) -> Callable[[Page], None]:
    """One of the steps in which the study with long names is set up."""

    def go(page: Page) -> None:
        study(LONG[:30])(page)
        study_id = page.url.split("id=")[1].split("&")[0]
        page.goto(f"/setup?study={study_id}&step={step.replace(' ', '+')}")
        settled(page, wait)

    return go


def compared(name: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        study(name, wait=".rapt-lede")(page)
        page.get_by_role("button", name="Compare", exact=True).click()
        page.locator(".st-key-spread .main-svg").first.wait_for()

    return go


def settled(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def session(name: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto("/sessions")
        page.get_by_role("link", name=name).click()
        page.locator(".js-plotly-plot .nsewdrag").first.wait_for()

    return go


def at(path: str, text: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        settled(page, text)

    return go


def click(first: Callable[[Page], None], button: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        first(page)
        page.get_by_role("button", name=button, exact=True).click()

    return go


def photograph(page: Page) -> None:
    page.goto("/sessions")
    page.get_by_role("link", name="Team at lunch").click()
    settled(page, "Every face")


def recommend(page: Page) -> None:
    """The list that a photograph brings."""
    page.goto("/recommend")
    settled(page, "Photograph")
    portrait = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "me.png", "mimeType": "image/png",
         "buffer": cv2.imencode(".png", portrait)[1].tobytes()}
    )  # fmt: skip
    page.locator("article.title").first.wait_for()


FULL: dict[str, Callable[[Page], None]] = {
    "overview": at("/", "All sessions"),
    "sessions": at("/sessions", "Focus group"),
    "sessions-several": at("/sessions?several=true", "selected"),
    "sessions-poor": at("/sessions?look=true", "Level 3"),
    "sessions-none-found": at("/sessions?find=nothing", "No session has"),
    "session": session("Focus group"),
    "session-one": session("Ad test"),
    "session-poor": session("Level 3"),
    "session-long-name": session("a_very_long"),
    "session-delete": click(session("Ad test"), "Delete"),
    "session-definitions": click(session("Ad test"), "Definitions"),
    "session-download": click(session("Ad test"), "Download"),
    "session-viewers": click(session("Focus group"), "Viewers"),
    "replay": click(session("Room with its film"), "Replay"),
    "replay-without-film": click(session("Focus group"), "Replay"),
    "photograph": photograph,
    "recommend": recommend,
    "recommend-audience": at("/recommend?view=For+an+audience", "What fits"),
    "recommend-catalogue": at("/recommend?view=Catalogue", "Find a title"),
    "status": at("/status", "Status"),
    "privacy": at("/privacy", "How long it is kept"),
    "session-missing": at("/session?id=nothing", "not here"),
    "analyze-settings": click(at("/analyze", "Drop recordings"), "Model and limits"),
}
STUDIES: dict[str, Callable[[Page], None]] = {
    "studies": at("/studies", CROWD),
    "study": study("one ad, two versions"),
    "study-definitions": click(study("one ad, two versions"), "Definitions"),
    "study-export": click(study("one ad, two versions"), "Export"),
    "study-edit": click(study("one ad, two versions"), "Edit"),
    "study-crowd": study(CROWD),
    "study-long-names": study(LONG[:30]),
    "study-sessions": study(LONG[:30], "Sessions", wait=".st-key-offset-marker"),
    "study-film": study("one ad, two versions", "Film", wait=".st-key-marks"),
    "study-cuts": study(LONG[:30], "Film", press="Find the cuts", wait="text=between"),
    "study-empty": study("Level 3", wait="text=no sessions yet"),
    "setup-film": setup("Film", "Drop the film"),
    "setup-recordings": setup("Recordings", "Drop recordings"),
    "setup-names": setup("Who watched what", "Say how one name"),
    "setup-rows": setup("Who watched what&way=Select+rows", "Tick rows"),
    "compare": compared("one ad, two versions"),
    "compare-crowd": compared(CROWD),
    "compare-few": compared(LONG[:30]),
    **CHOSEN,
}
EMPTY: dict[str, Callable[[Page], None]] = {
    "empty-overview": at("/", "Begin with a recording"),
    "empty-sessions": at("/sessions", "no sessions yet"),
    "empty-studies": at("/studies", "brings the recordings"),
    "empty-compare": at("/compare", "brings the recordings"),
    "empty-analyze": at("/analyze", "Drop recordings"),
}


def visit(browser: Browser, server: Server, shots: dict[str, Any], wanted: list[str]) -> None:
    """Each page once in every scheme: a window that gets narrower needs no other visit."""
    for scheme in ("light", "dark"):
        looks = [look for look in asked() if look.scheme == scheme]
        if not looks:
            continue
        context = browser.new_context(
            **looks[0].context(base_url=server.url, storage_state=server.let_in())
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for name, go in shots.items():
            if not is_wanted(name, wanted):
                continue
            page.set_viewport_size({"width": looks[0].width, "height": 900})
            go(page)
            for look in looks:
                page.set_viewport_size({"width": look.width, "height": 900})
                whole_page(page, OUT / f"{name}-{look.tag}.png")
        context.close()


QUEUE: dict[str, Callable[[Page], None]] = {
    "analyze-queue": at("/analyze", "Queue"),
    "overview-running": at("/", "All sessions"),
}


def queue(browser: Browser, server: Server, folder: Path) -> None:
    """The queue at work: one runs, one waits, one was broken; a file that is too large."""
    clip = long_film(folder / "respondent 02.mp4", 9000)
    second = folder / "respondent 03.mp4"
    second.write_bytes(clip.read_bytes() + b"\0")
    broken = folder / "holiday notes.mp4"
    broken.write_text("no film " * 100)
    context = browser.new_context(
        **LOOKS[0].context(base_url=server.url, storage_state=server.let_in())
    )
    page = context.new_page()
    page.goto("/analyze")
    settled(page, "Drop recordings")
    page.locator("input[type=file]").set_input_files([broken, clip, second])
    page.get_by_text("frames/s").first.wait_for(timeout=60_000)
    context.close()
    visit(browser, server, QUEUE, [])


#: What is photographed by more than a visit, by the group whose server shows it.
MORE: dict[str, tuple[str, ...]] = {"full": ("queue", "live"), "people": ("people", "login")}


def names() -> list[str]:
    """Every picture's name without its look, in the order of ``docs/screenshots.md``."""
    visited = (FULL, STUDIES, TRAINING, LAB, EMPTY, EMPTY_TRAINING, EMPTY_LAB, PEOPLE)
    return [*(name for one in visited for name in one), *QUEUE, *WAY_IN, *LIVE, *RESPOND, *REPORT]


def is_wanted(name: str, wanted: list[str]) -> bool:
    """Whether a picture was asked for: by its name, or by a part that is no picture's name."""
    known = names()
    return not wanted or any(
        part == name or (part in name and part not in known) for part in wanted
    )


def main(wanted: list[str]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = find_browser()
    if path is None:
        raise SystemExit("There is no Chromium here. Install one, or set RAPT_CHROMIUM.")
    cache = PROJECT / ".pytest_cache" / "d" / "face-networks"
    make_detector("mtcnn", cache=cache)
    with (
        sync_playwright() as play,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary,
    ):
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        groups = {"full": FULL, "studies": STUDIES, "training": TRAINING, "lab": LAB,
                  "empty": EMPTY | EMPTY_TRAINING | EMPTY_LAB, "people": {}}  # fmt: skip
        for name, shots in groups.items():
            more = MORE.get(name, ())
            if not any(is_wanted(one, wanted) for one in (*shots, *more)):
                continue
            folder = Path(temporary) / name
            home = Home(folder / "home")
            shutil.copytree(cache, home.cache)
            if name == "full":
                furnish(home)
            elif name == "studies":
                furnish_studies(home)
            elif name == "training":
                furnish_training(home)
            elif name == "lab":
                furnish_lab(home)
            elif name == "people":
                furnish_people(home)
            server = serve(home, folder / "server.log")
            visit(browser, server, shots, wanted)
            if name == "people":
                people_shots(browser, server)
            if name == "full" and (not wanted or "queue" in wanted):
                queue(browser, server, folder)
            if name == "full" and (not wanted or "live" in wanted):
                live_shots(browser, server, folder, OUT, seconds=40)
            server.stop()
        if not wanted or "report" in wanted:
            report_shots(browser, Path(temporary) / "report", OUT)
        browser.close()
    refresh(names())
    sys.stdout.write(f"{OUT}\n")


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word not in {look.tag for look in LOOKS}])
