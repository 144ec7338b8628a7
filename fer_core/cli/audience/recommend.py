"""`rapt recommend`: titles for a photograph's or a session's look; creatives for an audience."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.analytics.carried import OWN_VIEW
from fer_core.cli.call import Call
from fer_core.errors import DataError, SettingsError
from fer_core.text import count, percent

if TYPE_CHECKING:
    from fer_core.recommend.look import Look, Unreadable
    from fer_core.recommend.recommending import Recommended
    from fer_core.storage import Store

app = typer.Typer(add_completion=False)


@app.command()
def recommend(
    ctx: typer.Context,
    source: str | None = typer.Argument(
        None, metavar="FACE|SESSION", help="A photograph, or a session by id or name."
    ),
    policy: str = typer.Option("match", help="match, lift, calm, or surprise."),
    medium: list[str] | None = typer.Option(
        None, help="film, book, song, game or creative; again for more. Else all."
    ),
    each: int = typer.Option(3, min=1, max=50, help="How many of each medium."),
    viewer: int | None = typer.Option(None, help="One viewer of the session, by number."),
    look: str | None = typer.Option(
        None, help="Instead of a face: bright, calm, tense or low-spirited."
    ),
    detector: str = typer.Option("mtcnn", help="What finds the face in a photograph."),
    seed: int | None = typer.Option(
        None, help="Seed of the random choices; the same seed gives the same list."
    ),
    add: Path | None = typer.Option(
        None, help="Add the items of this CSV file to the catalogue, and recommend nothing."
    ),
    creatives: bool = typer.Option(
        False, "--creatives", help="Instead: rank what a study's audience watched."
    ),
    study: str | None = typer.Option(
        None, help="With --creatives: this study (name or id). Else all."
    ),
    segment: str | None = typer.Option(
        None, help="With --creatives: only sessions of this condition or tag."
    ),
    measure: str = typer.Option("engagement", help="With --creatives: what they are ranked by."),
    by: str | None = typer.Option(
        None, help="With --creatives: stimulus or condition. Else what the study varies."
    ),
    minimum: int = typer.Option(
        OWN_VIEW, min=1, help="With --creatives: the smallest group that is ranked."
    ),
) -> None:
    """Recommend titles for a look, or a creative for an audience."""
    call = Call.of(ctx)
    if add is not None:
        _add(call, add)
    elif creatives:
        if source is not None or look is not None:
            raise SettingsError("--creatives takes no face and no look.", "Give --study.")
        _creatives(call, study, segment, measure, by, minimum)
    else:
        _titles(call, source, look, viewer, detector, policy, medium or [], each, seed)


def _titles(
    call: Call,
    source: str | None,
    look: str | None,
    viewer: int | None,
    detector: str,
    policy: str,
    medium: list[str],
    each: int,
    seed: int | None,
) -> None:
    """Titles for one look: of a photograph, of a session's viewer, or named."""
    from fer_core.recommend.look import Unreadable
    from fer_core.recommend.recommending import recommend as recommended
    from fer_core.storage import open_store

    if (source is None) == (look is None):
        raise SettingsError("Give a photograph or a session, or --look.", "Give one of them.")
    chosen, media = _policy(policy), _media(medium)
    with open_store(call.home) as store:
        store.sync()
        found = recommended(
            store, _look(call, store, source, look, viewer, detector), chosen,
            each=each, media=media, seed=seed,
        )  # fmt: skip
    if isinstance(found, Unreadable):
        _ask(call, found, chosen)
    else:
        _tell(call, found)


def _add(call: Call, path: Path) -> None:
    from fer_core.recommend.catalogue import read_catalogue
    from fer_core.storage import open_store
    from fer_core.storage.recommend.catalogue import SaveItems

    found = read_catalogue(_content(path))
    with open_store(call.home) as store:
        store.sync()
        added = store.run(SaveItems(items=found.items), timeout_s=120)
    told = [str(one) for one in found.problems]
    call.answer(
        {"added": added, "refused": found.refused, "problems": told},
        f"{count(added, 'item')} added, {count(found.refused, 'row')} left out.",
    )
    for line in () if call.json else told[:20]:
        call.note(line)


