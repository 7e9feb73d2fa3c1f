"""Contrast against known answers: two phases and none, in compositions and in pictures."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from morphcore import frames
from morphcore.config import SimulationConfig
from morphcore.descriptors import contrast
from morphcore.descriptors.contrast import SEPARATED_FROM
from morphcore.simulation.cahn_hilliard import simulate

SHAPE = (100, 400)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def field(smooth: float) -> np.ndarray:
    """Gaussian noise of unit deviation, correlated over `smooth` px."""
    noise = gaussian_filter(rng().standard_normal(SHAPE), smooth)
    return (noise - noise.mean()) / noise.std()


def gray(levels: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def of_picture(levels: np.ndarray) -> float:
    return float(contrast.measure(gray(levels)[None])[0])


def phases(fraction: float, dark: float, bright: float, smooth: float = 6.0) -> np.ndarray:
    values = field(smooth)
    return np.where(values > np.quantile(values, 1 - fraction), bright, dark)


@pytest.mark.parametrize("chi", [2.2, 2.8, 4.0])
@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.5])
def test_two_phases_at_the_binodal_have_a_contrast_of_1(chi: float, fraction: float) -> None:
    m = contrast.binodal(chi)
    # The compositions of the phases minimise the regular solution's free energy: f'(u) = 0.
    for u in ((1 - m) / 2, (1 + m) / 2):
        assert np.log(u / (1 - u)) + chi * (1 - 2 * u) == pytest.approx(0, abs=1e-9)
    film = gray(255 * phases(fraction, (1 - m) / 2, (1 + m) / 2) + rng().normal(0, 0.6, SHAPE))
    assert contrast.measure(film[None], chi)[0] == pytest.approx(1, abs=0.01)


def test_a_mixed_film_has_none_and_half_the_amplitude_has_half() -> None:
    m = contrast.binodal(2.2)
    mixed = gray(127.5 + 0.5 * field(3))
    assert contrast.measure(mixed[None], 2.2)[0] < 0.02
    half = gray(127.5 + 0.5 * 255 * m * (phases(0.5, 0, 1) - 0.5) + rng().normal(0, 0.6, SHAPE))
    assert contrast.measure(half[None], 2.2)[0] == pytest.approx(0.5, abs=0.02)
    assert contrast.measure(half[None], 2.0)[0] == 0  # nothing separates below the critical chi


def test_a_simulated_film_starts_mixed_and_ends_separated() -> None:
    """The first frame of phi .5 and chi 2.2 is flat; its binary form shows a labyrinth."""
    config = SimulationConfig(phi=0.5, chi=2.2, frames=2, first_step=4, last_step=1600)
    film = simulate(config, np.random.default_rng(0)).frames
    values = contrast.measure(film, 2.2)
    assert values[0] < 0.02
    assert not frames.is_unseparated(frames.binarise(film))[0]
    assert values[1] > SEPARATED_FROM
    assert contrast.is_separated(values).tolist() == [False, True]
    # As a picture, of which neither chi nor the gain is known, it is told alike.
    as_picture = contrast.measure(film)
    np.testing.assert_allclose(as_picture, values, atol=0.08)


@pytest.mark.parametrize("level", [30, 128, 220])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_a_blank_picture_is_not_separated_whatever_its_noise(level: float, size: float) -> None:
    kinds = {
        "gaussian": rng().standard_normal(SHAPE),
        "uniform": rng().uniform(-1.7, 1.7, SHAPE),
        "correlated": field(2),
        "correlated far": field(5),
    }
    for name, noise in kinds.items():
        assert of_picture(level + size * noise) < SEPARATED_FROM, name
    assert of_picture(level + np.zeros(SHAPE)) == 0


def test_uneven_light_is_no_phase() -> None:
    across, along = np.mgrid[:100, :400]
    assert of_picture(40 + along / 4 + rng().normal(0, 2, SHAPE)) < SEPARATED_FROM
    vignette = 200 - ((along - 200) / 25) ** 2 - ((across - 50) / 6) ** 2
    assert of_picture(vignette) < SEPARATED_FROM


@pytest.mark.parametrize(("dark", "bright"), [(40, 90), (10, 30), (100, 240), (0, 255)])
@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_two_clear_phases_are_separated_dim_or_bright(
    dark: float, bright: float, fraction: float, noise: float
) -> None:
    levels = phases(fraction, dark, bright) + rng().normal(0, noise * (bright - dark), SHAPE)
    assert of_picture(levels) >= SEPARATED_FROM


def test_waves_of_light_and_dark_are_phases() -> None:
    stripes = 128 + 40 * np.sin(np.arange(400) / 4)[None] + rng().normal(0, 4, SHAPE)
    assert of_picture(stripes) >= SEPARATED_FROM


@pytest.mark.parametrize("smooth", [2.0, 4.0, 10.0])
@pytest.mark.parametrize("shape", [(78, 312), (128, 512), (50, 200)])
def test_binary_frames_count_also_once_they_are_resampled(
    smooth: float, shape: tuple[int, int]
) -> None:
    binary = gray(phases(0.5, 0, 255, smooth))
    assert contrast.measure(np.stack([binary, 255 - binary])).tolist() == [1, 1]
    assert contrast.measure(binary[None], 2.2).tolist() == [1]
    assert contrast.measure(frames.resize(binary, shape)[None])[0] >= SEPARATED_FROM


def test_two_neighbouring_gray_levels_are_rounding_not_phases() -> None:
    assert of_picture(np.where(field(3) > 0, 128, 127)) == 0
    assert of_picture(np.where(field(3) > 0, 140, 127)) == 1


def test_a_frame_whose_contrast_is_not_known_counts_as_separated() -> None:
    values = np.array([np.nan, 0.1, 0.9], dtype=np.float32)
    assert contrast.is_separated(values).tolist() == [True, False, True]
