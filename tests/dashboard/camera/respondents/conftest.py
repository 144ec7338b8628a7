"""A listener for respondents, with a study and a film behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.respondents.routes import respondent_routes
from dashboard.camera.respondents.visits import Visits
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.dashboard.camera.respondents.outside import Outside
from tests.networks import with_networks
from tests.ports import free_port


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, face_networks: Path) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    home = with_networks(Home(folder / "secret-home"), face_networks)
    film = folder / "secret-film.mp4"
    film.write_bytes(b"\0" * 5000)
    port = free_port()
    with open_store(home, look_after=False) as store:
        study = store.run(AddStudy(name="Secret study", conditions=["A"]))
        store.run(StatePurpose(study_id=study, purpose="media"))
        stimulus = store.run(
            AddStimulus(title="Secret title", study_id=study, path=str(film), length_ms=5000)
        )
        loop = MediaLoop()
        visits = Visits(home, lambda: store, loop)
        listener = RespondentListener(
            Address("127.0.0.1", port),
            respondent_routes(lambda: visits, lambda: store, lambda: loop),
            loop,
        )
        listener.open()
        for _ in range(100):
            if listener.listening:
                break
            time.sleep(0.05)
        yield Outside(port, store, visits, study, stimulus, film)
        listener.close()
        loop.submit(visits.close()).result(timeout=20)
        loop.close()
