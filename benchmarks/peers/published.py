"""What other projects publish of themselves or of each other, as read at the source."""

from __future__ import annotations

from dataclasses import dataclass

PYFEAT = "https://github.com/cosanlab/py-feat/blob/{}/docs/benchmarks/{}"
METHOD = PYFEAT.format("b64644b9a526", "cross_tool_methodology.md")
SPEEDS = PYFEAT.format("03a463fc0593", "throughput.csv")


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that was not measured here, where it stands, and what to bear in mind."""

    system: str
    figure: str
    source: str
    caveat: str


OWN_DETECTORS = (
    "measured by py-feat's authors, each tool with its own detector; AffectNet's validation "
    "pictures, 994, and RAF-DB's test split, 3,068: other pictures than here"
)

PUBLISHED = (
    Published(
        "py-feat 2 (`Detectorv2`)",
        "AffectNet, seven classes: 49.2 %, macro-F1 0.479; RAF-DB 65.6 %, 0.528",
        METHOD,
        OWN_DETECTORS,
    ),
    Published(
        "OpenFace 3.0",
        "AffectNet, seven classes: 49.3 %, macro-F1 0.520; RAF-DB 51.3 %, 0.469",
        METHOD,
        OWN_DETECTORS + "; it knows eight classes, and contempt counts as wrong",
    ),
    Published(
        "LibreFace",
        "AffectNet, seven classes: 45.5 %, macro-F1 0.403; RAF-DB 64.6 %, 0.386",
        METHOD,
        OWN_DETECTORS + "; the model of its pip package, which is not the paper's; eight classes, "
        "contempt counts as wrong",
    ),
    Published(
        "OpenFace 3.0, LibreFace, py-feat",
        "18.3, 4.7 and 38.4 frames a second on a film of 472 frames, one frame at a time",
        METHOD,
        "an RTX 3090, not a CPU; all of them compute action units, gaze and more besides",
    ),
    Published(
        "DeepFace",
        "FER2013, test accuracy 57.4 %",
        "https://github.com/serengil/deepface/issues/247",
        "its author's word; which of the splits «test» is, is not said there; training accuracy "
        "stands at 92 %",
    ),
    Published(
        "EmotiEffLib (HSEmotion), `enet_b0_8_va_mtl`",
        "AffectNet, eight classes 61.9 %, seven 64.9 %",
        "https://github.com/av-savchenko/face-emotion-recognition/blob/012691eb9eaa/README.md",
        "its authors' word, on AffectNet's pictures as they come, where py-feat's authors ran each "
        "tool's detector first; pre-trained on VGGFace2",
    ),
    Published(
        "EmotiEffLib (HSEmotion), `enet_b2_8`",
        "AffectNet, eight classes 63.0 %, seven 66.3 %",
        "https://github.com/av-savchenko/face-emotion-recognition/blob/012691eb9eaa/README.md",
        "as above",
    ),
    Published(
        "`fer`",
        "FER2013, test accuracy 66 % (2019), 71 % (2022)",
        "https://github.com/justinshenk/fer/issues/6 and "
        "https://github.com/justinshenk/fer/issues/50",
        "its author's word, the first of the network that it took over; the package as it installs "
        "is measured above",
    ),
)

#: What py-feat publishes of `single_face.mp4`, its own test clip of 72 frames.
SINGLE_FACE = (
    Published(
        "py-feat 0.7.0, on a CPU",
        "`Detectorv2` 9.0 frames a second one at a time, 12.9 in batches of 16; RetinaFace 4.3 and "
        "10.5; img2pose 1.6 and 1.8",
        SPEEDS,
        "a host of 128 CPUs, how many threads is not said; action units, landmarks, pose and "
        "identity as well as expressions",
    ),
    Published(
        "py-feat 2.0.2, on a CPU",
        "`Detectorv2` 2.3 frames a second one at a time, 2.0 in batches of 16; RetinaFace 5.2 and "
        "1.0; img2pose 2.6 and 0.7",
        SPEEDS,
        "an Apple M5 Max, CPU alone, `OMP_NUM_THREADS=1`; the same work",
    ),
    Published(
        "LibreFace, by py-feat's authors",
        "2.7 frames a second on a CPU, 3.9 in batches of 16",
        PYFEAT.format("41cb44d3619a", "competitors/libreface_speed.json"),
        "its alignment and action units alone; the authors later withdrew figures of this clip "
        f"other than a GPU's as «not trustworthy» ({METHOD})",
    ),
    Published(
        "OpenFace 3.0, by py-feat's authors",
        "17.5 frames a second on an RTX 3090, 18.7 on an RTX PRO 6000",
        PYFEAT.format("064d027bdde6", "competitors/openface3_speed.json"),
        "on 40 of the frames; no figure of a CPU is published",
    ),
)
