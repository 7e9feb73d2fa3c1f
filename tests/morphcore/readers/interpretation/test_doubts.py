"""What may be no film is warned of; films of all sorts are not."""

from collections.abc import Callable

import numpy as np
import pytest

from morphcore.progress import ignore
from morphcore.readers.interpretation.doubts import doubts
from morphcore.readers.interpretation.value_statistics import gather
from tests.morphcore.readers.patterns import film, soft

GROWING = np.stack([soft(film(white=white)) for white in (0.3, 0.4, 0.5, 0.6, 0.7)])
NOISE = np.random.default_rng(0).normal(0, 8, GROWING.shape)
MICROGRAPHS = np.clip(70 + 90 * GROWING + NOISE, 0, 255).astype(np.uint8)


def said(pictures: np.ndarray) -> tuple[str, ...]:
    return doubts(gather(pictures, len(pictures), pictures.dtype, ignore))


def swapped() -> np.ndarray:
    pictures = MICROGRAPHS.copy()
    pictures[2] = 255 - pictures[2]
    return pictures


def with_scale_bar() -> np.ndarray:
    pictures = MICROGRAPHS.copy()
    pictures[:, 50:54, 180:220] = 255
    return pictures


def with_aperture() -> np.ndarray:
    pictures = MICROGRAPHS.copy()
    rows, columns = np.mgrid[-1:1:60j, -1:1:240j]
    pictures[:, np.hypot(rows, columns) > 1.1] = 0
    return pictures


def lit_from_the_side() -> np.ndarray:
    light = np.linspace(0, 160, MICROGRAPHS.shape[2])
    return np.clip(20 + 50 * GROWING + NOISE / 2 + light, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("pictures", "begin"),
    [
        (swapped, "Black and white seem to change places between frames 1 and 2, and at 1 more"),
        (with_scale_bar, "160 pixels about row 51 and column 199 are white in all frames"),
        (with_aperture, "black"),
        (lit_from_the_side, "Its gray rises evenly towards the right"),
    ],
)
def test_what_may_be_no_film_is_warned_of(pictures: Callable[[], np.ndarray], begin: str) -> None:
    (sentence,) = said(pictures())
    assert begin in sentence


@pytest.mark.parametrize("name", ["micrographs", "binary", "soft", "slow", "sparse", "flat first"])
def test_films_are_not_warned_of(name: str) -> None:
    slow = np.stack([soft(film(white=white)) for white in (0.2, 0.22, 0.24)])
    sparse = np.stack([soft(film(white=white)) for white in (0.05, 0.06, 0.07)])
    films = {
        "micrographs": MICROGRAPHS,
        "binary": (GROWING > 0.5) * np.uint8(255),
        "soft": np.rint(255 * GROWING).astype(np.uint8),
        "slow": np.rint(255 * slow).astype(np.uint8),
        "sparse": np.rint(255 * sparse).astype(np.uint8),
        "flat first": np.rint(127 + 127 * (GROWING - 0.5) * np.linspace(0, 1, 5)[:, None, None]),
    }
    assert said(films[name]) == ()
