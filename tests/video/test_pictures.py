"""Single pictures, thumbnails, digests."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.errors import SettingsError, VideoError
from fer_core.types import Bytes, Frame
from fer_core.video import Decoder, digest, probe, still, thumbnail
from tests.video.films import film, picture

#: The tag's eight values, as what they do to a stored picture to show it upright.
SHOWN = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def only(path: Path, **options: int) -> Frame:
    with Decoder(path, **options) as decoder:
        frames = list(decoder)
        assert decoder.info.is_picture
        assert (decoder.report.decoded, decoder.report.lost) == (1, 0)
    assert len(frames) == 1
    assert (frames[0].index, frames[0].t_ms) == (0, 0)
    return frames[0]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.jpg", "RGB"),
        ("a.png", "RGB"),
        ("a.webp", "RGB"),
        ("a.bmp", "RGB"),
        ("a.tif", "RGB"),
        ("grey.jpg", "L"),
        ("grey.png", "L"),
        ("alpha.png", "RGBA"),
        ("grey_alpha.png", "LA"),
        ("palette.png", "P"),
        ("print.jpg", "CMYK"),
        ("50%.png", "RGB"),
        ("row_%03d.png", "RGB"),
        ("a:b.png", "RGB"),
        ("名前 é.png", "RGB"),
    ],
)
def test_pictures_of_every_kind_are_one_frame(tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    Image.fromarray(picture(3)).convert(mode).save(path)
    frame = only(path)
    shown = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert np.abs(frame.rgb.astype(int) - shown).mean() < 4
    assert np.abs(frame.grey.astype(int) - cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)).mean() < 2


def test_sixteen_bits_a_colour_are_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), picture(0)[..., ::-1].astype(np.uint16) * 257)
    assert np.abs(only(path).rgb.astype(int) - picture(0)).max() <= 2


@pytest.mark.parametrize("tag", range(1, 9))
def test_a_photographs_orientation_is_applied(tmp_path: Path, tag: int) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[274] = tag
    Image.fromarray(picture(0)).save(path, exif=exif, quality=97, subsampling=0)
    expected: Bytes = SHOWN[tag](picture(0))
    frame = only(path)
    assert frame.rgb.shape == expected.shape
    assert np.abs(frame.rgb.astype(int) - expected).mean() < 3
    info = probe(path)
    assert (info.height, info.width) == expected.shape[:2]


@pytest.mark.parametrize("size", [(64, 36), (1, 1), (3, 5), (63, 37), (2000, 2)])
def test_small_and_odd_sizes_decode(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", size, (200, 30, 90)).save(path)
    frame = only(path, long_side=50)
    assert (frame.width, frame.height) == size
    assert max(frame.rgb.shape[:2]) == min(50, max(size))
    assert np.abs(frame.rgb.reshape(-1, 3).astype(int) - (200, 30, 90)).max() <= 2


def test_an_8k_picture_decodes_and_a_larger_one_than_the_limit_does_not(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (7680, 4320), (90, 90, 90)).save(path)
    frame = only(path, long_side=640)
    assert frame.rgb.shape == (360, 640, 3)
    assert frame.grey.shape == (4320, 7680)
    Image.new("1", (17000, 100)).save(tmp_path / "long.png")
    with pytest.raises(VideoError, match="too large"):
        probe(tmp_path / "long.png")


def test_a_thumbnail_passes_over_black_and_keeps_the_aspect(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 40)
    image = cv2.imdecode(np.frombuffer(thumbnail(path, 80), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (48, 80, 3)
    black = tmp_path / "black.png"
    Image.new("RGB", (320, 200)).save(black)
    assert thumbnail(black)[:2] == b"\xff\xd8"
    upright = film(tmp_path / "upright.mp4", 2, rotation=90)
    tall = cv2.imdecode(np.frombuffer(thumbnail(upright, 80), np.uint8), cv2.IMREAD_COLOR)
    assert tall is not None
    assert tall.shape[:2] == (133, 80)
    with pytest.raises(SettingsError):
        thumbnail(path, 0)


def test_a_still_is_the_frame_of_its_moment(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, 40)
    with Decoder(path) as decoder:
        frames = list(decoder)
    for at in (0, 7, 23, 39):
        found = cv2.imdecode(np.frombuffer(still(path, frames[at].t_ms + 1), np.uint8), 1)
        size = found.shape[1::-1]
        near = [
            np.abs(cv2.resize(one.rgb[..., ::-1], size, interpolation=cv2.INTER_AREA) * 1.0 - found)
            for one in frames
        ]
        assert int(np.argmin([one.mean() for one in near])) == at
    last = still(path, 10**7)
    assert last == still(path, frames[-1].t_ms + 1)
    with pytest.raises(VideoError):
        still(tmp_path / "nothing.mp4", 0)


def test_a_digest_knows_the_same_content_under_another_name(tmp_path: Path) -> None:
    first = film(tmp_path / "a.mp4", 5)
    copy = tmp_path / "b.mp4"
    copy.write_bytes(first.read_bytes())
    assert digest(first) == digest(copy)
    copy.write_bytes(first.read_bytes()[:-1] + b"x")
    assert digest(first) != digest(copy)
    with pytest.raises(VideoError):
        digest(tmp_path / "missing.mp4")
