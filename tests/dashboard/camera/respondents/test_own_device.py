"""Numbers from a respondent's own device: signed, taken once, bounded, on the film's clock."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.camera.respondents.device_files import DeviceFiles
from dashboard.camera.respondents.film_clock import FilmClock
from dashboard.camera.respondents.own_device import REPEATS, OwnDevice, new_secret, sign
from dashboard.camera.respondents.refusals import RespondentRefused
from dashboard.camera.respondents.visits import places
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.live.numbers import NumbersSession
from fer_core.live.values import LiveSpec
from fer_core.storage import read_shard, shard_files
from fer_core.storage.timeline import shards
from fer_core.storage.timeline.session_file import read_session
from fer_core.web.folder import LIST, SCRIPTS
from tests.dashboard.camera.respondents.numbers import batch, face, install_nothing
from tests.dashboard.camera.respondents.outside import Outside

BEGAN = 1_800_000_000_000.0


@pytest.fixture
def device(tmp_path: Path) -> Iterator[OwnDevice]:
    home = Home(tmp_path)
    session = NumbersSession(home, LiveSpec(name="P1"), {"rapt": "0"})
    made = OwnDevice(FilmClock(), session, 60_000, new_secret())
    made._began = time.monotonic() - 120  # two minutes of the visit have passed
    yield made
    session.stop()


def take(device: OwnDevice, n: int, text: str) -> int:
    return device.take(n, text, sign(device.secret, n, text))


def files(device: OwnDevice) -> list[Path]:
    home = device.session._record._home
    return list(shard_files(home.shards(device.session.session_id)).values())


def kept(device: OwnDevice) -> list[int]:
    shards = [read_shard(one, device.session.session_id) for one in files(device)]
    return [t for shard in shards for t in shard.frames["t_ms"].to_pylist()]


def test_what_is_acknowledged_is_on_the_disk_and_there_once(device: OwnDevice) -> None:
    texts = [batch(BEGAN + 5000 * k) for k in range(3)]
    assert take(device, 0, texts[0]) == 1
    assert len(kept(device)) == 75, "before the answer"
    assert take(device, 2, texts[2]) == 1, "the one before it is still to come"
    assert take(device, 1, texts[1]) == 2
    assert take(device, 0, texts[0]) == 2, "taken before"
    assert take(device, 1, texts[1]) == 2
    assert take(device, 2, texts[2]) == 3
    times = kept(device)
    assert len(times) == len(set(times)) == 225
    assert times == sorted(times)


def test_times_are_the_films_and_a_film_that_waits_does_not_run(device: OwnDevice) -> None:
    take(device, 0, batch(BEGAN, frames=45))  # three seconds of a face at rest
    take(device, 1, batch(BEGAN + 3000, frames=30, film_ms=0.0))
    stopped = {"size": [640, 480], "film": [[BEGAN + 5000, 2000, False]], "frames": []}
    take(device, 2, json.dumps(stopped))
    take(device, 3, batch(BEGAN + 6000, frames=15))  # while it waits
    take(device, 4, batch(BEGAN + 9000, frames=30, film_ms=2000.0))
    session = read_session(device.session._record._home, device.session.session_id)
    assert session is not None
    assert session.offset_ms == 3000
    film = [t - 3000 for t in kept(device) if t >= 3000]
    assert len(film) == 60
    assert film[0] == 0
    assert film[-1] == pytest.approx(4000 - 67, abs=2)


def test_measures_are_the_cores(device: OwnDevice) -> None:
    take(device, 0, batch(BEGAN))
    (file,) = files(device)
    rows = read_shard(file, device.session.session_id).timeline.to_pandas()
    assert set(rows["viewer"]) == {1}
    assert np.allclose(rows["p_happy"], 0.6)
    assert np.allclose(rows["engagement"], 100 * rows["attention"] * (0.4 + 0.6 * 0.7), atol=0.01)


@pytest.mark.parametrize(
    "text",
    [
        batch(BEGAN, faces=face(e=[0.9, 0.9, 0, 0, 0, 0, 0])),
        batch(BEGAN, faces=face(e=[2, -1, 0, 0, 0, 0, 0])),
        batch(BEGAN, faces=face(b=[9e9, 0, 10, 10])),
        batch(BEGAN, faces=face(b=[10, 10, -5, 10])),
        batch(BEGAN, faces=face(s=1.5)),
        batch(BEGAN, faces=face(w="bored")),
        batch(BEGAN, faces=face(r=[1e9] * 11)),
        batch(BEGAN, faces=face(r=[True] + [None] * 10)),
        batch(BEGAN, faces=face(s=True)),
        batch(BEGAN, faces=face(e="1000000")),
        batch(BEGAN, faces=face(r=[math.nan] + [None] * 10)),
        batch(BEGAN, faces=face(b=[10**400, 0, 10, 10])),
        batch(BEGAN, faces=face(p=[1, 2])),
        batch(BEGAN, faces=[]),
        batch(BEGAN, frames=390, hz=-15),
        batch(BEGAN, frames=401),
        batch(BEGAN, frames=390, hz=0.1),  # an hour in two minutes
        batch(BEGAN, film_ms=9e6),  # long past the film's end
        '{"size": [640, 480], "frames": [[NaN, null]], "film": []}',
        '{"size": [1, 1], "frames": [], "film": []}',
        '{"size": [1e999, 480], "frames": [], "film": []}',
        '{"size": [640, 480], "frames": [[1' + "0" * 400 + ', null]], "film": []}',
        "[" * 100_000,
        "[]",
        "no",
    ],
)
def test_what_cannot_be_right_is_refused_and_leaves_nothing(device: OwnDevice, text: str) -> None:
    with pytest.raises(RespondentRefused, match="cannot be right"):
        take(device, 0, text)
    assert device.next == 0
    assert not device.session.begun
    assert take(device, 0, batch(BEGAN)) == 1


def test_a_stream_faster_than_time_is_bounded(device: OwnDevice) -> None:
    device._began = time.monotonic()
    assert take(device, 0, batch(BEGAN)) == 1
    assert take(device, 1, batch(BEGAN + 5000)) == 2, "a clock may run ahead a little"
    with pytest.raises(RespondentRefused):
        take(device, 2, batch(BEGAN + 10_000))
    assert len(kept(device)) == 150


def test_what_the_disk_refused_is_not_acknowledged_before_it_is_there(
    device: OwnDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(device, 0, batch(BEGAN))
    text = batch(BEGAN + 5000)
    with monkeypatch.context() as full:
        full.setattr(shards, "sync_folder", no_room)
        with pytest.raises(RaptError, match="cannot be written"):
            take(device, 1, text)
        with pytest.raises(RaptError, match="cannot be written"):
            take(device, 1, text)
    assert device.next == 1
    assert take(device, 1, text) == 2
    times = kept(device)
    assert len(times) == len(set(times)) == 150


def test_frames_without_a_face_and_between_films_are_no_faces_of_others(
    device: OwnDevice,
) -> None:
    value = json.loads(batch(BEGAN, frames=6))
    for k, (happy, frame) in enumerate(zip([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], value["frames"])):
        frame[1] = None if k in (1, 4) else face(k, e=[0, 0, 0, happy, 0, 0, 1 - happy])
    take(device, 0, json.dumps(value))
    (file,) = files(device)
    shard = read_shard(file, device.session.session_id)
    assert shard.frames["faces"].to_pylist() == [1, 0, 1, 1, 0, 1]
    assert shard.timeline["frame"].to_pylist() == [0, 2, 3, 5]
    assert np.allclose(shard.timeline["p_happy"], [0.1, 0.3, 0.4, 0.6])


def no_room(_folder: Path) -> None:
    raise OSError(28, "No space left on device")


def test_who_has_no_secret_is_not_heard(device: OwnDevice) -> None:
    text = batch(BEGAN)
    with pytest.raises(RespondentRefused, match="not signed") as refused:
        device.take(0, text, sign("another", 0, text))
    assert refused.value.status == 403
    with pytest.raises(RespondentRefused):
        device.take(1, text, sign(device.secret, 0, text))


def test_the_same_numbers_again_and_again_are_marked(device: OwnDevice) -> None:
    take(device, 0, batch(BEGAN, faces=face()))
    session = read_session(device.session._record._home, device.session.session_id)
    assert session is not None
    assert [one["name"] for one in session.markers] == [REPEATS]


def test_of_many_who_come_at_once_all_are_offered_the_same(tmp_path: Path) -> None:
    """NumPy's reader of .npz parses Python, which threads of 3.11 cannot do beside each other."""
    home = Home(tmp_path)
    install_nothing(home)
    files = DeviceFiles(home, look_every_s=0)
    with ThreadPoolExecutor(16) as pool:
        offered = list(pool.map(lambda _: files.offer(), range(64)))
    assert offered[0] is not None
    assert offered == [offered[0]] * 64
    first = files._made()
    assert first is files._made(), "made once"
    renewed = {"runtime": "litert.js 1", "files": {"litert.js": "0" * 64}}
    (home.cache / "web-1" / LIST).write_text(json.dumps(renewed))
    assert files.offer() != offered[0], "what changed has another address"


