"""What travels to a rented machine: packed faces, teachers' answers, unfinished runs, wheels."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.evaluation.whole_pictures import crop_of
from fer_core.faces import make_detector
from fer_core.labels import EMOTIONS
from fer_core.rental.pack import FACES, TEACHERS, Packed, write_pack, write_soft_targets
from fer_core.training.datasets import AS_VOTES, OWN_VOTES, emotion_of, load
from fer_core.training.distillation import teacher_logits
from fer_core.training.prepare import prepare
from fer_core.training.samples import FERPLUS, Samples
from fer_core.types import Bytes, CropSpec

#: Packages that Rapt's training needs and a machine with JAX and NumPy lacks.
WHEELS = ("keras", "namex", "optree")

Note = Callable[[str], None]


def gather(
    folder: Path,
    data: Path,
    photographs: Sequence[Path],
    teachers: Sequence[Path],
    earlier: Sequence[Path],
    crop: CropSpec,
    note: Note,
) -> Packed:
    """Fill ``folder`` with everything but the wheels.

    Args:
        data: FER2013 with a PublicTest split: its copies are left out of what trains.
        photographs: Packed photographs, ``.npz`` files with ``blob``, ``offsets``, ``labels``.
        teachers: ``.keras`` files whose answers travel.
        earlier: Folders with what came back of earlier rentals (see ``bring_in``).
        crop: How faces are cut out of photographs.
    """
    ready = prepare(load(data))
    for one in ready.notes:
        note(one)
    found = {path.stem: read_photographs(path, crop, note) for path in photographs}
    packed = joined(ready.training, found)
    write_pack(folder / FACES, packed)
    note(
        f"{len(ready.training)} faces and {int(packed.photographs.sum())} photographs: "
        f"{(folder / FACES).stat().st_size / 1e6:.1f} MB"
    )
    for path in teachers:
        write_answers(folder, path, packed, note)
    for source in earlier:
        for kind in (TEACHERS, "unfinished"):
            for path in sorted((source / kind).glob("*.npz")):
                (folder / kind).mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, folder / kind / path.name)
                note(f"{kind}/{path.stem}: {path.stat().st_size / 1e6:.1f} MB")
    return packed


def write_answers(folder: Path, model: Path, packed: Packed, note: Note) -> None:
    """A model's answers for the packed faces, as soft targets under the model's name."""
    from fer_core.rental.stages import STUDENT

    note(f"asking {model.name} about {len(packed.faces)} faces")
    settings = replace(STUDENT, precision="float32")
    logits = teacher_logits([model], settings, packed.faces)
    write_soft_targets(folder / TEACHERS / f"{model.stem}.npz", logits, packed)


def joined(faces: Samples, photographs: Mapping[str, tuple[Samples, list[str]]]) -> Packed:
    """FER2013's faces, then the photographs; a person keeps one number in all of them."""
    none = np.zeros((len(faces), len(FERPLUS)), np.int32)
    votes = [none if faces.votes is None else faces.votes]
    names = [name for _, found in photographs.values() for name in found]
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    for samples, _ in photographs.values():
        assert samples.votes is not None  # read_photographs gives them
        votes.append(samples.votes)
    everything = Samples(
        np.concatenate([faces.images, *(samples.images for samples, _ in photographs.values())]),
        np.concatenate([faces.labels, *(samples.labels for samples, _ in photographs.values())]),
        np.concatenate(votes),
    )
    person = [-1] * len(faces) + [known[name] for name in names]
    counts = [len(faces), *(len(found) for _, found in photographs.values())]
    source = np.repeat(np.arange(-1, len(photographs)), counts).astype(np.int32)
    return Packed(everything, np.array(person, np.int32), tuple(photographs), source)


def read_photographs(path: Path, crop: CropSpec, note: Note) -> tuple[Samples, list[str]]:
    """The largest face of each photograph, cut as a film's faces are, and who it is.

    A label given by people counts as FER+ votes of one mind.
    """
    images, labels, persons, missed = [], [], [], 0
    with tempfile.TemporaryDirectory() as cache:
        finder = make_detector("mtcnn", cache=Path(cache), min_face=30)
        for picture, label, person in photographs_in(path):
            face = crop_of(finder, picture, crop)
            if face is None:
                missed += 1
                continue
            images.append(face)
            labels.append(label)
            persons.append(person)
    if not images:
        raise DataError(f"No face was found in {path}.", "Give another file.")
    note(f"{path.name}: {len(images)} faces, none found in {missed} pictures")
    votes = np.zeros((len(labels), len(FERPLUS)), np.int32)
    columns = [FERPLUS.index(AS_VOTES[EMOTIONS[label]]) for label in labels]
    votes[np.arange(len(labels)), columns] = OWN_VOTES
    return Samples(np.stack(images), np.array(labels, np.int32), votes), persons


def photographs_in(path: Path) -> Iterator[tuple[Bytes, int, str]]:
    """Each photograph (h, w, 3) with its label and person, from an ``.npz`` of JPEGs.

    Two files number their persons apart, so that one who is in both counts as two.
    ``persons.npz`` beside it says who is who where the file itself does not.
    """
    import cv2

    with np.load(path, allow_pickle=False) as stored:
        found = dict(stored)
    if "person" not in found:
        with np.load(path.with_name("persons.npz"), allow_pickle=False) as beside:
            found["person"] = beside["person"]
    blob, offsets = found["blob"], found["offsets"]
    for i, name in enumerate(found["labels"]):
        label = emotion_of(str(name))
        picture = cv2.imdecode(blob[offsets[i] : offsets[i + 1]], cv2.IMREAD_COLOR_RGB)
        if label is not None and picture is not None:
            yield np.asarray(picture, np.uint8), label, f"{path.stem} {found['person'][i]}"


def fetch_wheels(folder: Path, python: str, note: Note) -> None:
    """The wheels of WHEELS for that Python on x86-64 Linux, in the versions installed here."""
    from importlib.metadata import version

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    glibc = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 24, 17)]
    platforms = [
        f"--platform={name}" for name in (*glibc, "manylinux2014_x86_64", "manylinux1_x86_64")
    ]
    done = subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
            "--only-binary=:all:", f"--python-version={python}", "--implementation=cp",
            *platforms, f"--dest={folder}", *(f"{name}=={version(name)}" for name in WHEELS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise DataError(
            f"The wheels could not be fetched: {done.stderr.strip().splitlines()[-1:]}",
            "Try again with a network, or give --no-wheels and bring Keras another way.",
        )
    size = sum(path.stat().st_size for path in folder.iterdir())
    note(f"{len(list(folder.glob('*.whl')))} wheels: {size / 1e6:.1f} MB")


def take_program(tree: Path, folder: Path) -> None:
    """Copy the core's source files to ``folder``: training needs nothing else of the tree."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in sorted((tree / "fer_core").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            target = folder / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def travels(folder: Path) -> int:
    """Bytes that go along."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
