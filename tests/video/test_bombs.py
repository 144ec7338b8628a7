"""Small files that would take much memory."""

from __future__ import annotations

import os
import stat
import struct
import zlib
from pathlib import Path

import pytest

from fer_core.errors import VideoError
from fer_core.files import sha256_of_file
from fer_core.video import Decoder, probe
from fer_core.video.media_type import UNKNOWN, media_type
from fer_core.video.thumbnail_process import ThumbnailProcess
from tests.video.films import film


def png(path: Path, width: int, height: int, depth: int = 8, kind: int = 2, *more: bytes) -> Path:
    """A PNG of one colour, packed a thousandfold; ``more`` chunks come before the picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    packer, channels = zlib.compressobj(9), {0: 1, 2: 3, 6: 4}[kind]
    row = bytes(1 + width * channels * depth // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = [chunk(b"IHDR", head), *(chunk(b"iCCP", one) for one in more)]
    chunks += [chunk(b"IDAT", body), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


@pytest.mark.parametrize(
    ("width", "height", "depth", "kind"), [(8000, 8000, 8, 0), (6000, 6000, 16, 6)]
)
def test_a_picture_that_takes_much_memory_is_refused_before_it_is_decoded(
    tmp_path: Path, width: int, height: int, depth: int, kind: int
) -> None:
    bomb = png(tmp_path / "bomb.png", width, height, depth, kind)
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(VideoError, match="too large"):
        probe(bomb)


def test_a_profile_that_unpacks_to_more_than_a_picture_is_refused(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    bomb = png(tmp_path / "bomb.png", 64, 64, 8, 2, b"profile\0\0" + packed)
    with pytest.raises(VideoError, match="profile"):
        probe(bomb)
    profile = b"profile\0\0" + zlib.compress(bytes(100_000))
    fine = png(tmp_path / "fine.png", 64, 64, 8, 2, profile)
    assert probe(fine).width == 64


def test_a_phones_photograph_is_not_too_large(tmp_path: Path) -> None:
    with Decoder(png(tmp_path / "photo.png", 8064, 6048, 8, 0), long_side=640) as decoder:
        assert next(iter(decoder)).rgb.shape[1] == 640


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(VideoError, match="pipe or a device"):
        probe(pipe)
    with pytest.raises(OSError, match="not a file"):
        sha256_of_file(pipe)
    assert media_type(pipe) == UNKNOWN


def test_thumbnails_are_made_elsewhere_and_one_that_hangs_costs_itself(tmp_path: Path) -> None:
    good = film(tmp_path / "good.mp4")
    process = ThumbnailProcess()
    try:
        assert process.thumbnail(str(good)).startswith(b"\xff\xd8")
        first = process.pid
        assert first not in (None, os.getpid())
        with pytest.raises(VideoError, match="too large"):
            process.thumbnail(str(png(tmp_path / "bomb.png", 8000, 8000, 8, 0)))
        assert process.pid == first
        assert process.still(str(good), 200).startswith(b"\xff\xd8")
        with pytest.raises(VideoError, match="too large"):
            process.still(str(tmp_path / "bomb.png"), 200)
        assert process.pid == first
        os.kill(first or 0, 9)
        assert process.thumbnail(str(good)).startswith(b"\xff\xd8"), "another process makes it"
        process._patience_s = 0.0
        with pytest.raises(VideoError):
            process.thumbnail(str(good))
    finally:
        process.close()
    assert process.pid is None