def _creatives(
    call: Call, called: str | None, segment: str | None, measure: str, by: str | None, minimum: int
) -> None:
    from fer_core.reports import units
    from fer_core.storage import open_store
    from fer_core.studies.creatives import Kind, every_study, rank_creatives
    from fer_core.studies.membership import find_study, load_study

    if by is not None and by not in list(Kind):
        raise SettingsError(f"{by!r} is no kind of creative.", f"Use {', '.join(Kind)}.")
    with open_store(call.home) as store:
        store.sync()
        study = load_study(store, find_study(store, called)) if called else every_study(store)
        found = rank_creatives(
            store, study, measure, segment, kind=Kind(by) if by else None, minimum=minimum
        )
    ranked = [vars(one) for one in found.ranked]
    left_out = [{"name": name, "why": why} for name, why in found.left_out]
    call.answer(
        {
            "study": study.name, "simulated": study.simulated, "segment": found.segment,
            "measure": found.measure, "by": found.kind, "ranked": ranked, "left_out": left_out,
        },
        found.finding,
    )  # fmt: skip
    if call.json:
        return
    rows = [
        {
            "name": one.name,
            "n": str(one.n),
            "expected": units.say(found.measure, one.expected),
            "range": f"{units.say(found.measure, one.low)} to {units.say(found.measure, one.high)}",
            "best": percent(one.best),
        }
        for one in found.ranked
    ]
    heads = {"name": "Creative", "n": "Viewers", "expected": "Expected", "range": "95 %",
             "best": "Best"}  # fmt: skip
    call.table(rows, heads)
    for name, why in found.left_out:
        call.note(f"Not ranked: {name} ({why}).")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}).") from error


def _policy(name: str) -> Any:
    from fer_core.recommend.policies import Policy

    known = {one.value.split()[0]: one for one in Policy}
    if name not in known:
        raise SettingsError(f"{name!r} is no policy.", f"Use {', '.join(known)}.")
    return known[name]


def _media(names: list[str]) -> list[Any]:
    from fer_core.storage.recommend.catalogue import Medium

    unknown = [name for name in names if name not in list(Medium)]
    if unknown:
        raise SettingsError(f"{unknown[0]!r} is no medium.", f"Use {', '.join(Medium)}.")
    return [Medium(name) for name in names]


def _look(
    call: Call,
    store: Store,
    source: str | None,
    said: str | None,
    viewer: int | None,
    detector: str,
) -> Look | Unreadable:
    from fer_core.cli.finding import find_session
    from fer_core.recommend.face import is_picture, look_of_picture, look_of_session, open_picture
    from fer_core.recommend.look import SAID, look_said

    if said is not None:
        if said not in SAID:
            raise SettingsError(f"{said!r} is no look.", f"Use {', '.join(SAID)}.")
        return look_said(said)
    assert source is not None
    path = Path(source)
    if is_picture(path) and not store.sessions.exists(source):
        from fer_core.faces import make_detector
        from fer_core.inference import open_classifier

        picture = open_picture(_content(path))
        finder = make_detector(detector, cache=call.home.cache, min_face=40)
        return look_of_picture(picture, finder, open_classifier(home=call.home))
    return look_of_session(store, find_session(store, source).session_id, viewer)


def _ask(call: Call, found: Unreadable, policy: str) -> None:
    answer = {"readable": False, "why": found.why, "question": found.question, "items": []}
    how = "Answer with --look bright, calm, tense or low-spirited."
    call.answer(
        answer | {"policy": policy}, f"Nothing was read: {found.why}.\n{found.question}\n{how}"
    )


def _tell(call: Call, found: Recommended) -> None:
    from fer_core.labels import EMOTIONS

    look = found.look
    answer = {
        "readable": True,
        "look": {
            "words": look.words, "valence": look.valence, "energy": look.energy,
            "tension": look.tension, "sure": look.sure, "n": look.n,
            "mix": {
                name: {"share": float(m), "low": float(low), "high": float(high)}
                for name, m, low, high in zip(EMOTIONS, look.mix, look.low, look.high)
            },
        },
        "policy": found.policy,
        "taken_over": found.taken_over,
        "answers": found.answers,
        "items": [
            {
                "item_id": item.item_id, "medium": item.medium, "title": item.title,
                "creator": item.creator, "year": item.year, "sentence": item.sentence,
                "reason": one.reason, "basis": one.basis,
                "measured": one.measured and {
                    "viewers": one.measured.viewers, "engagement": one.measured.mean,
                },
            }
            for item, one in found.items
        ],
    }  # fmt: skip
    learned = f" Answers choose {percent(found.taken_over)} of it." if found.answers else ""
    call.answer(answer, f"A {look.words} look. {found.heading}{learned}")
    if not call.json:
        rows = [
            {"medium": item.medium, "title": item.title, "by": item.creator, "why": one.reason}
            for item, one in found.items
        ]
        call.table(rows, {"medium": "Medium", "title": "Title", "by": "By", "why": "Why"})
