"""A rented GPU for some minutes: what travels there, what is trained there, what comes back.

``python -m fer_core.rental pack`` gathers faces, teachers' answers and wheels in a folder;
``train`` runs stages there with no other packages than Keras, JAX and NumPy; ``import`` makes
models of what came back; ``judge`` says how right a recipe is on faces that it was not shown.
See docs/gpu.md.
"""
