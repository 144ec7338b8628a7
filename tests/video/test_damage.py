"""Files that are broken, cut off, or no films at all."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from fer_core.errors import VideoError
from fer_core.video import Decoder, probe
from tests.video.films import film, sound


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 frames with their index in front, a keyframe each 10."""
    path = tmp_path_factory.mktemp("films") / "whole.mp4"
    return film(path, 200, container={"movflags": "faststart"}, options={"bf": "2"})


def overwrite(source: Path, path: Path, at: float, length: int) -> Path:
    content = bytearray(source.read_bytes())
    start = int(len(content) * at)
    noise = np.random.default_rng(1).integers(0, 256, length, dtype=np.uint8)
    content[start : start + length] = noise.tobytes()
    path.write_bytes(content)
    return path


def decode(path: Path) -> tuple[list[tuple[int, int]], Decoder]:
    with Decoder(path, long_side=64) as decoder:
        return [(frame.index, frame.t_ms) for frame in decoder], decoder


@pytest.mark.parametrize("share", [0.4, 0.55, 0.83])
def test_a_truncated_video_keeps_the_frames_before_the_cut(
    whole: Path, tmp_path: Path, share: float
) -> None:
    path = tmp_path / "cut.mp4"
    content = whole.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with av.open(str(path)) as raw:  # one thread loses nothing that is still whole
        raw.streams.video[0].codec_context.thread_count = 1
        reachable = 0
        for packet in raw.demux(video=0):
            try:
                reachable += len(packet.decode())
            except (av.error.InvalidDataError, EOFError):
                continue
    frames, decoder = decode(path)
    assert len(frames) == reachable > 20
    assert decoder.report.lost == 200 - len(frames)
    assert any("declared" in problem for problem in decoder.report.problems)
    # The cut may take a frame that others are shown after: only the last ones can have gaps.
    whole_part = len(frames) - 4
    assert frames[:whole_part] == [(index, 40 * index) for index in range(whole_part)]


def test_damage_in_the_middle_keeps_the_frames_around_it(whole: Path, tmp_path: Path) -> None:
    frames, decoder = decode(overwrite(whole, tmp_path / "hurt.mp4", 0.5, 400))
    assert 150 < len(frames) < 200
    assert decoder.report.lost == 200 - len(frames)
    assert frames[-1][1] == 199 * 40  # the frames behind the hole keep their times
    assert "damaged data" in " ".join(decoder.report.problems)


def test_a_hole_shows_where_the_container_declares_no_number(tmp_path: Path) -> None:
    path = film(tmp_path / "whole.mkv", 200, options={"bf": "0", "g": "25"})
    frames, decoder = decode(overwrite(path, tmp_path / "hurt.mkv", 0.5, 600))
    missing = 200 - len(frames)
    assert missing > 15
    assert decoder.report.lost == pytest.approx(missing, abs=3)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames, decoder = decode(cut)
    assert decoder.report.lost == pytest.approx(200 - len(frames), abs=3)


def test_whole_films_of_every_container_report_no_loss(tmp_path: Path) -> None:
    for suffix in ("mp4", "mkv", "ts", "avi", "mov"):
        codec = "mpeg4" if suffix == "avi" else "libx264"
        _, decoder = decode(film(tmp_path / f"film.{suffix}", 60, codec=codec))
        assert (decoder.report.decoded, decoder.report.lost) == (60, 0), suffix
        assert decoder.report.problems == (), suffix
        assert decoder.report.last_t_ms == 59 * 40


def test_an_uneven_film_without_declared_number_has_nothing_to_lose(tmp_path: Path) -> None:
    times = list(np.cumsum(np.random.default_rng(3).integers(20, 700, 40)))
    path = film(tmp_path / "uneven.webm", 40, codec="libvpx-vp9", times_ms=[int(t) for t in times])
    _, decoder = decode(path)
    assert (decoder.report.decoded, decoder.report.lost) == (40, 0)


def test_what_is_no_film_is_refused_in_one_line_with_advice(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    late_index = film(tmp_path / "late.mp4", 60).read_bytes()
    made = {
        "no_index.mp4": late_index[: len(late_index) // 2],
        "empty.mp4": b"",
        "text.mp4": b"not a film at all\n" * 40,
        "notes.txt": b"a list of things to buy\n" * 40,
        "noise.webm": np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes(),
        "list.m3u8": b"#EXTM3U\n#EXTINF:10,\nother.mp4\n",
        "list.txt": b"ffconcat version 1.0\nfile whole.mp4\n",
        "header.mp4": content[:40],
        "page.html": b"<html><body>404</body></html>",
    }
    for name, data in made.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(VideoError) as caught:
            probe(path)
        assert caught.value.hint, name
        assert "\n" not in str(caught.value), name
        assert name in caught.value.message
    for path in (tmp_path, tmp_path / "missing.mp4", sound(tmp_path / "song.m4a")):
        with pytest.raises(VideoError) as caught:
            Decoder(path)
        assert caught.value.hint
        assert path.name in caught.value.message
    assert "only sound" in str(caught.value)


def test_a_librarys_error_is_chained(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(b"not a film" * 100)
    with pytest.raises(VideoError) as caught:
        probe(path)
    assert isinstance(caught.value.__cause__, av.error.FFmpegError)


def test_an_absurd_size_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = b""
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        chunks += struct.pack(">I", len(data)) + kind + data + crc
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    with pytest.raises(VideoError):
        probe(path)


def test_random_damage_never_ends_in_anything_but_frames_or_a_clear_error(
    whole: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    content = whole.read_bytes()
    path = tmp_path / "fuzz.mp4"
    for _ in range(25):
        hurt = bytearray(content[: int(rng.integers(len(content) // 3, len(content)))])
        for at in rng.integers(0, len(hurt), 60):
            hurt[at] = int(rng.integers(0, 256))
        path.write_bytes(hurt)
        try:
            frames, decoder = decode(path)
        except VideoError as error:
            assert error.hint  # noqa: PT017
            continue
        times = [t for _, t in frames]
        assert times == sorted(set(times))
        assert decoder.report.decoded == len(frames)
