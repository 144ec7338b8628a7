"""Files on their way in."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

import pytest

from dashboard.shared.web.upload.uploads import (
    EMPTY_S,
    MOST_WAITING,
    UNUSED_S,
    OutOfStep,
    UploadError,
    UploadService,
)
from fer_core.files import safe_file_name

CONTENT = bytes(range(256)) * 40  # 10,240 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def desk(tmp_path: Path) -> UploadService:
    return UploadService(tmp_path / "uploads", limit=lambda: 1_000_000, free=lambda _: 10**12)


def send(desk: UploadService, upload: str, offset: int, content: bytes) -> None:
    piece = desk.open(upload, offset)
    try:
        piece.write(content)
    finally:
        piece.close()


def test_a_file_in_pieces_comes_to_rest_whole_under_its_digest_and_name(
    desk: UploadService, tmp_path: Path
) -> None:
    arriving, offset = desk.begin("a clip.mp4", len(CONTENT), 7, {"fps": 5})
    assert offset == 0
    send(desk, arriving.id, 0, CONTENT[:4000])
    assert desk.finish(arriving.id) is None
    send(desk, arriving.id, 4000, CONTENT[4000:])
    arrived = desk.finish(arriving.id)
    assert arrived is not None
    assert arrived.path.read_bytes() == CONTENT
    assert arrived.digest == DIGEST
    assert arrived.name == "a clip.mp4"
    assert arrived.options == {"fps": 5}
    assert arrived.path == tmp_path / "uploads" / DIGEST[:16] / "a clip.mp4"
    assert os.listdir(tmp_path / "uploads") == [DIGEST[:16]]


def test_a_file_dropped_again_after_a_restart_goes_on_where_it_stopped(
    desk: UploadService, tmp_path: Path
) -> None:
    first, _ = desk.begin("clip.mp4", len(CONTENT), 7, {})
    send(desk, first.id, 0, CONTENT[:6000])
    restarted = UploadService(tmp_path / "uploads", free=lambda _: 10**12)
    again, offset = restarted.begin("clip.mp4", len(CONTENT), 7, {})
    assert (again.id, offset) == (first.id, 6000)
    send(restarted, again.id, 6000, CONTENT[6000:])
    arrived = restarted.finish(again.id)
    assert arrived is not None
    assert arrived.digest == DIGEST


def test_a_piece_from_the_wrong_place_is_told_the_right_one(desk: UploadService) -> None:
    arriving, _ = desk.begin("clip.mp4", len(CONTENT), 7, {})
    send(desk, arriving.id, 0, CONTENT[:1000])
    with pytest.raises(OutOfStep) as caught:
        desk.open(arriving.id, 0)
    assert caught.value.offset == 1000


def test_two_senders_of_one_file_do_not_mix(desk: UploadService) -> None:
    arriving, _ = desk.begin("clip.mp4", len(CONTENT), 7, {})
    piece = desk.open(arriving.id, 0)
    with pytest.raises(UploadError, match="already arriving"):
        desk.open(arriving.id, 0)
    piece.close()
    send(desk, arriving.id, 0, CONTENT)


def test_a_file_cannot_grow_past_the_size_it_announced(desk: UploadService) -> None:
    arriving, _ = desk.begin("clip.mp4", 100, 7, {})
    with pytest.raises(UploadError, match="longer than it said"):
        send(desk, arriving.id, 0, CONTENT)
    assert desk.offset(arriving.id) == 0


def test_what_is_too_large_empty_or_without_room_is_refused_before_it_is_sent(
    desk: UploadService, tmp_path: Path
) -> None:
    with pytest.raises(UploadError, match="limit") as large:
        desk.begin("clip.mp4", 1_000_001, 7, {})
    assert large.value.status == 413
    with pytest.raises(UploadError, match="empty"):
        desk.begin("clip.mp4", 0, 7, {})
    full = UploadService(tmp_path / "full", free=lambda _: 1000)
    with pytest.raises(UploadError, match="no room") as crowded:
        full.begin("clip.mp4", 100, 7, {})
    assert crowded.value.status == 507


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".hidden.mp4", "hidden.mp4"),
        ("a<b>:c?.mov", "abc.mov"),
        ("...", "recording"),
        ("nul\0l\nine.mp4", "nulline.mp4"),
        ("Umfrage Tür.webm", "Umfrage Tür.webm"),
    ],
)
def test_a_name_is_one_harmless_part(given: str, kept: str) -> None:
    assert safe_file_name(given) == kept


def test_a_long_name_keeps_its_ending_and_fits_a_file_system() -> None:
    name = safe_file_name("ä" * 400 + ".mp4")
    assert name.endswith("ä.mp4")
    assert len(name.encode()) <= 120


def test_an_id_that_is_no_id_touches_no_file(desk: UploadService, tmp_path: Path) -> None:
    outside = tmp_path / ".x.part"
    outside.write_text("keep")
    desk.drop("../../x")
    assert outside.exists()
    with pytest.raises(UploadError, match="not known"):
        desk.open("../x", 0)


def test_uploads_nobody_came_back_for_are_swept(desk: UploadService) -> None:
    arriving, _ = desk.begin("clip.mp4", len(CONTENT), 7, {})
    send(desk, arriving.id, 0, CONTENT[:10])
    assert desk.sweep() == 0
    assert desk.sweep(now=time.time() + 8 * 86_400) == 1
    assert desk.offset(arriving.id) == 0


def test_a_cancelled_upload_leaves_nothing(desk: UploadService, tmp_path: Path) -> None:
    arriving, _ = desk.begin("clip.mp4", len(CONTENT), 7, {})
    send(desk, arriving.id, 0, CONTENT[:10])
    desk.drop(arriving.id)
    assert os.listdir(tmp_path / "uploads") == []


def test_what_is_announced_counts_as_if_it_were_here(tmp_path: Path) -> None:
    room = 70 * 10**9
    desk = UploadService(tmp_path / "uploads", free=lambda _: room, total=lambda: 10**12)
    taken = 0
    for number in range(60):
        with contextlib.suppress(UploadError):
            desk.begin(f"clip{number}.mp4", 3_900_000_000, 7, {})
            taken += 1
    assert taken == 17
    with pytest.raises(UploadError, match="no room"):
        desk.begin("one more.mp4", 3_900_000_000, 7, {})


def test_the_uploads_have_a_share_of_the_disk(tmp_path: Path) -> None:
    desk = UploadService(tmp_path / "uploads", free=lambda _: 10**15, total=lambda: 10_000)
    (tmp_path / "uploads" / "abc").mkdir(parents=True)
    (tmp_path / "uploads" / "abc" / "kept.mp4").write_bytes(bytes(6000))
    desk.begin("fits.mp4", 3000, 7, {})
    with pytest.raises(UploadError, match="would pass"):
        desk.begin("too much.mp4", 2000, 7, {})


def test_announcements_are_few_and_empty_ones_go_within_the_hour(tmp_path: Path) -> None:
    desk = UploadService(tmp_path / "uploads", free=lambda _: 10**15)
    for number in range(300):
        with contextlib.suppress(UploadError):
            desk.begin(f"clip{number}.mp4", 1000, 7, {})
    assert len(list((tmp_path / "uploads").iterdir())) == 2 * MOST_WAITING
    assert desk.sweep(now=time.time() + EMPTY_S + 60) == MOST_WAITING
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_uploads_id_cannot_be_computed_by_others(tmp_path: Path) -> None:
    ids = {
        UploadService(tmp_path / one, secret=one).begin("a.mp4", 10, 7, {})[0].id
        for one in ("one", "two")
    }
    assert len(ids) == 2
    assert hashlib.sha256(b"a.mp4\x0010\x007").hexdigest()[:24] not in ids


def test_a_whole_file_that_nothing_names_goes_after_a_day(tmp_path: Path) -> None:
    used = tmp_path / "uploads" / "abc" / "used.mp4"
    refused = tmp_path / "uploads" / "def" / "refused.mp4"
    for path in (used, refused):
        path.parent.mkdir(parents=True)
        path.touch()
    desk = UploadService(tmp_path / "uploads", used=lambda: {str(used)})
    desk.sweep()
    assert refused.exists()
    desk.sweep(now=time.time() + UNUSED_S + 60)
    assert used.exists()
    assert not refused.parent.exists()
