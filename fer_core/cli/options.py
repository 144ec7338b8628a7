"""Options that commands which analyse faces share, each written once."""

from __future__ import annotations

from typing import Annotated

import typer

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
        help="Read eyes and movements; without, attention follows the head alone.",
    ),
]
Study = Annotated[str | None, typer.Option(help="Study that the sessions belong to.")]
Stimulus = Annotated[str | None, typer.Option(help="What the viewers are watching.")]
Condition = Annotated[str | None, typer.Option(help="Condition of the study, such as A or B.")]
Respondent = Annotated[str | None, typer.Option(help="Who is seen.")]
