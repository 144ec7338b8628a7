from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from fer_core.errors import SettingsError
from fer_core.types import Frame
from fer_core.video import Decoder, probe
from tests.video.films import HEIGHT, WIDTH, film, picture, remux


def frames_of(path: Path, **options: object) -> list[Frame]:
    with Decoder(path, **options) as decoder:  # type: ignore[arg-type]
        return list(decoder)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("film.mp4", "libx264", "yuv420p"),
        ("film.mkv", "libx265", "yuv420p10le"),
        ("film.webm", "libvpx-vp9", "yuv420p"),
        ("film.avi", "mpeg4", "yuv420p"),
        ("film.mov", "prores", "yuv422p10le"),
        ("film.ts", "libx264", "yuv420p"),
        ("film.mjpeg", "mjpeg", "yuvj420p"),
        ("colours.mkv", "ffv1", "bgr0"),
        ("film.h264", "libx264", "yuv420p"),
    ],
)
def test_every_codec_and_container_gives_the_same_pictures(
    tmp_path: Path, name: str, codec: str, pix_fmt: str
) -> None:
    path = film(tmp_path / name, 12, codec=codec, pix_fmt=pix_fmt)
    frames = frames_of(path)
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.t_ms for frame in frames] == [40 * index for index in range(12)]
    for index in (0, 11):
        # Coarse coding of sharp colour edges: the average is what must agree.
        difference = np.abs(frames[index].rgb.astype(int) - picture(index))
        assert difference.mean() < 6


def test_av1_decodes_where_it_can_be_encoded(tmp_path: Path) -> None:
    if "libsvtav1" not in av.codecs_available:
        pytest.skip("this FFmpeg has no AV1 encoder to make the film with")
    assert len(frames_of(film(tmp_path / "film.mp4", 10, codec="libsvtav1"))) == 10


@pytest.mark.parametrize("name", ["varied.mp4", "varied.webm"])
def test_times_are_the_frames_own_where_the_rate_varies(tmp_path: Path, name: str) -> None:
    times = [0, 40, 50, 200, 210, 500, 900, 905, 1000, 1400]
    codec = "libvpx-vp9" if name.endswith("webm") else "libx264"
    path = film(tmp_path / name, 10, codec=codec, times_ms=times)
    assert [frame.t_ms for frame in frames_of(path)] == times


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv"])
def test_a_late_start_begins_at_zero_and_loses_nothing(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name, 20, times_ms=[5000 + 40 * index for index in range(20)])
    with Decoder(path) as decoder:
        assert [frame.t_ms for frame in decoder] == [40 * index for index in range(20)]
        assert decoder.report.lost == 0
        assert decoder.info.duration_ms == 800


