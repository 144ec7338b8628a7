"""Options that commands which analyse faces share, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
