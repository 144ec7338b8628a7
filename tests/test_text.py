import pytest

from fer_core.analytics import wording
from fer_core.errors import SettingsError
from fer_core.text import clock, hours, parse_clock, percent, percents, shorten, size, wait


def test_a_moment_is_shown_as_players_show_it() -> None:
    shown = {ms: clock(ms) for ms in (0, 7_900, 21_400, 65_000, 600_000, 3_729_999, -2_500, -400)}
    assert shown == {
        0: "0:00",
        7_900: "0:07",
        21_400: "0:21",
        65_000: "1:05",
        600_000: "10:00",
        3_729_999: "1:02:09",
        -2_500: "−0:02",
        -400: "0:00",
    }


def test_a_missing_moment_or_share_is_a_dash_or_what_a_table_wants() -> None:
    assert clock(None) == clock(float("nan")) == percent(None) == percent(float("nan")) == "–"
    assert clock(None, missing="") == percent(None, missing="") == ""


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    assert [percent(share) for share in (0, 0.004, 0.6237, 0.997, 1)] == [
        "0 %",
        "< 1 %",
        "62 %",
        "> 99 %",
        "100 %",
    ]


def test_a_comparison_names_moments_past_the_hour_as_the_pages_do() -> None:
    spans = [("A", "engagement", 3_729_000, 3_750_000)]
    said = wording.found(spans, ["engagement"], "A", "B", "9 viewers a side")
    assert f"from {clock(3_729_000)} to {clock(3_750_000)}" in said


def test_numbers_are_words_with_no_more_digits_than_earned() -> None:
    assert hours(12_000) == "12 s"
    assert hours(12 * 3_600_000) == "12 h"
    assert size(4_000_000_000) == "4.0 GB"
    assert wait(0.4) == "nearly done"
    assert wait(125) == "about 2 min left"
    assert shorten("a" * 30 + "_end.mp4", 20) == "aaaaaaaaaaaaa…nd.mp4"


@pytest.mark.parametrize(
    ("typed", "ms"),
    [
        ("12", 12_000),
        ("12.5", 12_500),
        ("12,5 s", 12_500),
        ("0:12", 12_000),
        ("1:02:03", 3_723_000),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, ms: int) -> None:
    assert parse_clock(typed) == ms


@pytest.mark.parametrize("typed", ["", "soon", "0:75", "1:2:3:4"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_clock(typed)
    assert refused.value.hint


@pytest.mark.parametrize(
    "shares",
    [
        {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3},
        {"a": 0.125, "b": 0.125, "c": 0.125, "d": 0.625},
        {"a": 0.145, "b": 0.145, "c": 0.145, "d": 0.145, "e": 0.145, "f": 0.145, "g": 0.13},
        {"a": 1.0, "b": 0.0},
    ],
)
def test_shares_of_one_whole_sum_to_a_hundred(shares: dict[str, float]) -> None:
    shown = percents(shares)
    assert sum(int(one.removesuffix(" %")) for one in shown.values()) == 100
    for name, one in shown.items():
        assert abs(int(one.removesuffix(" %")) - 100 * shares[name]) < 1


def test_a_trace_stays_a_trace_and_parts_that_are_no_whole_are_rounded_apart() -> None:
    assert percents({"a": 0.996, "b": 0.004}) == {"a": "> 99 %", "b": "< 1 %"}
    assert percents({"a": 0.5, "b": 0.255}) == {"a": "50 %", "b": "26 %"}
    assert percents({"a": float("nan"), "b": 0.2}) == {"a": "–", "b": "20 %"}