def test_frames_that_an_edit_list_hides_are_neither_shown_nor_lost(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4", 30)
    # Times below zero become an edit list that starts inside the film.
    path = remux(whole, tmp_path / "cut.mp4", {"use_editlist": "1"}, shift=-5 * 512)
    with av.open(str(path)) as raw:
        declared = raw.streams.video[0].frames
        shown = sum(1 for _ in raw.decode(video=0))
    with Decoder(path) as decoder:
        frames = list(decoder)
        assert declared == 30
        assert len(frames) == shown == 25
        assert [frame.t_ms for frame in frames] == [40 * index for index in range(25)]
        assert decoder.report.lost == 0


@pytest.mark.parametrize("turn", [90, 180, -90])
def test_rotation_metadata_is_applied(tmp_path: Path, turn: int) -> None:
    path = film(tmp_path / "turned.mp4", 2, rotation=turn)
    frame = frames_of(path)[0]
    expected = np.rot90(picture(0), turn // 90)
    assert frame.rgb.shape == expected.shape
    assert np.abs(frame.rgb.astype(int) - expected).mean() < 6
    assert np.abs(frame.grey.astype(int) - expected @ [0.299, 0.587, 0.114]).mean() < 6
    info = probe(path)
    assert (info.width, info.height) == (frame.width, frame.height)
    assert info.rotation == turn % 360


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [
        ("libx264", "yuv420p"),
        ("libx264", "yuvj420p"),
        ("libx264", "yuv444p"),
        ("libx265", "yuv420p10le"),
        ("ffv1", "bgr0"),
        ("ffv1", "gray"),
    ],
)
def test_grey_is_full_range_and_agrees_with_the_colours(
    tmp_path: Path, codec: str, pix_fmt: str
) -> None:
    path = film(tmp_path / "film.mkv", 2, codec=codec, pix_fmt=pix_fmt)
    frame = frames_of(path)[1]
    usual = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
    difference = frame.grey.astype(int) - usual
    # Colour edges are coded at half resolution; whole levels are lost in both roundings.
    assert np.abs(difference).mean() < 2
    assert frame.grey.max() > 240


def test_colour_is_scaled_to_the_long_side_and_grey_keeps_its_size(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 2)
    frame = frames_of(path, long_side=80)[0]
    assert frame.rgb.shape == (48, 80, 3)
    assert frame.grey.shape == (HEIGHT, WIDTH)
    assert frame.scale == 2
    expected = cv2.resize(picture(0), (80, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(frame.rgb.astype(int) - expected).mean() < 6
    assert frames_of(path, long_side=5000)[0].rgb.shape == (HEIGHT, WIDTH, 3)


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = tmp_path / "wide.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.sample_aspect_ratio = 2
        out.mux(stream.encode(av.VideoFrame.from_ndarray(picture(0), format="rgb24")))
        out.mux(stream.encode())
    frame = frames_of(path)[0]
    assert (frame.width, frame.height) == (2 * WIDTH, HEIGHT) == frame.rgb.shape[1::-1]
    assert probe(path).width == 2 * WIDTH


def test_a_lower_rate_keeps_the_first_frame_at_or_after_each_due_time(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 30)
    frames = frames_of(path, fps=10)
    expected = [0, 120, 200, 320, 400, 520, 600, 720, 800, 920, 1000, 1120]
    assert [frame.t_ms for frame in frames] == expected
    assert [frame.index for frame in frames] == [frame.t_ms // 40 for frame in frames]
    assert len(frames_of(path, fps=25)) == len(frames_of(path, fps=60)) == 30


def test_starting_later_gives_the_same_frames_as_an_undisturbed_run(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 30)
    whole = frames_of(path, fps=7, long_side=80)
    later = frames_of(path, fps=7, long_side=80, start=13)
    rest = [frame for frame in whole if frame.index >= 13]
    assert [(f.index, f.t_ms) for f in later] == [(f.index, f.t_ms) for f in rest]
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(later, rest, strict=True))
    assert all(np.array_equal(a.grey, b.grey) for a, b in zip(later, rest, strict=True))


def test_a_film_whose_size_changes_keeps_one_size(tmp_path: Path) -> None:
    first = film(tmp_path / "a.h264", 3)
    second = film(tmp_path / "b.h264", 3, size=(WIDTH // 2, HEIGHT // 2))
    joined = tmp_path / "joined.h264"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    frames = frames_of(joined, long_side=80)
    assert len(frames) == 6
    assert {frame.grey.shape for frame in frames} == {(HEIGHT, WIDTH)}
    assert {frame.rgb.shape for frame in frames} == {(48, 80, 3)}
    difference = np.abs(frames[5].grey.astype(int) - cv2.cvtColor(picture(2), cv2.COLOR_RGB2GRAY))
    assert difference.mean() < 8


def test_leaving_a_loop_early_releases_the_file(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 30)
    with Decoder(path) as decoder:
        next(iter(decoder))
    assert list(decoder) == []
    assert decoder.report.decoded == 1
    path.unlink()


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, fps: float) -> None:
    with pytest.raises(SettingsError, match="cannot be sampled"):
        Decoder(film(tmp_path / "film.mp4", 2), fps=fps)


def test_a_recording_without_length_is_measured(tmp_path: Path) -> None:
    # What a browser writes: no duration and no index, because it cannot go back.
    path = tmp_path / "live.webm"
    whole = film(tmp_path / "whole.webm", 30, codec="libvpx-vp9", times_ms=range(0, 3000, 100))
    with path.open("wb") as file:

        class Pipe:
            write = staticmethod(file.write)

        with av.open(str(whole)) as film_in, av.open(Pipe(), "w", format="webm") as out:
            stream = out.add_stream_from_template(film_in.streams.video[0])
            for packet in film_in.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    info = probe(path)
    assert info.frames_estimate == 30
    assert info.duration_ms == pytest.approx(3000, abs=5)


@pytest.mark.shared
def test_a_phones_film_keeps_its_times_to_the_millisecond(shared: Path) -> None:
    path = shared / "videos" / "face_noface.mov"
    with av.open(str(path)) as raw:
        own = [frame.time for frame in raw.decode(video=0)]
    frames = frames_of(path, long_side=320)
    assert [frame.t_ms for frame in frames] == [round(1000 * (t - own[0])) for t in own]
    assert len(frames) == 169
