"""A respondent's path on their own device: by the keyboard alone, through a course, and through a
course with every byte kept that leaves the browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from benchmarks.bytes_sent import read_sent
from benchmarks.phone_page import Row
from benchmarks.phone_steps import FILM_S, HERE, PATIENCE_MS, film_at, guest, thanks, to_the_film
from benchmarks.phone_watch import Sent, watched
from benchmarks.recording_proxy import recording
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.studies import AddStimulus
from tests.course.made import course
from tests.e2e.page_scripts import AXE, FIND, FOCUSED
from tests.e2e.respond_site import Site


def keyboard(here: Site, browser: Browser, _film: Path, shots: Path | None) -> list[Row]:
    """The path by the keyboard alone at 390 pixels, light and dark, with axe-core at every stop."""
    names: list[str] = []
    faults: list[Any] = []
    for scheme in ("light", "dark"):
        context, sent = guest(browser, color_scheme=scheme), Sent()
        context.add_init_script(path=AXE)
        page = watched(context, sent)

        def look(step: str, scheme: str = scheme, page: Page = page) -> None:
            page.wait_for_timeout(300)
            faults.extend((step, one["rule"], one["html"]) for one in page.evaluate(FIND))
            if shots:
                page.screenshot(path=str(shots / f"phone-{step}-{scheme}.png"))

        def tab_to(tag: str, name: str, page: Page = page) -> None:
            for _ in range(12):
                page.keyboard.press("Tab")
                found = page.evaluate(FOCUSED)
                if found is None:
                    continue
                assert found["name"], f"a {found['tag']} without a name"
                if found["name"] not in names:
                    names.append(found["name"])
                if found["tag"] == tag and name in found["name"]:
                    return
            raise AssertionError(f"the keyboard does not reach «{name}»")

        page.goto(here.link())
        look("consent")
        tab_to("input", "I have read this")
        page.keyboard.press("Space")
        tab_to("button", "Continue to the camera")
        page.keyboard.press("Enter")
        expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#check button.main")).to_be_enabled(timeout=PATIENCE_MS)
        look("check")
        tab_to("button", "Start")
        page.keyboard.press("Enter")
        film_at(page, 3)
        tab_to("button", "Stop")
        look("film")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Stop here?")).to_be_visible()
        tab_to("button", "Go on watching")
        look("stop")
        page.keyboard.press("Enter")
        thanks(page)
        look("thanks")
        tab_to("button", "Delete what was recorded")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="It is deleted")).to_be_visible()
        look("deleted")
        context.close()
    here.store.sync()
    left = len(here.store.sessions.list(study_id=here.study))
    for one in faults:
        print("fault:", *one, file=sys.stderr)
    return [
        Row("from consent to thanks and «Delete» by the keyboard alone, 390 × 844, light and dark",
            "every stop has a name; axe-core finds nothing serious",
            f"stops: {', '.join(names)}; {len(faults)} serious faults in 12 looks; sessions left "
            f"after «Delete»: {left}"),
    ]  # fmt: skip


def _course_link(here: Site, film: Path) -> str:
    """A link to a course with the site's film and another."""
    other = here.store.run(
        AddStimulus(title="B", study_id=here.study, path=str(film), length_ms=FILM_S * 1000)
    )
    films = (here.film, other)
    link_id = here.store.run(
        AddLink(
            study_id=here.study, title="T", consent="C", arms=(Arm(here.film),),
            course=course(films),
        )
    )  # fmt: skip
    links = here.store.respondents.links(here.study)
    return next(f"{here.url}/r/{one.token}" for one in links if one.link_id == link_id)


def _walk(page: Page, link: str, shots: Path | None) -> None:
    """Consent, questions, camera check, two films with a slider, thanks; the page is opened anew in
    the middle of the first film."""
    page.set_default_timeout(PATIENCE_MS)

    def go_on() -> None:
        page.get_by_role("button", name="Continue").click()

    def look(step: str) -> None:
        if shots:
            page.screenshot(path=str(shots / f"phone-course-{step}.png"))

    page.goto(link)
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Continue to the camera").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    go_on()
    page.get_by_role("radio", name="18-29").check()
    page.get_by_role("radio", name="yes").check()
    go_on()
    expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
    look("check")
    to_the_film(page)
    film_at(page, 7)
    look("film")
    page.reload()
    expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
    to_the_film(page)
    slider = page.get_by_role("slider", name="How much do you like this moment?")
    for liking in ("6", "3"):
        expect(slider).to_be_visible(timeout=PATIENCE_MS)
        film_at(page, 2)
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        again = page.get_by_role("radio", name=liking)
        expect(again).to_be_visible(timeout=PATIENCE_MS)
        again.check()
        go_on()
    page.get_by_role("textbox", name="What stays in mind?").fill("Dogs")
    go_on()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    go_on()
    expect(page.get_by_text("Your response was saved.")).to_be_visible()


def through_a_course(here: Site, browser: Browser, film: Path, shots: Path | None) -> list[Row]:
    """What landed of a course that was opened anew in the middle."""
    context, sent = guest(browser), Sent()
    _walk(watched(context, sent), _course_link(here, film), shots)
    context.close()
    here.store.sync()
    ids = here.store.sessions.list(study_id=here.study)["session_id"]
    whole = [one for one in ids if here.store.sessions.get(one).included is not False]
    lengths = [
        len(set(here.store.timeline.seconds(one)["second"]) & set(range(FILM_S))) for one in whole
    ]
    rated = [len(here.store.courses.ratings([one])) for one in whole]
    landed = sum(len(here.store.timeline.frames(one)) for one in ids)
    return [
        Row("a course of two films with a slider, reloaded in the first", "as a link of one film",
            f"{len(ids)} recordings, {len(ids) - len(whole)} of them cut off and left out; "
            f"{lengths} of {FILM_S} seconds, {rated} ratings; {sent.acknowledged} batches "
            f"acknowledged, {sent.pictures} pictures, {landed} landed; peer connections: "
            f"{sent.peers}; errors: {len(sent.wrong)}"),
    ]  # fmt: skip


def wire(here: Site, browser: Browser, film: Path, _shots: Path | None) -> list[Row]:
    """The same course; the browser's connections lead through a proxy that keeps all bytes."""
    host, _, port = urlsplit(here.url).netloc.partition(":")
    seen = Sent()
    with recording(host, int(port)) as proxy:
        context = guest(browser, proxy={"server": proxy.address})
        _walk(watched(context, seen), _course_link(here, film), None)
        context.close()
    sent = read_sent(bytes(one.up) for one in proxy.connections)
    for fault in sent.faults:
        print("fault:", fault, file=sys.stderr)
    refused = ", ".join(sorted(proxy.elsewhere)) or "none"
    return [
        Row("every byte of a course's visit, kept by a proxy and read: consent, questions, camera "
            "check, two films with a slider, a reload, thanks",
            "no picture, numbers of the stated size, no peer connection",
            f"{sent.requests} requests in {len(proxy.connections)} connections, "
            f"{sent.uploaded / 1000:.0f} kB in all: {sent.batches} batches of {sent.pictures} "
            f"pictures, {sent.faces} of them with a face, at most {sent.largest_picture} bytes a "
            f"picture; {sent.others} bodies of at most {sent.largest_other} bytes "
            f"({', '.join(sorted(sent.names))}); what should not be there: {len(sent.faults)}; "
            f"servers that the page asked: {len(seen.servers)}; others that Chromium asked of its "
            f"own, refused: {refused}; peer connections: {seen.peers}"),
    ]  # fmt: skip
