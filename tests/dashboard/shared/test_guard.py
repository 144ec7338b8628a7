"""Requests from pages that are not ours."""

from __future__ import annotations

from dashboard.shared.web.guard import PERIOD_S, Guard, same_origin


def test_only_our_own_pages_pass_the_guard() -> None:
    guard = Guard()
    host = "127.0.0.1:8501"
    assert guard.welcomes(guard.token, f"http://{host}", host)
    assert not guard.welcomes(Guard().token, f"http://{host}", host)
    assert not guard.welcomes(guard.token, "http://127.0.0.1:9999", host)
    assert not guard.welcomes(None, f"http://{host}", host)
    assert not same_origin(None, None)
    assert guard.signed("clip:s1", guard.sign("clip:s1"))
    assert not guard.signed("clip:s2", guard.sign("clip:s1"))


def test_a_key_is_good_for_one_person_and_for_a_day_or_two() -> None:
    now, who = [1e9], ["u1"]
    guard = Guard(who=lambda: who[0], clock=lambda: now[0])
    key = guard.sign("clip:s1")
    who[0] = "u2"
    assert not guard.signed("clip:s1", key), "another person's"
    who[0] = "u1"
    assert guard.signed("clip:s1", key)
    now[0] += PERIOD_S
    assert guard.signed("clip:s1", key)
    now[0] += PERIOD_S
    assert not guard.signed("clip:s1", key), "expired"
    for forged in (None, "", "x" * 40, "\u00e9", key[:-1]):
        assert not guard.signed("clip:s1", forged)
