"""Every kind of file and value that Rapt reads, whole, each with what reads it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from skimage.data import astronaut

from dashboard.admin.people import data as people
from dashboard.audience.study.film import markers
from dashboard.camera.connection import network
from dashboard.camera.respondents import data as respondents_settings
from dashboard.lab.data import data as data_sets
from dashboard.shared.web.access.oidc import Provider
from dashboard.shared.web.upload import limits as upload_limits
from fer_core.access.api_tokens import ApiTokens
from fer_core.access.share_links import PATH
from fer_core.batch.data import prepare_set
from fer_core.errors import SettingsError
from fer_core.files import parse_json, write_json
from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec, check_settings
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.keeping.backup import back_up, known_places, read_manifest
from fer_core.keeping.restore import restore
from fer_core.keeping.rules import RULES, value_of
from fer_core.recommend.catalogue import read_catalogue, starter_catalogue, write_catalogue
from fer_core.reports import sharing as shared
from fer_core.storage import Store
from fer_core.storage.settings import SetSetting
from fer_core.storage.shares import AddShare
from fer_core.storage.studies import AddStudy
from fer_core.storage.timeline import archive
from fer_core.storage.timeline.archiving import ArchiveTimeline, UnarchiveTimeline
from fer_core.storage.timeline.kept_faces import faces_folder, read_kept
from fer_core.storage.timeline.session_file import read_session, session_path
from fer_core.storage.timeline.shards import read_shard, shard_files
from fer_core.studies import respondents
from fer_core.training.readers.folders import read_folders
from fer_core.training.readers.kaggle import read_csv
from fer_core.training.readers.prepared import read_prepared
from fer_core.training.sets.writing import Recipe
from fer_core.video import Decoder, probe, thumbnail
from fer_core.webhooks.hooks import Event, Hook, Hooks
from fer_core.zoo.model_store import shipped, stored_models
from tests.films import portrait_film
from tests.storage.rows import record

MARKERS = b"name,from,to\nLogo,0:28,0:30\nJoke,41.5,\n"
RESPONDENTS = b"recording,respondent,condition\nClip,R07,A\nOther,R08,B\n"
OIDC = b"""server_metadata_url = "https://id.example/.well-known/openid-configuration"
client_id = "rapt"
client_secret = "kept"
redirect_uri = "https://rapt.example/oauth2callback"
trust_email = false
"""
NUMBERS = ("upload.max_bytes", "upload.max_total_bytes", "upload.max_person_bytes",
           "respond.max_sessions", "audit.keep_days")  # fmt: skip


class Kind(NamedTuple):
    """What is damaged, and who reads it."""

    whole: bytes
    read: Callable[[bytes], object]


@dataclass(frozen=True)
class Place:
    """Where damaged things are put: a home with a store that threads look after."""

    folder: Path
    home: Home
    store: Store

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def fresh(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))


def kinds(place: Place) -> dict[str, Kind]:
    """All kinds by name."""
    return _records(place) | _media(place) | _tables(place) | _archives(place) | _settings(place)


def _records(place: Place) -> dict[str, Kind]:
    """What sessions, jobs and models consist of."""
    home, store = place.home, place.store
    record(home, "good", 20, name="Clip")
    shard = next(iter(shard_files(home.shards("good")).values()))
    kept = faces_folder(home, "kept") / "000001.npz"
    kept.parent.mkdir(parents=True)
    whole_numbers = {name: np.zeros(3, np.int32) for name in ("frame", "t_ms", "viewer")}
    np.savez_compressed(
        kept, first=np.int32(0), crops=np.zeros((3, 48, 48), np.uint8),
        probabilities=np.full((3, 7), 1 / 7, np.float32), **whole_numbers,
    )  # fmt: skip
    job = JobFolder.of(home, "j1")
    job.path.mkdir(parents=True)
    job.write_state(JobState())
    job.write_spec("analyze", AnalysisSpec.new("/film.mp4", name="Clip").to_json())
    order = place.folder / "order.json"
    write_json(order, {"order_id": "o1", "kind": "add_study", "payload": {"name": "x"}})

    def session(content: bytes) -> None:
        path = session_path(home, "bad")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        store.sync()
        read_session(home, "bad")

    def ordered(content: bytes) -> None:
        home.inbox.mkdir(exist_ok=True)
        (home.inbox / "a.json").write_bytes(content)
        store.sync()
        assert not list(home.inbox.glob("*.json")), "an order stays"

    record(home, "old", 20)
    store.sync()
    store.run(ArchiveTimeline(session_id="old"))
    old = archive.files(home)["old"]

    def archived(content: bytes) -> None:
        old.write_bytes(content)
        store.timeline.rows("old")
        store.run(UnarchiveTimeline(session_id="old"))
        store.run(ArchiveTimeline(session_id="old"))

    def state(content: bytes) -> None:
        (job.path / "state.json").write_bytes(content)
        job.state()

    def spec(content: bytes) -> None:
        (job.path / "spec.json").write_bytes(content)
        check_settings(AnalysisSpec.from_json(job.spec()).settings)

    def card(content: bytes) -> None:
        home.models.mkdir(exist_ok=True)
        (home.models / "bad.json").write_bytes(content)
        stored_models(home)

    def faces(content: bytes) -> None:
        kept.write_bytes(content)
        read_kept(home, "kept")

    return {
        "session.json": Kind(session_path(home, "good").read_bytes(), session),
        "order": Kind(order.read_bytes(), ordered),
        "job's state": Kind((job.path / "state.json").read_bytes(), state),
        "job's settings": Kind((job.path / "spec.json").read_bytes(), spec),
        "model card": Kind(next(shipped().glob("*.json")).read_bytes(), card),
        "shard": Kind(
            shard.read_bytes(), lambda found: read_shard(place.put("1.parquet", found), "good")
        ),
        "archived timeline": Kind(old.read_bytes(), archived),
        "kept faces": Kind(kept.read_bytes(), faces),
    }


def _media(place: Place) -> dict[str, Kind]:
    """Films and pictures; each is described, decoded to its end and made small."""
    film = portrait_film(place.folder / "film.mp4", frames=5, away=range(0))
    webm = portrait_film(place.folder / "film.mkv", frames=5, away=range(0))
    face = np.ascontiguousarray(astronaut()[:240, 100:340, ::-1])

    def read(name: str) -> Callable[[bytes], None]:
        def watch(content: bytes) -> None:
            path = place.put(name, content)
            probe(path)
            with Decoder(path) as frames:
                for _ in frames:
                    pass
            thumbnail(path)

        return watch

    def picture(ending: str) -> bytes:
        return bytes(cv2.imencode(ending, face)[1])

    labelled = place.folder / "faces" / "happy"
    labelled.mkdir(parents=True)

    def in_a_set(content: bytes) -> None:
        (labelled / "1.jpg").write_bytes(content)
        read_folders(labelled.parent)

    return {
        "film (mp4)": Kind(film.read_bytes(), read("a.mp4")),
        "film (mkv)": Kind(webm.read_bytes(), read("a.mkv")),
        "picture (jpg)": Kind(picture(".jpg"), read("a.jpg")),
        "picture (png)": Kind(picture(".png"), read("a.png")),
        "picture (webp)": Kind(picture(".webp"), read("a.webp")),
        "picture of a data set": Kind(picture(".jpg"), in_a_set),
    }


def _tables(place: Place) -> dict[str, Kind]:
    """CSV files of four purposes."""
    pixels = " ".join(map(str, range(48)))
    faces = f"emotion,pixels,Usage\n3,{' '.join([pixels] * 48)},Training\n".encode()
    titles = write_catalogue(starter_catalogue()[:20]).encode()
    known = {"s1": "Clip", "s2": "Other"}
    prepared = place.fresh() / "set"
    source = place.put("faces.csv", faces)
    prepare_set(source, prepared, Recipe(), lambda work, items: list(map(work, items)), 1)

    def of_set(name: str) -> Kind:
        def read(content: bytes) -> None:
            whole = (prepared / name).read_bytes()
            try:
                (prepared / name).write_bytes(content)
                read_prepared(prepared)
            finally:
                (prepared / name).write_bytes(whole)

        return Kind((prepared / name).read_bytes(), read)

    return {
        "prepared set": of_set("prepared.json"),
        "shard of a prepared set": of_set("train-00000.parquet"),
        "CSV of markers": Kind(MARKERS, markers.from_csv),
        "CSV of respondents": Kind(RESPONDENTS, lambda one: respondents.from_csv(one, known)),
        "CSV of titles": Kind(titles, read_catalogue),
        "CSV of faces": Kind(faces, lambda one: read_csv(place.put("a.csv", one))),
    }


def _archives(place: Place) -> dict[str, Kind]:
    """Zips: data sets and backups."""
    archive = place.folder / "set.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(4):
            out.writestr(f"happy/{number}.png", bytes(500))
    backup = back_up(place.store, place.fresh())

    def restored(content: bytes) -> None:
        path = place.put("a.rapt.zip", content)
        read_manifest(path)
        restore(Home(place.fresh() / "home"), path)

    return {
        "zip of a data set": Kind(
            archive.read_bytes(),
            lambda found: data_sets.unpack(place.put("a.zip", found), place.fresh()),
        ),
        "backup": Kind(backup.read_bytes(), restored),
    }


def _settings(place: Place) -> dict[str, Kind]:
    """The file of an identity provider, and every value that the store keeps under a name."""
    home, store = place.home, place.store
    known: dict[str, Any] = {
        "backup.places": ["/backups"],
        "lab.data_sets": [
            {"data_id": "d1", "name": "x", "path": "/x", "imported": False, "added": "2026"}
        ],
        "network.stun_url": "stun:stun.example:3478",
        "respond.recipient": "Somebody",
        **dict.fromkeys(NUMBERS, 20_000_000),
        **{rule.name: rule.default for rule in RULES},
    }

    def provider(content: bytes) -> None:
        home.oidc.write_bytes(content)
        Provider.of_home(home)

    def values(content: bytes) -> None:
        try:
            found = parse_json(content)
        except ValueError as error:  # what the door of the store says of it
            raise SettingsError("This is no JSON.") from error
        for name, value in found.items() if isinstance(found, dict) else ():
            if name in known:
                store.run(SetSetting(name=name, value=value))
        read_all_settings(store)

    def tokens(content: bytes) -> None:
        home.api_tokens.write_bytes(content)
        found = ApiTokens(home)
        found.find("rapt_x")
        _ = found.any

    def hooks(content: bytes) -> None:
        home.webhooks.mkdir(exist_ok=True)
        (home.webhooks / "hooks.json").write_bytes(content)
        Hooks(home).list()

    study = store.run(AddStudy(name="Shared"))
    page = AddShare(study_id=study, sessions=(), minimum=5, html="<p>", days=1)
    link = shared.path_of(store, store.run(page)).removeprefix(PATH)
    ApiTokens(home).add("x", ["read"], days=1)
    hook = Hook("a1", "https://rapt.example/told", "kept", (Event.JOB_DONE,))

    return {
        "identity provider": Kind(OIDC, provider),
        "programs' tokens": Kind(home.api_tokens.read_bytes(), tokens),
        "webhooks": Kind(json.dumps([asdict(hook)]).encode(), hooks),
        "link of a shared report": Kind(
            link.encode(), lambda found: shared.read(store, found.decode("utf-8", "replace"))
        ),
        "settings": Kind(json.dumps(known).encode(), values),
    }


def read_all_settings(store: Store) -> None:
    """Read every setting as the pages and the keepers do."""
    known_places(store)
    data_sets.known(store)
    network.load(store)
    respondents_settings.recipient(store)
    respondents_settings.most_sessions(store)
    people.keep_days(store)
    for limit in (
        upload_limits.upload_limit, upload_limits.most_uploaded, upload_limits.most_of_person,
    ):  # fmt: skip
        limit(store)
    for rule in RULES:
        value_of(store, rule)
