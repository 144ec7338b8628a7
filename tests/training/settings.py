"""A run of seconds that has everything in it that a resumed run could get wrong."""

from __future__ import annotations

from fer_core.training.settings import TrainSettings

#: Dropout, augmentation, momentum, a moving average, a warm-up and a change of size.
SHORT = TrainSettings(
    arch="tiny",
    epochs=3,
    batch=16,
    sizes=((0.0, 32), (0.6, 48)),
    rate=0.05,
    ema=0.9,
    ema_every=2,
)
