"""The `fer` package over a film that it decodes itself; prints what it did, as JSON.

`rapt bench perception --against fer` runs this in the environment that `python -m benchmarks.peers
install fer` makes: `python benchmarks/peers/runners/fer_film.py FILM [--repeat N]`.
"""

import argparse
import json
import time

import cv2
from fer_package import Package

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("film")
parser.add_argument("--repeat", type=int, default=1, help="read the film so many times over")
args = parser.parse_args()

package = Package({"task": "frame"})
package.frame(cv2.VideoCapture(args.film).read()[1][..., ::-1])  # warm up: load, first call
frames = faces = 0
begin = time.perf_counter()
for _ in range(args.repeat):
    film = cv2.VideoCapture(args.film)
    while True:
        more, picture = film.read()
        if not more:
            break
        faces += package.frame(picture[..., ::-1])
        frames += 1
    film.release()
seconds = time.perf_counter() - begin
print(json.dumps({"frames": frames, "faces": faces, "seconds": seconds, "fps": frames / seconds}))