def test_the_disk_is_not_asked_again_at_every_request(tmp_path: Path) -> None:
    home = Home(tmp_path)
    files = DeviceFiles(home, look_every_s=600)
    assert files.offer() is None
    folder = install_nothing(home)
    offered = files.offer()
    assert offered is not None, "what is missing is looked for each time"
    (folder / LIST).unlink()
    assert files.offer() == offered


def test_a_script_that_changed_has_another_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser keeps what lies below an address for ever."""
    home = Home(tmp_path / "home")
    install_nothing(home)
    before = DeviceFiles(home).offer()
    with as_file(SCRIPTS) as scripts:
        shutil.copytree(scripts, tmp_path / "js")
    monkeypatch.setattr("fer_core.web.folder.SCRIPTS", tmp_path / "js")
    assert DeviceFiles(home).offer() == before
    with (tmp_path / "js" / "worker.js").open("a", encoding="utf-8") as script:
        script.write("// a new version\n")
    assert DeviceFiles(home).offer() != before


def test_a_visit_of_numbers_from_consent_to_the_store(outside: Outside) -> None:
    install_nothing(outside.visits._parts.home)
    token = outside.link()
    _, page, _ = outside.ask("GET", f"/r/{token}")
    base = page.split('"base": "')[1].split('"')[0]
    assert outside.ask("GET", f"{base}reader.js")[0] == 200
    table = json.loads(outside.ask("GET", f"{base}table.json")[1])
    assert table["check"]["says"]["no face"]
    assert outside.ask("GET", base + table["files"]["model"]["name"])[0] == 200
    for other in ("..%2f..%2fsecret", "list.json", "install.lock"):
        assert outside.ask("GET", base + other)[0] == 404
    read = page.split('"read": "')[1].split('"')[0]
    asked = {"read": read, "respondent": "P9", "device": True}
    begun = json.loads(outside.ask("POST", f"/r/{token}/begin", asked)[1])
    key, secret = begun["visit"], begun["secret"]

    def post(what: str, **value: Any) -> tuple[int, Any]:
        status, said, _ = outside.ask("POST", f"/r/{token}/{what}", {"visit": key, **value})
        return status, json.loads(said)

    assert post("numbers", n=0, data="{}", signature="")[0] == 410, "not before the start"
    assert post("start", device=True)[0] == 200
    visit = outside.visits.places.find(key)
    assert visit is not None
    assert visit.own is not None
    assert outside.visits.places.count() == 0, "it takes no place of those whose pictures come here"
    now = time.time() * 1000
    for n in range(2):
        text = batch(now + 2000 * n, frames=30, film_ms=2000.0 * n)
        signed = {"n": n, "data": text, "signature": sign(secret, n, text)}
        assert post("numbers", **signed) == (200, {"next": n + 1})
        assert post("numbers", **signed) == (200, {"next": n + 1})
    assert post("numbers", n=2, data=text, signature="forged")[0] == 403
    assert post("end", how="done") == (200, {"kept": True})
    outside.store.sync()
    (came,) = outside.store.respondents.responses(outside.link_id(token))
    assert (came.state, came.alignment["method"]) == ("done", "device")
    assert came.session_id is not None
    session = outside.store.sessions.get(came.session_id)
    assert session.status == "done"
    assert session.versions["reader"] == "litert.js 0"
    seconds = outside.store.timeline.seconds(session.session_id)
    assert set(range(4)) <= set(seconds["second"])


def test_two_starts_at_once_make_one_recording(outside: Outside) -> None:
    install_nothing(outside.visits._parts.home)
    token = outside.link()
    _, page, _ = outside.ask("GET", f"/r/{token}")
    read = page.split('"read": "')[1].split('"')[0]
    asked = {"read": read, "respondent": "P9", "device": True}
    key = json.loads(outside.ask("POST", f"/r/{token}/begin", asked)[1])["visit"]
    visits, loop = outside.visits, outside.visits._loop
    root = visits._parts.home.root / "sessions"
    before = set(root.glob("*"))
    both = [loop.submit(visits.start(key, True)) for _ in range(2)]
    assert [one.result(timeout=30) for one in both] == [0, 0]
    folders = set(root.glob("*")) - before
    visit = visits.places.find(key)
    assert visit is not None
    assert visit.live is not None
    assert [one.name for one in folders] == [visit.live.session_id]


def test_who_is_just_coming_counts_among_those_who_wait(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come beside each other, and still no address has more than its share."""
    monkeypatch.setattr(places, "MOST_OWN_WAITING_FROM_ONE", 2)
    here = outside.visits.places
    with here.coming("a"), here.coming("a"):
        with pytest.raises(RespondentRefused, match="All places are taken"), here.coming("a"):
            pass
        with here.coming("b"):
            pass
    with here.coming("a"):
        pass
