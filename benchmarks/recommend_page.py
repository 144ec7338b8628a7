"""What docs/benchmarks/recommend.md says of the figures that ``recommend`` found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_core.machine import stamp

Array = np.ndarray
CATALOGUE_HEAD = "## A catalogue of 50,000"


@dataclass(frozen=True)
class Learned:
    """A world's figures, a row a seed: mean regret and reward of the rules, and with answers.

    fifths: regret with answers over each fifth of the choices. taken: at their ends.
    """

    regret: Array
    reward: Array
    fifths: Array
    taken: Array


def interval(right: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of n."""
    z = 1.96
    middle = (right + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(right * (1 - right) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half


def figure(found: list[tuple[float, float, int]]) -> str:
    """The calibration as an SVG: stated probability along, share right up, with its interval."""

    def x(share: float) -> float:
        return 44 + 240 * share

    def y(share: float) -> float:
        return 256 - 240 * share

    marks = ""
    for tenth in (0, 0.2, 0.4, 0.6, 0.8, 1):
        marks += (
            f'<path d="M{x(0)} {y(tenth):.1f}H{x(1)}" stroke="#e9ecf0"/>'
            f'<text x="38" y="{y(tenth) + 4:.1f}" text-anchor="end">{100 * tenth:.0f} %</text>'
            f'<text x="{x(tenth):.1f}" y="272" text-anchor="middle">{100 * tenth:.0f} %</text>'
        )
    dots = ""
    for said, right, n in found:
        low, high = interval(right, n)
        dots += (
            f'<path d="M{x(said):.1f} {y(low):.1f}V{y(high):.1f}" stroke="#2563eb" '
            f'stroke-width="1.5"/><circle cx="{x(said):.1f}" cy="{y(right):.1f}" r="3.5" '
            f'fill="#2563eb"><title>{n:,} creatives</title></circle>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" font-family="sans-serif" '
        'font-size="10" fill="#566070"><title>Stated probability of being the best creative '
        'against how often it was</title><rect width="300" height="300" fill="#fff"/>'
        f'{marks}<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#566070" stroke-dasharray="4 3"/>'
        f'{dots}<text x="164" y="291" text-anchor="middle">stated probability of being best</text>'
        '<text x="46" y="10">was the best, with 95 % intervals; dashed: as often as stated</text>'
        "</svg>\n"
    )


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(worlds: dict[str, Learned], found: list[tuple[float, float, int]], took: dict[str, float],
         choices: int) -> str:  # fmt: skip
    """The results as docs/benchmarks/recommend.md has them."""
    own, right = worlds["OwnTaste"], worlds["RulesRight"]
    ratio = own.regret[:, 1] / own.regret[:, 0]
    rows = [
        [title, *(f"{value:.3f}" for value in (*one.regret.mean(0), *one.reward.mean(0))),
         " ".join(f"{v:.3f}" for v in one.fifths.mean(0)),
         " ".join(f"{v:.0%}" for v in one.taken.mean(0))]
        for title, one in (("own taste", own), ("rules are right", right))
    ]  # fmt: skip
    worse = 1 - right.reward[:, 1] / right.reward[:, 0]
    return f"""# Recommending, on simulated users and studies

Made by `python -m benchmarks.recommend`; nobody was asked. {len(ratio)} seeds, {
        choices:,} choices each
of one title of the 149 that ship, after looks that change from choice to choice; the eight last
titles rest. Constants of the bandit were chosen on seeds 100 to 109, which are not among these.

**Own taste**: ideal moods that lie elsewhere for every look, hidden factors of titles that no tag
shows, a liking for media, and all of it drifts (half of the hidden taste is another after about 700
choices). The bandit has none of these forms. **Rules are right**: the reward grows with the rules'
own score.

Regret is the expected reward (0 disliked to 1 liked) that a choice missed.

{
        table(
            [
                "world",
                "regret, rules",
                "regret, with answers",
                "reward, rules",
                "reward, with answers",
                "regret by fifths",
                "taken over, at their ends",
            ],
            rows,
        )
    }

Own taste: regret with answers is {
        own.regret[:, 1].sum() / own.regret[:, 0].sum():.3f} of the rules'
over all seeds; of single seeds {ratio.min():.2f} to {ratio.max():.2f}, {
        int((ratio <= 0.5).sum())
    } of {len(ratio)} at most 0.5.
Rules are right: the reward is {100 * worse.mean():.1f} % lower on average, {
        100 * worse.max():.1f} % at most.
Without answers lists are the rules' to the item (`tests/recommend/test_lists.py`).

## Which creative is best

The probability that `analytics/methods/ranking.py` states for each creative of {
        sum(n for *_, n in found):,}, in
simulated studies of two to six with 5 to 60 viewers each, whose true means come from three
kinds of populations and whose viewers' values are skewed.

![calibration](recommend-ranking.svg)

{
        table(
            ["stated, mean", "was best", "creatives"],
            [[f"{a:.2f}", f"{b:.2f}", f"{n:,}"] for a, b, n in found],
        )
    }

{catalogue_section(took)}"""


def catalogue_section(took: dict[str, float]) -> str:
    """The part of the page about large catalogues."""
    said = "; ".join(f"{name} {seconds:.2f}" for name, seconds in took.items())
    return f"""{CATALOGUE_HEAD}

{stamp("python -m benchmarks.recommend --catalogue")}.

Seconds of one core (the machine was shared with other work, so no wall clock): {said}.
"""
