"""What one person's uploads may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.shared.web.access.identity import acting
from dashboard.shared.web.upload.uploads import UploadError, UploadService
from fer_core.access.permissions import LOCAL, Identity, Role

ANN = Identity("u-ann", "Ann", Role.ANALYST, "g1")
BEN = Identity("u-ben", "Ben", Role.ANALYST, "g2")


def service(folder: Path, person: int = 100) -> UploadService:
    return UploadService(folder, free=lambda _: 10**12, person=lambda: person)


def bring(uploads: UploadService, who: Identity, name: str, size: int) -> str:
    with acting(who):
        arriving, offset = uploads.begin(name, size, 0, {})
        piece = uploads.open(arriving.id, offset)
        piece.write(name.encode()[:1] * size)
        piece.close()
        assert uploads.finish(arriving.id) is not None
        return arriving.id


def test_a_person_may_bring_so_much_and_no_more_announced_files_included(tmp_path: Path) -> None:
    uploads = service(tmp_path)
    bring(uploads, ANN, "a.mp4", 60)
    assert uploads.brought_by(ANN.user_id) == 60
    with acting(ANN):
        uploads.begin("b.mp4", 30, 0, {})
        assert uploads.brought_by(ANN.user_id) == 90
        with pytest.raises(UploadError, match="your uploads would pass"):
            uploads.begin("c.mp4", 20, 0, {})
    bring(uploads, BEN, "d.mp4", 100)
    with acting(LOCAL):
        uploads.begin("e.mp4", 1000, 0, {})  # without accounts there is nobody to count for


def test_what_is_deleted_is_not_counted_any_more(tmp_path: Path) -> None:
    uploads = service(tmp_path)
    bring(uploads, ANN, "a.mp4", 60)
    for file in tmp_path.glob("*/*"):
        file.unlink()
        file.parent.rmdir()
    assert uploads.brought_by(ANN.user_id) == 0
    bring(service(tmp_path), ANN, "b.mp4", 90)  # also after a restart
    assert service(tmp_path).brought_by(ANN.user_id) == 90
    assert "b.mp4" not in (tmp_path / ".people").read_text(), "ids alone"


def test_an_upload_is_its_bringers_alone(tmp_path: Path) -> None:
    uploads = service(tmp_path)
    with acting(ANN):
        mine, _ = uploads.begin("a.mp4", 60, 0, {})
    with acting(BEN):
        theirs, _ = uploads.begin("a.mp4", 60, 0, {})
        assert theirs.id != mine.id
        for reach in (uploads.announced, uploads.finish, lambda one: uploads.open(one, 0)):
            with pytest.raises(UploadError, match="not known here"):
                reach(mine.id)
