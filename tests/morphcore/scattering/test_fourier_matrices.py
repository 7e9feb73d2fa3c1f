import numpy as np
import pytest
import torch

from morphcore.scattering.fourier_matrices import FourierMatrices
from morphcore.scattering.transform import coefficients, scatter
from tests.morphcore.scattering.test_transform import FILMS


@pytest.mark.parametrize("size", [(12, 20), (7, 15)])
def test_a_spectrum_is_the_transform(size: tuple[int, int]) -> None:
    fields = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    spectra = FourierMatrices().spectra(fields)
    want = torch.fft.fft2(fields)
    ours = torch.complex(spectra[:, :, 0], spectra[:, :, 1])
    torch.testing.assert_close(ours, want, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("edges", [(True, False), (False, False), (True, True)])
def test_coefficients_are_those_of_fast_transforms(edges: tuple[bool, bool]) -> None:
    periodic, periodic_y = edges
    x = torch.from_numpy(FILMS[:3].astype(np.float32))
    fast = scatter(x, periodic=periodic, periodic_y=periodic_y)
    ours = coefficients(x, periodic=periodic, periodic_y=periodic_y, fourier=FourierMatrices())
    spread = scatter(torch.from_numpy(FILMS.astype(np.float32)), periodic=True, periodic_y=False)
    assert float(((ours - fast).abs() / spread.std(0)).max()) < 1e-3
