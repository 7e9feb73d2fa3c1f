import numpy as np
import pytest
import torch

from morphcore.scattering import wavelets
from morphcore.scattering.transform import FEATURES, scatter, scattering
from morphcore.scattering.wavelets import DIRECTIONS, OCTAVES, XI

HEIGHT, WIDTH = 100, 400


def film(seed: int, *, height: int = HEIGHT, width: int = WIDTH, size: float = 6.0) -> np.ndarray:
    """Two phases with domains of about `size` px, periodic in x, mirrored at the walls."""
    rng = np.random.default_rng(seed)
    field = np.fft.fft2(rng.standard_normal((height, width)))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    band = np.exp(-((frequency * 2 * size - 1) ** 2) / 0.1)
    return np.real(np.fft.ifft2(field * band)) > 0.2 * band.mean()


FILMS = np.stack([film(seed, size=size) for seed, size in enumerate((4, 5, 6, 8, 10, 12))])


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest change of any feature, in standard deviations over films."""
    return float((np.abs(a - b) / scattering(FILMS).std(axis=0)).max())


@pytest.mark.parametrize("shift", [1, 37, 200])
def test_a_frame_that_is_rolled_has_the_same_features(shift: int) -> None:
    assert apart(scattering(FILMS), scattering(np.roll(FILMS, shift, axis=2))) < 0.2


def test_a_frame_and_its_mirror_image_along_the_film_have_the_same_features() -> None:
    assert apart(scattering(FILMS), scattering(FILMS[:, :, ::-1].copy())) < 1e-2


def test_a_frame_twice_as_wide_that_repeats_itself_has_the_same_features() -> None:
    twice = np.concatenate([FILMS, FILMS], axis=2)
    assert apart(scattering(FILMS), scattering(twice)) < 0.1


def test_a_frame_turned_upside_down_is_another_where_its_surfaces_differ() -> None:
    layered = FILMS.copy()
    layered[:, :12] = True
    assert apart(scattering(layered), scattering(layered[:, ::-1].copy())) > 1


def test_a_frame_whose_phases_are_exchanged_is_another() -> None:
    droplets = np.stack([film(seed, size=6) & film(seed + 50, size=7) for seed in range(3)])
    assert apart(scattering(droplets), scattering(~droplets)) > 1


def test_features_of_walls_are_those_of_the_frame_beside_its_mirror_image() -> None:
    beside = np.concatenate([FILMS, FILMS[:, :, ::-1]], axis=2)
    assert (
        apart(scattering(FILMS, periodic=False), scattering(beside)) < 0.4
    )  # where the grid falls


def test_rows_do_not_depend_on_their_batch() -> None:
    x = torch.from_numpy(np.concatenate([FILMS] * 4).astype(np.float32))
    together = scatter(x, periodic=True, periodic_y=False)
    alone = scatter(x[-1:], periodic=True, periodic_y=False)
    assert together.shape == (24, FEATURES)
    torch.testing.assert_close(together[-1:], alone, atol=1e-4, rtol=1e-4)


def test_no_frames_have_no_rows() -> None:
    assert scattering(np.zeros((0, 100, 400), dtype=np.bool_)).shape == (0, FEATURES)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (64, 96), (101, 333)])
def test_frames_of_any_size_have_finite_features(height: int, width: int) -> None:
    bits = film(1, height=height, width=width)[None]
    assert np.isfinite(scattering(bits, periodic=False)).all()


def test_a_stripe_answers_most_to_the_wavelet_of_its_wavelength_and_direction() -> None:
    octave = 2
    wavelength = 2 * np.pi / (XI / 2**octave)
    wave = np.cos(2 * np.pi * np.arange(384) / 384 * round(384 / wavelength))
    spectrum = np.fft.fft2(np.tile(wave, (96, 1)))
    answers = np.zeros((OCTAVES, DIRECTIONS))
    for scale in range(OCTAVES):
        for direction, window in enumerate(
            wavelets.wavelets(96, 384, scale, (96 >> scale, 384 >> scale))
        ):
            part = spectrum[np.ix_(window.rows, window.columns)] * window.response
            answers[scale, direction] = np.abs(np.fft.ifft2(part)).mean()
    assert np.unravel_index(answers.argmax(), answers.shape) == (octave, 0)


def test_wavelets_have_no_mean():
    for octave in range(OCTAVES):
        for window in wavelets.wavelets(96, 128, octave, (96 >> octave, 128 >> octave)):
            at_zero = (window.rows == 0)[:, None] & (window.columns == 0)
            assert np.abs(window.response[at_zero]).max(initial=0) < 1e-6


def test_a_coarser_grid_has_the_values_in_the_middle_of_its_cells():
    rng = np.random.default_rng(0)
    spectrum = np.fft.fft2(rng.standard_normal((96, 129)))

    def field(size: tuple[int, int]) -> np.ndarray:
        window = wavelets.wavelets(96, 129, 2, size)[0]
        part = spectrum[np.ix_(window.rows, window.columns)] * window.response
        return np.abs(np.fft.ifft2(part))

    fine = field((96, 129))
    np.testing.assert_allclose(field((32, 43)), fine[1::3, 1::3], atol=0.03 * fine.max())
