// A course as a respondent sees it, for whoever makes it: nothing is sent, kept or recorded.

import { Course } from "./course.js";
import { loaded } from "./film_reports.js";
import { Ratings } from "./rating.js";
import { $, say, show } from "./screens.js";

/** Go through all screens; `film` is the page's video element. */
export function preview(screens, film) {
  const answers = {};
  const ratings = new Ratings(film, () => {});
  const at = (n) =>
    n < screens.length
      ? { ...screens[n], answers }
      : { kind: "over", state: "broken", camera: false };
  const end = (state) => ({ kind: "over", state, camera: false });
  const course = new Course({
    go: async (n, given) => {
      Object.assign(answers, given);
      const left = screens[n].leave.some((one) =>
        [given[one.question]].flat().some((value) => one.answers.includes(String(value))),
      );
      return left ? end("screened") : at(n + 1);
    },
    back: async () => at(course.screen.at - 1),
    camera: (_screen, done) => say("Set up your camera", "", "", "Continue", done),
    film: async (screen, done) => {
      film.src = screen.film;
      await loaded(film).catch(() => {});
      show("film");
      $("#film .count").hidden = true;
      ratings.begin(screen.rating);
      const next = () => {
        film.pause();
        film.onended = null;
        ratings.begin("none");
        done();
      };
      film.onended = next;
      $("#film .stop").onclick = next;
      film.play().catch(next);
    },
    stop: () => {},
    forget: () => {},
    withdraw: () => course.open(end("withdrawn")),
  });
  course.open(at(0));
}
