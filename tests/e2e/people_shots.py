"""Pictures of the way in and of the page People: a home with accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Browser, Page

from fer_core.access.passwords import hash_password
from fer_core.access.permissions import Role
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.accounts import AddUser, ChangeUser
from tests.dashboard.simulated import plant
from tests.e2e.conftest import Server
from tests.e2e.looks import OUT, asked, whole_page

PASSWORD: Final = "three plain words"
WAY_IN: Final = ("login", "login-refused", "account")


def furnish_people(home: Home) -> None:
    """Accounts of every role, one of them blocked, and a session."""
    plant(home, "Ad test, respondent 01", seconds=30, viewers=1)
    with open_store(home, look_after=False) as store:
        for name, role in (
            ("maria.lind", Role.ADMIN),
            ("a.very.long.address.of.an.analyst@market-research.example.org", Role.ANALYST),
            ("jon", Role.VIEWER),
        ):
            store.run(AddUser(name=name, role=role, password=hash_password(PASSWORD, name)))
        user = next(one for one in store.accounts.list() if one.name == "jon")
        store.run(ChangeUser(user_id=user.user_id, disabled=True))


def people(view: str, wait: str, press: str = "") -> Callable[[Page], None]:
    """A view of the page People, and a button on it."""

    def go(page: Page) -> None:
        page.goto(f"/people?view={view}")
        page.get_by_text(wait).first.wait_for()
        if press:
            page.get_by_role("button", name=press).first.click()

    return go


PEOPLE: Final = {
    "people": people("Accounts", "Add an account"),
    "people-change": people("Accounts", "Add an account", "Change"),
    "people-limits": people("Limits", "uploads"),
    "people-log": people("Log", "Days that entries"),
}


def people_shots(browser: Browser, server: Server) -> None:
    for look in asked():
        context = browser.new_context(**look.context(base_url=server.url))
        page = context.new_page()
        page.goto("/login")
        page.screenshot(path=OUT / f"login-{look.tag}.png", full_page=True)
        page.get_by_label("Name").fill("maria.lind")
        page.get_by_label("Password").fill("not the right one")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("alert").wait_for()
        page.screenshot(path=OUT / f"login-refused-{look.tag}.png", full_page=True)
        page.get_by_label("Name").fill("maria.lind")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("All sessions").first.wait_for()
        for name, go in PEOPLE.items():
            go(page)
            whole_page(page, OUT / f"{name}-{look.tag}.png")
        page.goto("/account")
        page.screenshot(path=OUT / f"account-{look.tag}.png", full_page=True)
        context.close()
