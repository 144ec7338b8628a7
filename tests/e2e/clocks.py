"""Films that show their own clock: a strip of black and white fields that count the frames."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from skimage.data import astronaut

BITS = 12
STRIP = 0.12  # of the height, at the bottom: the number above, its opposite below


def stamp(picture: np.ndarray, number: int) -> np.ndarray:
    height, width = picture.shape[:2]
    strip = round(height * STRIP)
    for bit in range(BITS):
        left, right = width * bit // BITS, width * (bit + 1) // BITS
        level = 235 if number >> bit & 1 else 20
        picture[-strip : -strip // 2, left:right] = level
        picture[-strip // 2 :, left:right] = 255 - level
    return picture


def read(picture: np.ndarray) -> int | None:
    """The number that a picture shows; None where it cannot be read."""
    height, width = picture.shape[:2]
    strip, number = height * STRIP, 0
    for bit in range(BITS):
        x = round(width * (bit + 0.5) / BITS)
        upper = float(picture[round(height - 0.75 * strip), x].mean())
        lower = float(picture[round(height - 0.25 * strip), x].mean())
        if abs(upper - lower) < 60:
            return None
        number |= (upper > lower) << bit
    return number


#: The same in a page: ``readClock(video)``.
READER = (
    f"const STRIP = {STRIP}, BITS = {BITS};"
    + """
window.readClock = (video) => {
  const w = 240, h = 180, canvas = window.clockCanvas ||= new OffscreenCanvas(w, h);
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.drawImage(video, 0, 0, w, h);
  const strip = h * STRIP, pixels = pen.getImageData(0, 0, w, h).data;
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.round(w * (bit + 0.5) / BITS);
    const at = (y) => pixels[4 * (Math.round(y) * w + x) + 1];
    const upper = at(h - 0.75 * strip), lower = at(h - 0.25 * strip);
    if (Math.abs(upper - lower) < 60) return null;
    if (upper > lower) number |= 1 << bit;
  }
  return number;
};
"""
)

#: Which number of the camera's clock was seen when (`taken`: number, when it was captured, when it
#: was and would be shown), and which of the film's (`shown`: number, when, whether it played).
WATCHER = (
    READER
    + """
window.taken = []; window.shown = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await ask(wish);
  const eye = document.createElement('video');
  eye.muted = true; eye.srcObject = stream; eye.style = 'position:fixed;width:2px;opacity:.01';
  document.body.append(eye); eye.play();
  const look = (at, frame) => {
    taken.push([readClock(eye), frame.captureTime ?? -1, at, frame.expectedDisplayTime]);
    eye.requestVideoFrameCallback(look);
  };
  eye.requestVideoFrameCallback(look);
  const film = document.querySelector('#film > video');
  const watch = (at, frame) => {
    shown.push([readClock(film), frame.expectedDisplayTime, film.paused ? 0 : 1]);
    film.requestVideoFrameCallback(watch);
  };
  film.requestVideoFrameCallback(watch);
  return stream;
};
"""
)


def camera_film(target: Path, *, seconds: int, rate: int = 30) -> Path:
    """For Chromium's fake camera, which plays it at 30 a second and begins anew at its end."""
    room = np.full((480, 640, 3), 120, np.uint8)
    room[40:296, 192:448] = astronaut()[0:256, 96:352]
    with av.open(str(target), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=rate, options={"qmin": "3", "qmax": "4"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for i in range(seconds * rate):
            frame = av.VideoFrame.from_ndarray(stamp(room.copy(), i), format="rgb24")
            out.mux(stream.encode(frame.reformat(format="yuvj420p")))
        out.mux(stream.encode(None))
    return target


def stimulus_film(target: Path, *, seconds: int, rate: int = 25) -> Path:
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for i in range(seconds * rate):
            picture = np.full((360, 640, 3), (40, 60 + i % 100, 120), np.uint8)
            picture[120:200, round(i * 560 / (seconds * rate)) :][:, :80] = 230
            frame = av.VideoFrame.from_ndarray(stamp(picture, i), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target
