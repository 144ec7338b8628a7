"""`rapt evaluate`: how good a model is on labelled faces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.cli.call import Call
from fer_core.errors import DataError
from fer_core.text import fine_percent

if TYPE_CHECKING:
    from fer_core.evaluation.runner import Evaluation
    from fer_core.inference.classifier import Classifier
    from fer_core.types import LabelErrorJson, LabelErrorsJson, ReportJson, ScoresJson

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    ctx: typer.Context,
    model: str = typer.Argument("", help="A model's name; else the one in use."),
    data: Path = typer.Option(..., "--data", help="Kaggle's CSV, or a folder of emotion folders."),
    usage: str = typer.Option("", "--usage", help="One split alone, for example PublicTest."),
    output: str = typer.Option("", "--output", help="Score this output of the model."),
    detect: bool = typer.Option(False, "--detect", help="Find the face in whole pictures first."),
    detector: str = typer.Option("mtcnn", "--detector", help="Which detector finds the faces."),
    border: float = typer.Option(
        0.25, "--border", help="Border added around a picture, as a share of its size."
    ),
    mirror: bool | None = typer.Option(
        None, "--mirror/--no-mirror", help="Average with the mirrored face; else as its card says."
    ),
    kind: str = typer.Option("", "--file", help="litert or int8; else the model's default."),
    save: Path | None = typer.Option(None, "--save", help="Write the probabilities as .npz."),
    label_errors: int = typer.Option(
        0, "--label-errors", min=0, help="List so many faces whose label is probably wrong."
    ),
) -> None:
    """Measure a model on labelled faces.

    FER2013's labels are scored with the output that learned them, FER+ votes with the
    FER+ output, and whole pictures (--detect) with the output that timelines come from.
    Of a data set with splits, PublicTest is taken unless --usage says otherwise.
    --label-errors doubts labels by confident learning (Northcutt et al. 2021); the model
    must not have been trained on these faces.
    """
    import cv2

    from fer_core.inference import open_classifier
    from fer_core.inference.outputs import SERVED

    if detect and label_errors:
        raise DataError(
            "--label-errors names faces of a data set, not of whole pictures.",
            "Leave --detect out: the pictures are then taken as faces.",
        )
    cv2.setNumThreads(1)
    call = Call.of(ctx)
    network = open_classifier(model or None, home=call.home, kind=kind or None)
    whole = (detector, border, network.crop)
    read = _detected(call, data, usage, *whole) if detect else _split_of(data, usage)
    # whole pictures are read as a film's are
    answer, result = _measured(network, read, data, output or (SERVED if detect else None), mirror)
    if label_errors:
        answer["label_errors"] = _label_errors(result, read.about["split"], label_errors)
    _save(save, result)
    _show(call, answer)


def _measured(
    network: Classifier, read: _Read, data: Path, output: str | None, mirror: bool | None
) -> tuple[ReportJson, Evaluation]:
    """The answer, and the probabilities and labels that it was counted from."""
    from fer_core import evaluation

    logits = evaluation.run_model(network, read.faces, mirror=mirror)
    report = evaluation.evaluate(
        network.card, logits, read.labels, read.votes, output=output, copies=read.copies
    )
    answer: ReportJson = {
        "model": network.card.name, "file": network.kind, "data": str(data), **read.about,
        **report.as_dict(), "problems": read.problems,
        "ms_per_face": evaluation.milliseconds_per_face(network),
    }  # fmt: skip
    return answer, report.labels


def _label_errors(result: Evaluation, split: str, most: int) -> LabelErrorsJson:
    """The faces whose label is most doubtful, and how many are suspected in all."""
    import numpy as np

    from fer_core.evaluation.label_errors import label_doubts
    from fer_core.evaluation.review import data_set_item

    doubts = label_doubts(result.probabilities, result.truth)
    suspects = np.flatnonzero(doubts.suspect)
    order = suspects[np.argsort(-doubts.score[suspects], kind="stable")]
    names = result.scores.labels
    faces: list[LabelErrorJson] = [
        {
            "item": data_set_item(split, int(result.rows[k])),
            "label": names[int(result.truth[k])],
            "likely": names[int(doubts.likely[k])],
            "doubt": round(float(doubts.score[k]), 4),
        }
        for k in order[:most]
    ]
    return {"suspects": len(suspects), "faces": faces}


def _save(target: Path | None, result: Evaluation) -> None:
    if target is None:
        return
    import numpy as np

    np.savez_compressed(
        target,
        probabilities=result.probabilities,
        truth=result.truth,
        rows=result.rows,
        labels=np.array(result.scores.labels),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """Labelled faces: (n, size, size) grey, (n,) labels, (n, 8) FER+ votes, (n,) copies."""

    faces: Any
    labels: Any
    about: ReportJson  # what the answer says of where they come from
    problems: list[str]
    votes: Any = None
    copies: Any = None  # which faces training holds as well


def _split_of(data: Path, usage: str) -> _Read:
    """One split of a data set, with the faces marked that its training split holds as well."""
    from fer_core.evaluation import validation_split
    from fer_core.training.datasets import load
    from fer_core.training.samples import exact_copies

    found = load(data, usage=usage or None)
    split = validation_split(found.splits)
    samples = found.splits[split]
    copies = None
    if split != "train" and "train" in found.splits:
        copies = exact_copies(samples.images, found["train"].images)
    problems = [str(problem) for problem in found.problems]
    return _Read(samples.images, samples.labels, {"split": split}, problems, samples.votes, copies)


def _detected(call: Call, data: Path, usage: str, detector: str, border: float, spec: Any) -> _Read:
    """Crops and labels of the faces that the detector finds in folders of whole pictures."""
    import cv2
    import numpy as np

    from fer_core.evaluation.whole_pictures import crop_of
    from fer_core.faces import make_detector
    from fer_core.training.datasets import split_name
    from fer_core.training.readers.folders import emotion_folders, pictures_in

    if not data.is_dir():
        raise DataError(
            f"{data} is no folder.", "--detect takes a folder of emotion folders of pictures."
        )
    finder = make_detector(detector, cache=call.home.cache, min_face=30)
    crops, labels, missed, problems = [], [], 0, []
    for split, folder, label in emotion_folders(data):
        if usage and folder.parent != data and split != split_name(usage):
            continue
        for path in pictures_in(folder):
            picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
            if picture is None:
                problems.append(f"{path.relative_to(data)}: no picture")
                continue
            crop = crop_of(finder, np.asarray(picture, np.uint8), replace(spec), border)
            if crop is None:
                missed += 1
                continue
            crops.append(crop)
            labels.append(label)
    if not crops:
        raise DataError(f"No face was found in {data}.", "Try another --detector or --border.")
    about: ReportJson = {"missed": missed, "detector": detector}
    return _Read(np.stack(crops), np.array(labels, np.int32), about, problems)


def _show(call: Call, answer: ReportJson) -> None:
    call.answer(answer)
    if call.json:
        return

    def line(what: str, scores: ScoresJson) -> str:
        return (
            f"{what}: {fine_percent(scores['accuracy'], 2)} of {scores['n']:,} faces, "
            f"macro-F1 {scores['macro_f1']:.3f}, top-2 {fine_percent(scores['top2'])}, "
            f"top-3 {fine_percent(scores['top3'])}, calibration error {fine_percent(scores['ece'])}"
        )

    out = [line(f"{answer['model']} ({answer['output']})", answer)]
    if "accuracy_without_copies" in answer:
        out.append(
            "without faces that also stand in Training: "
            f"{fine_percent(answer['accuracy_without_copies'], 2)}"
        )
    if "ferplus" in answer:
        out.append(line("FER+, most votes, eight classes", answer["ferplus"]))
    if "ferplus_agreed" in answer:
        out.append(line("FER+, majority as its authors count it", answer["ferplus_agreed"]))
    if "missed" in answer:
        out.append(f"pictures in which no face was found: {answer['missed']}")
    ms = answer["ms_per_face"]
    out.append(f"{ms['1']:.2f} ms a face alone, {ms['8']:.2f} ms in eights, one thread")
    call.answer(None, "\n".join(out) + "\n")
    rows = [
        {"emotion": name}
        | {k: f"{v:.2f}" if k != "support" else str(v) for k, v in numbers.items()}
        for name, numbers in answer["per_class"].items()
    ]
    headings = {"emotion": "emotion", "precision": "precision", "recall": "recall", "f1": "F1"}
    call.table(rows, headings | {"support": "faces"})
    if "label_errors" in answer:
        _show_label_errors(call, answer)
    for problem in answer["problems"][:5]:
        call.note(f"left out: {problem}")
    if len(answer["problems"]) > 5:
        call.note(f"left out: {len(answer['problems']) - 5} more")


def _show_label_errors(call: Call, answer: ReportJson) -> None:
    found = answer["label_errors"]
    said = f"labels that are probably wrong: {found['suspects']:,} of {answer['n']:,}"
    call.answer(None, f"\n{said}, the most doubtful first\n")
    call.table(
        [
            {"item": one["item"], "label": one["label"], "likely": one["likely"],
             "doubt": f"{one['doubt']:.2f}"}
            for one in found["faces"]
        ],
        {"item": "face", "label": "label", "likely": "more likely", "doubt": "doubt"},
    )  # fmt: skip
    if answer["split"] == "train":
        call.note("a model that was trained on these faces repeats their labels, right or wrong")
