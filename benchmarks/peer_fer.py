"""Runs the `fer` package over a film and prints what it did, as JSON.

Run by an environment of its own (`benchmarks/peer_fer.sh` makes it), never by Rapt's:
`python benchmarks/peer_fer.py FILM [--seconds S]`. Frames come from OpenCV's reader, as in
that package's own video class; every frame is analysed, with its default settings (Haar
cascade, its LiteRT network).
"""

import argparse
import json
import logging
import time

import cv2
from fer.fer import FER

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("film")
parser.add_argument("--repeat", type=int, default=1, help="read the film so many times over")
args = parser.parse_args()
logging.disable(logging.INFO)

detector = FER()
detector.detect_emotions(cv2.VideoCapture(args.film).read()[1])  # warm up: load, first call
frames = faces = 0
begin = time.perf_counter()
for _ in range(args.repeat):
    film = cv2.VideoCapture(args.film)
    while True:
        more, picture = film.read()
        if not more:
            break
        faces += len(detector.detect_emotions(picture))
        frames += 1
    film.release()
seconds = time.perf_counter() - begin
print(json.dumps({"frames": frames, "faces": faces, "seconds": seconds, "fps": frames / seconds}))
