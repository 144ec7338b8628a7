"""Options that several commands share, each written once: of analyses, of a study's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.errors import SettingsError

if TYPE_CHECKING:
    from fer_core.types import AnalysisSettings

Model = Annotated[str | None, typer.Option(help="Emotion model; else the one in use.")]
Detector = Annotated[str, typer.Option(help="Face detector.")]
MinFace = Annotated[int, typer.Option(help="Smallest face, in pixels of the original picture.")]
KeepFaces = Annotated[
    bool,
    typer.Option(
        "--keep-faces", help="Keep small grey pictures of the faces, to label them later."
    ),
]
Eyes = Annotated[
    bool,
    typer.Option(
        "--eyes/--no-eyes",
        help="Read eyes and movements; without them, attention follows the head alone.",
    ),
]
Study = Annotated[str | None, typer.Option(help="Study that the sessions belong to.")]
Stimulus = Annotated[str | None, typer.Option(help="What the viewers are watching.")]
Condition = Annotated[str | None, typer.Option(help="Condition of the study, such as A or B.")]
Respondent = Annotated[str | None, typer.Option(help="Who is seen.")]

StudyNamed = Annotated[
    str | None, typer.Argument(help="The study (name or id); else the only one.")
]
Baseline = Annotated[
    bool, typer.Option("--baseline", help="Take each viewer's resting face out first.")
]
Compare = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GROUP",
        help="A condition, stimulus or session to compare; again for each of two to six. "
        "Else the study's conditions.",
    ),
]
NoCompare = Annotated[bool, typer.Option("--no-compare", help="Compare nothing.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Only whoever has this answer, tag or device; again: both."
    ),
]


def compared(compare: list[str] | None, no_compare: bool) -> tuple[str, ...] | None:
    """The groups that were named, none, or None: the study's own. Not both options at once."""
    if compare and no_compare:
        raise SettingsError("--compare and --no-compare contradict each other.", "Drop one.")
    if no_compare:
        return ()
    return tuple(dict.fromkeys(compare)) if compare else None


def chosen_settings(
    fps: float | None,
    model: str | None,
    detector: str,
    min_face: int,
    keep_faces: bool,
    eyes: bool,
) -> AnalysisSettings:
    """An analysis' settings from these options; SettingsError where one cannot be used."""
    from fer_core.jobs.analysis_spec import check_settings
    from fer_core.types import AnalysisSettings

    settings = AnalysisSettings(
        fps=fps, model=model, detector=detector, min_face=min_face, keep_faces=keep_faces, eyes=eyes
    )
    check_settings(settings)
    return settings
