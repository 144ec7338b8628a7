from __future__ import annotations

from fer_core.analytics import wording
from fer_core.measures import BY_KEY, MEASURES


def test_every_measure_can_be_said() -> None:
    for measure in MEASURES:
        assert BY_KEY[measure].higher
        assert not BY_KEY[measure].noun.startswith("p_")


def test_measures_of_one_span_are_said_together_and_the_rest_is_named() -> None:
    spans = [
        ("B", "attention", 12_000, 19_000),
        ("B", "engagement", 12_000, 19_000),
        ("A", "p_happy", 24_000, 27_000),
    ]
    assert wording.found(
        spans,
        ["attention", "engagement", "p_happy"],
        "A",
        "B",
        wording.viewers(24, 22, pairs=False),
    ) == (
        "B held attention better and engaged more from 0:12 to 0:19; "
        "A drew more happiness from 0:24 to 0:27; "
        "no other difference in attention, engagement or happiness; 24 and 22 viewers."
    )


def test_pairs_and_too_few_are_called_so() -> None:
    assert wording.viewers(9, 9, pairs=True) == "9 viewers who saw both"
    few = wording.too_few(4, 4, "Old", "New", 6, pairs=True)
    assert few == "Too few viewers to compare Old and New: 4 saw both, 6 are needed."


def test_a_long_name_can_be_told_from_the_sentence() -> None:
    recut = "The recut with the longer product shot"
    spans = [(recut, "engagement", 1000, 4000)]
    said = wording.found(spans, ["engagement"], "Old", recut, "9 viewers a side")
    assert said.startswith(f"«{recut}» engaged more from 0:01 to 0:04")
    assert wording.too_few(2, 3, "Old", recut, 5, pairs=False).startswith(
        f"Too few viewers to compare Old and «{recut}»"
    )
