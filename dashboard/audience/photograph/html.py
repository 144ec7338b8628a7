"""The photograph with its boxes, and a row a face, as HTML."""

from __future__ import annotations

from html import escape

from dashboard.audience.photograph.data import Face, Photograph
from fer_core.measures import BY_KEY
from fer_core.palette import EMOTION_COLOURS
from fer_core.reports import units
from fer_core.text import percent, percents

_GREY = "#8C8C8C"
MOVES = 0.25  # a movement that is said
MARGIN = 0.08  # of a face's longer side, around it in its row


def picture(page: Photograph, link: str, said: str) -> str:
    """The picture, or its empty frame, with a numbered box a face."""
    shape = f"aspect-ratio:{page.width}/{page.height}"
    inner = (
        f'<img src="{escape(link)}" alt="{escape(said)}">'
        if link
        else "<p>The picture is no longer here. The boxes show where its faces were.</p>"
    )
    boxes = "".join(_box(face) for face in page.faces)
    wide = f"width:min(100%, calc(62vh * {page.width / page.height:.4f}))"
    return f'<figure class="rapt-photo" style="{shape};{wide}">{inner}{boxes}</figure>'


def _box(face: Face) -> str:
    colour = EMOTION_COLOURS[face.emotion] if face.emotion else "#C9CED6"
    place = (
        f"left:{100 * face.left:.2f}%;top:{100 * face.top:.2f}%;"
        f"width:{100 * face.width:.2f}%;height:{100 * face.height:.2f}%"
    )
    dashed = "" if face.readable else " rapt-unread"
    return (
        f'<span class="rapt-box{dashed}" style="{place};border-color:{colour}" aria-hidden="true">'
        f"<b>{escape(face.label)}</b></span>"
    )


def faces(page: Photograph, link: str) -> str:
    """A row a face: its number, expression with probabilities, attention, quality."""
    rows = "".join(f"<li>{_row(face, page, link)}</li>" for face in page.faces)
    return f'<ol class="rapt-faces">{rows}</ol>'


def _row(face: Face, page: Photograph, link: str) -> str:
    if face.emotion:
        led = (
            f'<i style="background:{EMOTION_COLOURS[face.emotion]}"></i>'
            f"{face.emotion.capitalize()} {percent(face.confidence)}"
        )
        shown = _probabilities(face)
    else:
        led, shown = f'<i style="background:{_GREY}"></i>Not read', ""
    quality = "usable" if face.readable else face.why_not
    return (
        f"{_crop(face, page, link)}<div class='rapt-face-led'><small>Face {escape(face.label)}"
        f"</small><strong>{led}</strong></div><div>{shown}</div>"
        f"<div class='rapt-face-facts'><small>Attention</small> {percent(face.attention)}<br>"
        f"<small>Quality</small> {escape(quality)}{_movements(face, page)}</div>"
    )


def _movements(face: Face, page: Photograph) -> str:
    """Those that show, the strongest first."""
    if not page.knows_movements or not face.readable:
        return ""
    shown = sorted(face.movements.items(), key=lambda one: -one[1])
    said = [
        f"{BY_KEY[key].name.lower()} {units.say(key, value)}"
        for key, value in shown
        if value >= MOVES
    ]
    none = "none" if face.movements else "not known"
    return f"<br><small>Movements</small> {escape(', '.join(said) or none)}"


def _probabilities(face: Face) -> str:
    said = percents(face.probabilities)
    parts = "".join(
        f'<span style="flex:{value:.4f};background:{EMOTION_COLOURS[name]}"></span>'
        for name, value in face.probabilities.items()
        if value > 0
    )
    words = "".join(
        f'<span><i style="background:{EMOTION_COLOURS[name]}"></i>{name} {said[name]}</span>'
        for name, value in face.probabilities.items()
        if value >= 0.01
    )
    return (
        f'<div class="rapt-share-strip" aria-hidden="true">{parts}</div>'
        f'<div class="rapt-key">{words}</div>'
    )


def _crop(face: Face, page: Photograph, link: str) -> str:
    """The face alone: the picture itself behind a window that shows no more of it."""
    if not link:
        return '<span class="rapt-crop"></span>'
    wide, tall = face.width * page.width, face.height * page.height
    side = max(wide, tall) * (1 + 2 * MARGIN)
    left = face.left * page.width + wide / 2 - side / 2
    top = face.top * page.height + tall / 2 - side / 2
    place = (
        f"width:{100 * page.width / side:.2f}%;left:{-100 * left / side:.2f}%;"
        f"top:{-100 * top / side:.2f}%"
    )
    return f'<span class="rapt-crop"><img src="{escape(link)}" alt="" style="{place}"></span>'
