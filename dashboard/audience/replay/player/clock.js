// Two clocks with one face: a film that plays, and one that only counts where there is no film.

export const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** The video's own time, `shift` ms later on the recording's clock (a stimulus starts when it starts).
 *  `shown` is the time of the picture on the screen, which may lag. Neither passes `end`. */
export class FilmClock {
  end = Number.POSITIVE_INFINITY;
  constructor(video) {
    this.video = video;
    this.wanted = null;
    this.picture = null;
    this.shift = 0;
    this.onframe = () => {};
    video.addEventListener("seeked", () => {
      const wanted = this.wanted;
      this.wanted = null;
      if (wanted !== null && Math.abs(wanted - this.time) > 20) this.seek(wanted);
    });
    if ("requestVideoFrameCallback" in video) {
      const next = (_now, about) => {
        this.picture = about.mediaTime * 1000;
        this.onframe();
        if (!this.closed) video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }
  }
  get time() {
    return Math.min(this.wanted ?? this.video.currentTime * 1000 + this.shift, this.end);
  }
  get shown() {
    const now = this.video.currentTime * 1000;
    const { picture } = this;
    const shown = picture !== null && Math.abs(picture - now) < 500 ? picture : now;
    return Math.min(this.shift + shown, this.end);
  }
  get paused() {
    return this.video.paused;
  }
  get rate() {
    return this.video.playbackRate;
  }
  set rate(value) {
    this.video.playbackRate = value;
  }
  play() {
    if (this.time >= this.end) this.seek(0);
    return this.video.play();
  }
  pause() {
    this.video.pause();
  }
  /** A drag asks faster than a film can seek: only the last wish counts. */
  seek(ms) {
    if (this.video.seeking || this.video.readyState < 1) {
      this.wanted = ms;
    } else {
      this.wanted = null; // an older wish, whose "seeked" is still on its way
      this.video.currentTime = Math.max(0, ms - this.shift) / 1000;
    }
  }
  ready() {
    const wanted = this.wanted;
    this.wanted = null;
    if (wanted !== null) this.seek(wanted);
  }
  /** Another film at the same moment. */
  load(url, shift, at) {
    this.shift = shift;
    this.picture = null;
    this.video.src = url;
    this.wanted = at;
  }
  stop() {
    this.wanted = null;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }
  close() {
    this.closed = true;
    this.stop();
  }
}

/** Counts where nothing can be shown, so that curve, boxes and markers still work. */
export class StillClock {
  constructor(end) {
    this.end = end;
    this.at = 0;
    this.since = null;
    this.speed = 1;
  }
  get time() {
    if (this.since === null) return this.at;
    const now = this.at + (performance.now() - this.since) * this.speed;
    if (now >= this.end) {
      this.at = this.end;
      this.since = null;
      return this.end;
    }
    return now;
  }
  get shown() {
    return this.time;
  }
  get paused() {
    return this.since === null;
  }
  get rate() {
    return this.speed;
  }
  set rate(value) {
    this.seek(this.time);
    this.speed = value;
  }
  play() {
    if (this.at >= this.end) this.at = 0;
    this.since ??= performance.now();
    return Promise.resolve();
  }
  pause() {
    this.at = this.time;
    this.since = null;
  }
  seek(ms) {
    this.at = ms;
    if (this.since !== null) this.since = performance.now();
  }
  stop() {
    this.pause();
  }
  close() {
    this.pause();
  }
}
