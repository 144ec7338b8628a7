"""How a report's numbers came about, what they cannot say, and what each of them is."""

from __future__ import annotations

from fer_core.analytics.definitions import definition
from fer_core.analytics.statistics import DEFINED
from fer_core.analytics.wording import listed
from fer_core.measures import MEASURES, TABLE, Definition, definition_of
from fer_core.reports.content import Content
from fer_core.reports.document import Block, Bullets, Cell, Facts, Heading, Table, Text, cells
from fer_core.studies.demo import MODEL as SIMULATED_MODEL
from fer_core.studies.membership import earlier_for_all
from fer_core.text import count, percent

_ALWAYS = ("second", "audience", "share", "quality", *DEFINED)
_WITH_SCENES = ("lift",)
_WITH_MARKERS = ("peak_to_marker",)
_OF_EYES = ("blink", "eyes_closed", "perclos", "eyes_away")
COMPARED = ("difference_over_time", "difference_in_scene", "effect")


_EYES = "; others read the lids, the eyes and the movements of mouth and brows"


def method(content: Content) -> list[Block]:
    """What was done, with the settings and versions that did it."""
    return [
        Heading("How it was measured"),
        Text(
            "Each viewer was filmed while watching. In every picture that was looked at, faces "
            "were found and followed, and a model gave the probability of seven expressions and "
            f"the direction of the head{_EYES * content.study.eyes}. A viewer's second is the "
            "middle of its pictures; the "
            "audience's second is the mean over viewers, with a band from resampling viewers. "
            "All of it ran on the machine of those who made this study; no picture was sent away."
            if not content.study.simulated
            else "No one was filmed. Simulated viewers, with a resting face, a head that turns "
            "and a response to a script, went through the same storage and statistics as real "
            "ones. A viewer's second is the middle of its pictures; the audience's second is "
            "the mean over viewers, with a band from resampling viewers."
        ),
        Facts(tuple(_facts(content))),
    ]


def _facts(content: Content) -> list[tuple[str, str]]:
    made, options, study = content.made, content.options, content.study
    facts = [
        ("Model", "; ".join(_models(content))),
        ("Faces found by", _joined(made.settings.get("detector")) or "–"),
        ("Pictures looked at", _rates(made.settings.get("fps"))),
        ("Analysed with", listed([f"Rapt {one}" for one in made.versions.get("rapt", ())], "and")),
        (
            "Numbers",
            "baseline corrected" if options.corrected else "raw, without baseline correction",
        ),
        ("Smallest group shown", count(options.minimum, "viewer")),
    ]
    for name in dict.fromkeys(name for one in TABLE for name in one.settings):
        if made.settings.get(name):
            facts.append((f"Setting {name}", _joined(made.settings[name])))
    if content.compared is not None:
        first = next(iter(content.compared.pairs.values()))
        settings = first.settings
        facts += [
            ("Test over time", f"clusters of seconds, {settings['permutations']:,} permutations of "
                               f"viewers, seed {settings['seed']}"),
            ("Bootstrap", f"{settings['draws']:,} draws of viewers"),
            ("Corrected for", listed([count(len(settings["measures"]), "measure"),
                                      *([f"{settings['looks']} pairs"] * (settings["looks"] > 1))],
                                     "and")),
        ]  # fmt: skip
    if len(study.without_eyes):
        facts.append(("Attention and engagement", earlier_for_all(study)))
    facts.append(("Number of the study", study.study_id))
    return [(name, value) for name, value in facts if value and value != "–"]


def _models(content: Content) -> list[str]:
    made = content.made
    several = len(made.models) > 1
    said = []
    for name, sessions in made.models.items():
        plain = (
            "none, the viewers are simulated"
            if name == SIMULATED_MODEL
            else name.replace("@", ", file ")
        )
        said.append(f"{plain} ({count(sessions, 'session')})" if several else plain)
    return said


def _joined(values: tuple[str, ...] | None) -> str:
    return ", ".join(values or ())


def _rates(values: tuple[str, ...] | None) -> str:
    if not values:
        return "–"
    return ", ".join("every one" if one == "None" else f"{float(one):g} a second" for one in values)


def limits(content: Content) -> list[Block]:
    """What these numbers cannot say; nothing that this study does not touch."""
    said = [
        "An expression is what a face shows, not what a person feels. People differ in how much "
        "they show, and they show less when they watch alone.",
        "The viewers who were measured stand for others like them. The bands say how far the mean "
        "would move with other viewers of the same kind; they say nothing about other kinds.",
    ]
    eyes = content.study.eyes
    listed_first = [
        definition_of(key, eyes=eyes) for key in MEASURES if key in content.options.measures
    ]
    said += dict.fromkeys(one.caution for one in listed_first if one.caution)
    if content.compared is not None:
        said.append(
            "A shaded span differs somewhere within it; its exact edges are not tested. An effect "
            "in a span that was found by searching is somewhat too large. That no difference was "
            "found does not mean that there is none."
        )
    if not content.options.corrected:
        said.append(
            "No baseline correction: a resting face that looks sad or stern counts as it looks."
        )
    for card in content.made.cards:
        accuracy = card.metrics.get("accuracy")
        real = (card.metrics.get("real_faces") or {}).get("accuracy")
        if isinstance(accuracy, float):
            whole = (
                ""
                if real is None
                else f" and {percent(real)} on photographs through the whole chain"
            )
            said.append(
                f"The model {card.name} names the expression that people named in "
                f"{percent(accuracy)} of its test faces{whole}. It makes mistakes; averages over "
                "viewers suffer less from them than a single face does."
            )
    if content.made.cards:
        never = content.made.cards[0].not_for[0]
        said.append(f"These numbers are not for {never[0].lower()}{never[1:]}")
    return [Heading("What this cannot say"), Bullets(tuple(said))]


def definitions(content: Content) -> list[Block]:
    """Every number in this report: its version, what it is, how to read it."""
    keys = [*sorted(content.options.measures, key=MEASURES.index), *_ALWAYS]
    if any(one.scenes for one in content.audiences):
        keys += _WITH_SCENES
    if any(one.markers for one in content.audiences):
        keys += _WITH_MARKERS
    keys.append("synchrony")
    if any(len(one.eyes) for one in content.audiences):
        keys += _OF_EYES
    if content.compared is not None:
        keys += COMPARED
    if content.options.corrected:
        keys.append("baseline")
    if any(found.percentile is not None for found in content.norms.values()):
        keys.append("norm")
    rows = [
        cells(
            Cell(one.name, _label(one), strong=True),
            one.sentence.replace(" x ", " × "),
            one.how_to_read,
        )
        for one in (definition(key, eyes=content.study.eyes) for key in dict.fromkeys(keys))
    ]
    return [
        Heading("What the numbers are"),
        Table(
            "Definitions",
            ("Number", "What it is", "How to read it"),
            tuple(rows),
            words=(0, 1, 2),
            wide=(0.2, 0.42, 0.38),
        ),
    ]


def _label(one: Definition) -> str:
    """Its version and its unit."""
    return f"{one.label}, {one.unit.replace('-1', '−1')}" if one.unit else one.label
