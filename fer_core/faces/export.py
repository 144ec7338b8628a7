"""Turn the MTCNN weights inside the `mtcnn` wheel into LiteRT files.

Run as a program by networks.py: it is the only module of this package that imports TensorFlow.
Three changes leave the arithmetic the same and save work at run time: the scaling of the
pixels, (x - 127.5) / 128, is folded into the first layer, which has no padding, so that
networks take plain 0-255; outputs are joined into one tensor; and the first network gives
the difference of its two logits instead of a softmax over every pixel.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def export_networks(folder: Path, shapes: dict[str, tuple[int, ...]] | None = None) -> None:
    """Write pnet.tflite, rnet.tflite and onet.tflite into a folder.

    ``shapes`` are fixed shapes of what each takes, for runtimes that know no others; every file
    is then held against the network that it was made from.
    """
    import tensorflow as tf
    from mtcnn.network.onet import ONet
    from mtcnn.network.pnet import PNet
    from mtcnn.network.rnet import RNet

    pnet, rnet, onet = _loaded(PNet, "pnet"), _loaded(RNet, "rnet"), _loaded(ONet, "onet")
    box_weights, box_bias = pnet.conv4_1.get_weights()
    face_weights, face_bias = pnet.conv4_2.get_weights()
    weights = tf.concat([box_weights, face_weights[..., 1:] - face_weights[..., :1]], -1)
    bias = tf.concat([box_bias, face_bias[1:] - face_bias[:1]], 0)

    def first(x: Any) -> Any:
        x = pnet.maxpool1(pnet.prelu1(pnet.conv1(x)))
        x = pnet.prelu3(pnet.conv3(pnet.prelu2(pnet.conv2(x))))
        return tf.nn.bias_add(tf.nn.conv2d(x, weights, 1, "VALID"), bias)

    def second(x: Any) -> Any:
        box, face = rnet(x)
        return tf.concat([box, face[:, 1:]], -1)

    def third(x: Any) -> Any:
        box, points, face = onet(x)
        return tf.concat([box, points, face[:, 1:]], -1)

    for name, network, shape in (
        ("pnet", first, (1, None, None, 3)),
        ("rnet", second, (None, 24, 24, 3)),
        ("onet", third, (None, 48, 48, 3)),
    ):
        wanted = shapes[name] if shapes else shape
        traced = tf.function(network, input_signature=[tf.TensorSpec(wanted, tf.float32)])
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [traced.get_concrete_function()]
        )
        content = converter.convert()
        if shapes:
            _hold_against(name, content, traced, shapes[name])
        (folder / f"{name}.tflite").write_bytes(content)


def _loaded(kind: Any, name: str) -> Any:
    """A network of the wheel with its weights, and the pixels' scaling in its first layer."""
    from mtcnn.utils.tensorflow import load_weights

    network = kind()
    network.build()
    network.set_weights(load_weights(f"{name}.lz4"))
    weights, bias = network.conv1.get_weights()
    network.conv1.set_weights([weights / 128, bias - (127.5 / 128) * weights.sum((0, 1, 2))])
    return network


def _hold_against(name: str, content: bytes, traced: Any, shape: tuple[int, ...]) -> None:
    """ValueError where a file answers otherwise than the network that it was made from."""
    import numpy as np

    from fer_core.litert import MOST_APART, interpreter

    values = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    net = interpreter(content)
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], values)
    net.invoke()
    found = net.get_tensor(net.get_output_details()[0]["index"])
    apart = float(np.abs(found - traced(values).numpy()).max())
    if not apart <= MOST_APART:
        raise ValueError(f"{name} as a file is {apart:.2g} away from the network")


if __name__ == "__main__":
    export_networks(Path(sys.argv[1]), json.loads(sys.argv[2]) if len(sys.argv) > 2 else None)
