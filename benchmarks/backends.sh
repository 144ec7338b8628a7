#!/bin/sh
# Keras' JAX and torch backends beside the project, without touching its environment, and the
# test that trains, resumes and exports on each. On Linux pip's torch is the one for graphics
# cards, some GB; TORCH names another (TORCH=torch==2.13.0, a wheel). With a graphics card
# KERAS_BACKEND=jax rapt train ... is all there is to it.
set -e
python=${PYTHON:-python}
beside=.peers/backends
if [ ! -d "$beside" ]; then
    $python -m pip install --quiet --no-deps --target "$beside" jax jaxlib opt_einsum
    $python -m pip install --quiet --no-deps --target "$beside" \
        "${TORCH:-torch}" sympy mpmath networkx fsspec filelock jinja2 markupsafe
fi
PYTHONPATH="$beside" $python -m pytest -q tests/training/test_backends.py
