"""Requests from pages that are not ours."""

from __future__ import annotations

from dashboard.shared.web.guard import Guard, same_origin


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
