"""Training with faces, augmentation and steps on one device, by Keras on JAX.

An epoch is one call: the faces lie on the device, are augmented there, and the steps follow
each other in a compiled loop. Settings, targets, architectures, optimizers and checkpoints
are those of ``fer_core.training.loop``. Nothing here imports TensorFlow or OpenCV.
"""
