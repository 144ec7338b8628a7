"""What the page Recommend shows and keeps: sessions to choose from, lists, answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

import numpy as np

from fer_core.errors import SettingsError
from fer_core.recommend.catalogue import id_of, starter_catalogue
from fer_core.recommend.measured import Measured
from fer_core.recommend.recommending import Recommended
from fer_core.storage import Store
from fer_core.storage.recommend.catalogue import TAGS, Medium, NewItem
from fer_core.storage.recommend.feedback import Action, GiveFeedback, TakeBackFeedback
from fer_core.text import FORMULA, clock, count, percent, signed, whole, whole_number

MOST_SESSIONS: Final = 500
PLURALS: Final = {
    Medium.FILM: "Films",
    Medium.BOOK: "Books",
    Medium.SONG: "Songs",
    Medium.GAME: "Games",
    Medium.CREATIVE: "Creatives",
}
TAG_MEANS: Final = {
    "valence": "−1 sad or dark, 1 bright.",
    "energy": "0 slow, 1 fast and loud.",
    "warmth": "0 cold, 1 kind.",
    "tension": "0 at ease, 1 gripping.",
}
#: How an item came into a list, for its badge, and what that means.
BASES: Final = {
    "rules": ("by the rules", "Chosen by its mood tags and the policy alone."),
    "learned": ("from answers", "Chosen by what people liked, opened, skipped and disliked."),
    "new": ("new", "Hardly shown yet: it gets its chance on a list's last place."),
}


def sessions(store: Store) -> dict[str, str]:
    """Names of the sessions that a look can be taken from, by id, the newest first."""
    table = store.sessions.list(limit=MOST_SESSIONS)
    return dict(zip(table["session_id"], table["name"]))


def viewers(store: Store, session_id: str) -> list[int]:
    """The numbers of a session's viewers."""
    table = store.timeline.seconds(session_id, columns=("viewer",))
    return sorted(int(one) for one in table["viewer"].unique())


def stimuli(store: Store) -> dict[str | None, str]:
    """What an item may be, by id: nothing, or a stimulus of a study."""
    return {None: "not analysed here"} | {
        one.stimulus_id: one.title for one in store.studies.stimuli()
    }


class Mood(TypedDict):
    """A mood tag: its name, its value in words, and where it lies in its range, 0 to 1."""

    name: str
    said: str
    share: float


class Curve(TypedDict):
    """What viewers showed of an item: a sentence, and their engagement a second."""

    said: str
    curve: list[float | None]


class Suggested(TypedDict):
    """One item of a list as the browser draws it."""

    id: str
    title: str
    by: str
    about: str
    reason: str
    badge: str
    means: str
    mood: list[Mood]
    expected: str
    measured: Curve | None


class Group(TypedDict):
    """The items of one medium."""

    name: str
    items: list[Suggested]


def groups(found: Recommended) -> list[Group]:
    """A list as the browser draws it: one group a medium, in the list's order."""
    made: dict[Medium, list[Suggested]] = {}
    for item, suggestion in found.items:
        badge, means = BASES[suggestion.basis]
        made.setdefault(item.medium, []).append(
            {
                "id": item.item_id,
                "title": item.title,
                "by": by(item),
                "about": item.sentence,
                "reason": suggestion.reason,
                "badge": badge,
                "means": means,
                "mood": mood(item),
                "expected": percent(suggestion.expected),
                "measured": _measured(suggestion.measured),
            }
        )
    return [{"name": PLURALS[medium], "items": items} for medium, items in made.items()]


def _measured(one: Measured | None) -> Curve | None:
    """What viewers showed of an item: a sentence, and its curve with None where not known."""
    if one is None:
        return None
    said = (
        f"Measured here: engagement {whole(one.mean)}, {count(one.viewers, 'viewer')}, "
        f"{clock(1000 * len(one.curve))}"
    )
    curve = [None if np.isnan(value) else round(float(value), 1) for value in one.curve]
    return {"said": said, "curve": curve}


def by(item: NewItem) -> str:
    """«Frank Capra, 1946»."""
    return ", ".join(str(part) for part in (item.creator, item.year) if part)


def mood(item: NewItem) -> list[Mood]:
    """The mood tags: name, value in words, and where it lies in its range, 0 to 1."""
    found: list[Mood] = []
    for name, (low, high) in TAGS.items():
        value = float(getattr(item, name))
        said = signed(value, 1) if low < 0 else f"{value:.1f}"
        found.append({"name": name, "said": said, "share": (value - low) / (high - low)})
    return found


def how_far(found: Recommended) -> str:
    """How far answers choose in place of the rules, as a sentence."""
    if not found.answers:
        return "The rules choose: there are no answers yet. Yours count from the next list on."
    rest = count(found.answers, "answer")
    return (
        f"Answers choose with a probability of {percent(found.taken_over)}, the rules otherwise; "
        f"{rest} so far. New ones count from the next list on."
    )


def keep_answers(
    store: Store, list_id: str, kept: Mapping[str, str], said: Mapping[str, object]
) -> dict[str, str]:
    """Write what changed of a list's answers by item (``""`` takes one back); all that are kept."""
    now = dict(kept)
    for item_id, answer in said.items():
        if answer == now.get(item_id, ""):
            continue
        if answer == "":
            store.run(TakeBackFeedback(list_id=list_id, item_id=item_id))
            now.pop(item_id, None)
        elif answer in ANSWERS:
            action = Action(str(answer))
            store.run(GiveFeedback(list_id=list_id, item_id=item_id, action=action))
            now[item_id] = action
    return now


ANSWERS: Final = (Action.LIKED, Action.DISLIKED, Action.SKIPPED, Action.OPENED)


def was_changed(item: NewItem) -> bool:
    """Whether it is a shipped title whose fields are not the shipped ones."""
    shipped = {one.item_id: one for one in starter_catalogue()}.get(item.item_id)
    return shipped is not None and shipped != item


def typed_item(item: NewItem | None, values: Mapping[str, Any]) -> NewItem:
    """What a person typed as an item: the changed one, or a new one; SettingsError if unsound."""
    year = values["year"].strip()
    number = whole_number(year.lstrip("-−")) if year else None
    if year and number is None:
        raise SettingsError(f"The year is {year!r}.", "Write it as digits, or leave it out.")
    if number is not None and year[0] in "-−":
        number = -number
    title, creator, sentence = (
        " ".join(values[name].split()) for name in ("title", "creator", "sentence")
    )
    made = NewItem(
        item_id=item.item_id if item else id_of(values["medium"], title, creator, number),
        medium=values["medium"], title=title, creator=creator, year=number, sentence=sentence,
        stimulus_id=values["stimulus_id"], **{name: values[name] for name in TAGS},
    )  # fmt: skip
    if made.faults():
        raise SettingsError(" ".join(said for _, said in made.faults()))
    return made


def marked_as_text(items: Sequence[NewItem]) -> int:
    """How many items have a text that looks like a formula or HTML, and is kept as it stands."""
    return sum(
        any(
            text.startswith(FORMULA) or re.search(r"</?[a-z]", text, re.I)
            for text in (one.title, one.creator, one.sentence)
        )
        for one in items
    )
