"""Patterns of two phases, and stacks of them, with known answers."""

from dataclasses import replace
from typing import Any

import numpy as np

from morphcore.readers.results import Stack, Values3D

WHITE = (0.3, 0.5, 0.7)


def film(seed: int = 0, height: int = 60, width: int = 240, white: float = 0.5) -> np.ndarray:
    """An isotropic pattern of which that share is True."""
    k = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]) * 20
    noise = np.fft.fft2(np.random.default_rng(seed).standard_normal((height, width)))
    field = np.fft.ifft2(noise * np.exp(-(((k - 1) / 0.15) ** 2))).real
    bits: np.ndarray = field > np.quantile(field, 1 - white)
    return bits


def films(**size: int) -> np.ndarray:
    """Three patterns of 30, 50 and 70 per cent."""
    return np.stack([film(seed, white=white, **size) for seed, white in enumerate(WHITE)])


def soft(bits: np.ndarray) -> np.ndarray:
    """A pattern with an interface of some pixels, 0 to 1."""
    field = bits.astype(float)
    for _ in range(2):
        beside = [np.roll(field, step, axis) for step in (1, -1) for axis in (-1, -2)]
        field = (field + sum(beside)) / 5
    return field


def stack(values: np.ndarray, **facts: Any) -> Stack:
    """An array as a stack of pictures."""
    held = Values3D(values.shape, values.dtype, lambda: iter(values))
    return replace(Stack(held), **facts)
