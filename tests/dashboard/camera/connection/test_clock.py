"""Pictures are placed on the browser's clock, whatever the network and other clocks do."""

from __future__ import annotations

import random

import pytest

from dashboard.camera.connection.clock import BrowserClock, CameraClock, since

UNIX = 1_790_000_000_000.0  # the browser's clock; ours starts anywhere
OURS = 5_000_000.0


def ntp(ms: float) -> int:
    whole, part = divmod(ms, 1000)
    return (int(whole) + 2_208_988_800) << 32 | int(part / 1000 * (1 << 32))


class Net:
    """A browser whose pictures and reports take their time, differently each way."""

    def __init__(self, there: float, back: float, hidden: float = 0.0, skew: float = 0.0) -> None:
        self.there, self.back, self.hidden = there, back, hidden
        self.origin = (1 << 32) - 90 * 2000  # wraps after two seconds
        self.clock = BrowserClock()
        self.camera = CameraClock(self.clock)
        self.random = random.Random(4)
        self.skew = skew

    def ours(self, browser: float) -> float:
        return browser - UNIX + OURS + self.skew

    def ping(self, at: float) -> None:
        wait = self.random.uniform(0, 40)
        self.clock.answered(self.ours(at) - self.back, at, self.ours(at) + self.there + wait)

    def rtp(self, at: float) -> int:
        return (self.origin + round((at - UNIX) * 90)) & 0xFFFFFFFF

    def report(self, at: float) -> None:
        heard = self.ours(at) + self.there + self.random.uniform(0, 30)
        self.camera.reported(self.rtp(at), ntp(at + self.hidden), heard)

    def error(self, taken: float) -> float:
        heard = self.ours(taken) + self.there + self.random.uniform(40, 160)
        placed = self.camera.place(self.rtp(taken), heard)
        assert placed is not None
        return placed - taken


@pytest.mark.parametrize("skew", [0.0, 86_400_000.0, -3000.0])
def test_reports_place_pictures_exactly_whatever_our_own_clock_says(skew: float) -> None:
    net = Net(there=120, back=15, skew=skew)
    for second in range(5):
        net.ping(UNIX + 1000 * second)
        net.report(UNIX + 1000 * second + 300)
    assert net.camera.method == "reports"
    assert max(abs(net.error(UNIX + t)) for t in range(0, 5000, 66)) < 1


def test_a_browser_that_hides_its_clock_is_read_by_its_answers() -> None:
    net = Net(there=30, back=20, hidden=-5e11)
    for second in range(8):
        net.ping(UNIX + 1000 * second)
        net.report(UNIX + 1000 * second + 300)
    assert net.camera.method == "shifted reports"
    # half the difference between the two ways, and what the luckiest of eight waited
    assert max(abs(net.error(UNIX + t)) for t in range(0, 5000, 66)) < 30


def test_without_reports_arrival_is_good_to_the_usual_delay() -> None:
    net = Net(there=20, back=20)
    net.ping(UNIX)
    errors = [net.error(UNIX + t) for t in range(0, 5000, 66)]
    assert net.camera.method == "arrival"
    assert max(map(abs, errors[20:])) < 100


def test_nothing_is_placed_before_the_browser_has_answered() -> None:
    camera = CameraClock(BrowserClock())
    assert camera.place(0, 0.0) is None
    assert camera.method == ""


def test_rtp_time_goes_on_over_the_counters_end() -> None:
    assert since(10, (1 << 32) - 10) == 20
    assert since((1 << 32) - 10, 10) == -20
