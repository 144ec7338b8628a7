"""A clip played by a real browser: picture, curve and sound in step, as its audience sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser

from fer_core.clips.moments import Moment
from fer_core.clips.panel import LEFT, RIGHT
from fer_core.clips.render import render
from fer_core.clips.spec import ClipSpec
from fer_core.storage.studies import UpdateStimulus
from fer_core.studies.membership import find_study
from tests.clips.flashing import FLASHES, FPS, HEIGHT, flashing_film
from tests.demo import copy_of
from tests.e2e.conftest import FLAGS, find_browser
from tests.long import only_long

SPANS = (Moment("Joke", 11_500, 13_500), Moment("Logo", 23_500, 25_500))
#: Plays the chosen file; of each picture that was shown: its time, how light the film's part is,
#: where the curve's cursor stands (a share of the width), how loud it was (0 to 1).
PLAY = """
async (height) => {
  const video = document.querySelector("video");
  video.src = URL.createObjectURL(document.querySelector("input").files[0]);
  await new Promise((ready, fail) => {
    video.onloadeddata = ready;
    video.onerror = () => fail(new Error(video.error.message));
  });
  const wide = video.videoWidth, whole = video.videoHeight;
  const canvas = new OffscreenCanvas(wide, whole).getContext("2d", { willReadFrequently: true });
  const audio = new AudioContext();
  const ear = audio.createAnalyser();
  audio.createMediaElementSource(video).connect(ear);
  ear.connect(audio.destination);
  const wave = new Float32Array(ear.fftSize);
  const frames = [];
  const look = (_, { mediaTime }) => {
    canvas.drawImage(video, 0, 0);
    const pixels = canvas.getImageData(0, 0, wide, whole).data;
    let light = 0, cursor = 0, most = -1;
    for (let x = 0; x < wide; x++) {
      let dark = 0;
      for (let y = height; y < whole; y++) {
        const at = 4 * (y * wide + x);
        dark += Math.max(pixels[at], pixels[at + 1], pixels[at + 2]) < 90;
      }
      if (dark > most) { most = dark; cursor = x / wide; }
      light += pixels[4 * (Math.round(0.7 * height) * wide + x)] / wide;
    }
    ear.getFloatTimeDomainData(wave);
    frames.push({ t: mediaTime, light, cursor, loud: Math.max(...wave.map(Math.abs)) });
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const over = new Promise((ended) => { video.onended = ended; });
  await video.play();
  await over;
  return {
    frames, at: video.currentTime, length: video.duration, size: [wide, whole],
    error: video.error && video.error.message, decoded: video.webkitAudioDecodedByteCount,
  };
}
"""


@pytest.fixture
def played(browser: Browser, demo_template: Path, tmp_path: Path) -> dict[str, Any]:
    """What Chromium saw and heard of a clip of two moments."""
    clip = tmp_path / "clip.mp4"
    with copy_of(demo_template, tmp_path) as store:
        film = flashing_film(tmp_path / "film.mp4")
        for one in store.studies.stimuli():
            store.run(UpdateStimulus(stimulus_id=one.stimulus_id, path=str(film)))
        render(store, ClipSpec(SPANS, study=find_study(store, None)), clip)
    aloud = [*FLAGS, "--autoplay-policy=no-user-gesture-required"]
    chromium = browser.browser_type.launch(executable_path=find_browser(), args=aloud)
    try:
        page = chromium.new_page()
        page.set_content("<input type=file><video></video>")
        page.set_input_files("input", clip)
        found: dict[str, Any] = page.evaluate(PLAY, HEIGHT)
    finally:
        chromium.close()
    return found


@only_long  # it is played as fast as it was filmed
def test_chromium_plays_a_clip_with_curve_and_sound_in_step(
    played: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    length = sum(one.to_ms - one.from_ms for one in SPANS) / 1000
    assert played["error"] is None
    assert played["length"] == pytest.approx(length, abs=0.06)
    assert played["at"] == pytest.approx(played["length"], abs=0.05), "it was played to its end"
    frames = played["frames"]
    times = [one["t"] for one in frames]
    assert times == sorted(times)
    assert len(times) > FPS * length / 2, "a busy machine may leave pictures out, not most"
    assert max(one["light"] for one in frames) - min(one["light"] for one in frames) > 100
    off = []
    for one in frames:
        late, span = (0.0, SPANS[0]) if one["t"] < 2 else (2.0, SPANS[1])
        share = (one["cursor"] - LEFT) / (RIGHT - LEFT)
        off.append(abs(share * (span.to_ms - span.from_ms) / 1000 - (one["t"] - late)))
    assert max(off) <= 1 / FPS, "the cursor stands under the picture's own moment"
    flashes = [(at - span.from_ms) / 1000 + late
               for at, span, late in zip(FLASHES, SPANS, (0.0, 2.0))]  # fmt: skip
    for what, least in (("light", 200), ("loud", 0.2)):
        there = [one["t"] for one in frames if one[what] > least]
        for flash in flashes:
            assert any(abs(t - flash) <= 0.2 for t in there), (what, flash)
        assert all(min(abs(t - flash) for flash in flashes) <= 0.25 for t in there), what
    assert played["decoded"] > 0
    record_property("pictures shown", len(frames))
    record_property("cursor off by, s", max(off))
