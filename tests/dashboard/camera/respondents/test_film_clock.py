"""A picture's moment on the browser's clock becomes one of the film, and of the session."""

from __future__ import annotations

from dashboard.camera.respondents.film_clock import FilmClock, SessionClock, Shown

UNIX = 1_790_000_000_000.0  # the browser's clock


def watch(*shown: tuple[float, float, bool]) -> SessionClock:
    film = FilmClock()
    for at, t, playing in shown:
        film.reported(Shown(UNIX + at, t, playing))
    return SessionClock(film)


def test_the_session_runs_before_the_film_and_then_with_it() -> None:
    film = FilmClock()
    session = SessionClock(film)
    assert [session.tick(UNIX + t) for t in (0, 100, 2900)] == [0, 100, 2900]
    film.reported(Shown(UNIX + 3200, 200, True))
    assert session.tick(UNIX + 3300) == 3300
    assert session.offset_ms == 3000
    film.reported(Shown(UNIX + 3700, 700, True))
    assert session.tick(UNIX + 4000) == 4000


def test_a_film_that_waits_stops_the_sessions_clock() -> None:
    film = FilmClock()
    session = SessionClock(film)
    session.tick(UNIX)
    film.reported(Shown(UNIX + 1000, 0, True))
    assert session.tick(UNIX + 1500) == 1500
    film.reported(Shown(UNIX + 2000, 1000, False))
    assert [session.tick(UNIX + t) for t in (2100, 5000)] == [None, None]
    film.reported(Shown(UNIX + 6000, 1000, True))
    assert session.tick(UNIX + 6250) == 2250, "a second of the session is a second of the film"


def test_a_film_nobody_reports_any_more_is_not_taken_to_play() -> None:
    film = FilmClock()
    session = SessionClock(film)
    session.tick(UNIX)
    film.reported(Shown(UNIX + 1000, 0, True))
    assert session.tick(UNIX + 2400) == 2400
    assert session.tick(UNIX + 2600) is None


def test_a_picture_that_arrives_late_is_placed_between_the_reports_around_it() -> None:
    session = watch((1000, 0, True), (1250, 250, True), (1500, 500, True))
    assert session.tick(UNIX) == 0
    assert session.tick(UNIX + 1130) == 1130
    assert session.tick(UNIX + 1130) is None, "no moment twice"
