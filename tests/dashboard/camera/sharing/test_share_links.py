"""A shared report, asked for from outside: the page that was shared, and nothing else."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.sharing.routes import share_routes
from fer_core.access.audit import AuditLog
from fer_core.access.share_links import link_path
from fer_core.errors import DataError, SettingsError
from fer_core.reports.content import ReportOptions
from fer_core.reports.sharing import path_of, share
from fer_core.storage import Store
from fer_core.storage.migrations import now
from fer_core.storage.shares import RevokeShare
from fer_core.storage.studies import UpdateStudy
from fer_core.studies.membership import Study, find_study, load_study
from tests.demo import copy_of
from tests.ports import free_port


class Served:
    """As much of a server's state as the routes ask for."""

    def __init__(self, store: Store) -> None:
        self.whole_store, self.audit = store, AuditLog(store.home)


@dataclass
class Outside:
    """What someone on the street can ask."""

    port: int
    store: Store
    study: Study

    def ask(self, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, said, {k.lower(): v for k, v in answer.getheaders()}


@pytest.fixture(scope="module")
def outside(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with copy_of(demo_template, tmp_path_factory.mktemp("shared")) as store:
        port, loop = free_port(), MediaLoop()
        state: Any = Served(store)
        listener = RespondentListener(Address("127.0.0.1", port), share_routes(lambda: state), loop)
        listener.open()
        for _ in range(100):
            if listener.listening:
                break
            time.sleep(0.05)
        yield Outside(port, store, load_study(store, find_study(store, None)))
        listener.close()
        loop.close()


@pytest.fixture(scope="module")
def link(outside: Outside) -> str:
    return path_of(outside.store, share(outside.store, outside.study))


def test_a_link_reads_the_report_as_it_was_shared(outside: Outside, link: str) -> None:
    status, page, headers = outside.ask(link)
    assert status == 200
    assert "B held attention better and engaged more from 0:12 to 0:19" in page
    assert outside.study.name in page
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert not {"server", "set-cookie"} & set(headers)
    assert page.count("<script") == page.count('<script type="application/json"') == 1
    for kept in (*outside.study.counted["session_id"], *outside.study.counted["name"],
                 str(outside.store.home.root)):  # fmt: skip
        assert str(kept) not in page
    outside.store.run(UpdateStudy(study_id=outside.study.study_id, name="Renamed since"))
    assert outside.ask(link)[1] == page
    (seen,) = AuditLog(outside.store.home).read()
    assert (seen.who, str(seen.deed), seen.kind) == ("anyone", "saw", "share")


def test_nothing_else_is_reached_by_it(outside: Outside, link: str) -> None:
    others = ("/", "/s", "/s/", f"{link}/", f"{link}/rows", f"{link}/../study", "/study",
              f"/clip/{link.rpartition('/')[2]}", "/_stcore/stream", "/favicon.ico")  # fmt: skip
    for path in others:
        status, said, _ = outside.ask(path)
        assert (status, said) == (404, "There is nothing here."), path
    assert outside.ask(link, "POST")[0] == 404
    assert outside.ask(link, "HEAD")[:2] == (200, "")


def test_forged_ended_and_revoked_links_are_refused_in_words(outside: Outside, link: str) -> None:
    shares = outside.store.shares.list()
    one = shares[0]
    name, ends, signature = link.split(".")
    later = f"{name}.{int(ends) + 86_400}.{signature}"
    other = link_path(outside.store.home, "h000000000000", one.ends)
    forgeries = (
        later, f"{link[:-1]}{'1' if link[-1] == '0' else '0'}", f"{name}.{ends}",
        f"/s/{signature}", f"/s/..{signature}", "/s/x", "/s/%ff.1.%C3%A9",
    )  # fmt: skip
    for forged in forgeries:
        status, page, headers = outside.ask(forged)
        assert status == 404, forged
        assert "This link is not known here." in page
        assert "sandbox" in headers["content-security-policy"]
    status, page, _ = outside.ask(link_path(outside.store.home, one.share_id, now()))
    assert (status, "time in which this link could be used is over" in page) == (410, True)
    status, page, _ = outside.ask(other)
    assert (status, "no longer shared" in page) == (410, True)
    outside.store.run(RevokeShare(share_id=one.share_id))
    status, page, _ = outside.ask(link)
    assert (status, "no longer shared" in page) == (410, True)
    assert "B held" not in page
    assert outside.store.shares.list() == []


def test_a_new_key_ends_every_link(outside: Outside) -> None:
    home = outside.store.home
    before = link_path(home, "h1", now() + timedelta(days=1))
    for damaged in (b"", b"short", b"\xff" * 40):
        home.share_key.write_bytes(damaged)
        assert outside.ask(before)[0] == 404
    after = link_path(home, "h1", now() + timedelta(days=1))
    assert after != before
    assert outside.ask(after)[0] == 410
    assert home.share_key.stat().st_mode & 0o777 == 0o600


def test_small_groups_never_leave(outside: Outside) -> None:
    before = outside.store.shares.list()
    with pytest.raises(SettingsError, match="fewer than 5"):
        share(outside.store, outside.study, ReportOptions(minimum=4))
    with pytest.raises(DataError, match="no audience of 100 viewers"):
        share(outside.store, outside.study, ReportOptions(minimum=100))
    assert outside.store.shares.list() == before
