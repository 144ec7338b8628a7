#!/bin/sh
# Keras' JAX and torch backends beside the project, without touching its environment, and the
# test that trains, resumes and exports on each. Processor builds: a GPU build is installed
# as its own pages say, and then KERAS_BACKEND=jax rapt train ... is all there is to it.
set -e
python=${PYTHON:-python}
beside=.peers/backends
if [ ! -d "$beside" ]; then
    $python -m pip install --quiet --no-deps --target "$beside" jax jaxlib opt_einsum
    $python -m pip install --quiet --no-deps --target "$beside" \
        --extra-index-url https://download.pytorch.org/whl/cpu \
        torch sympy mpmath networkx fsspec filelock jinja2 markupsafe
fi
PYTHONPATH="$beside" $python -m pytest -q tests/training/test_backends.py
