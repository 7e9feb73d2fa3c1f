"""Models and frames of any size, with edges that join and edges that do not."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from morphcore.config import train_config
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.build import build
from morphcore.models.geometry import (
    SIMULATED,
    Geometry,
    GeometryError,
    batch_frames,
    by_geometry,
    evaluated_step,
)
from morphcore.models.layers import COLUMNS, ROWS, FilmConv, extend
from morphcore.models.resolutions import levels, margins, rows_by_wall, windows
from morphcore.models.two_level import TwoLevel

ANY = [
    Geometry(64, 64, False),
    Geometry(101, 401, False),
    Geometry(129, 70, False),
    Geometry(65, 402),
    Geometry(75, 66, True, True),
    Geometry(100, 97, False, True),
]


def _bits(geometry: Geometry, count: int = 2, seed: int = 0) -> np.ndarray:
    """Domains of some 8 px that go around the edges that join."""
    noise = np.random.default_rng(seed).standard_normal((count, geometry.height, geometry.width))
    ways = ("wrap" if joins else "nearest" for joins in (geometry.periodic_y, geometry.periodic))
    smooth: np.ndarray = gaussian_filter(noise, (0, 3, 3), mode=("nearest", *ways))
    return smooth > 0


def _frames(geometry: Geometry, count: int = 2, seed: int = 0) -> Tensor:
    return torch.from_numpy(_bits(geometry, count, seed)).float()[:, None]


@pytest.fixture(scope="module")
def two_level() -> TwoLevel:
    """Not as it begins, where priors are standard normals and blocks the identity."""
    model = build(train_config("two-level", latent=5, seed=1))
    assert isinstance(model, TwoLevel)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


@pytest.mark.parametrize("axis", [COLUMNS, ROWS])
def test_beyond_an_edge_that_does_not_join_is_the_mirror_image(axis: int) -> None:
    h = torch.randn(2, 3, 6, 7, dtype=torch.float64, requires_grad=True)
    widths = [(3, 3) if other == axis else (0, 0) for other in range(4)]
    expected = np.pad(h.detach().numpy(), widths, mode="symmetric")
    np.testing.assert_array_equal(extend(h, 3, axis, periodic=False).detach().numpy(), expected)
    assert torch.autograd.gradcheck(lambda values: extend(values, 3, axis, periodic=False), (h,))


@pytest.mark.parametrize(("periodic", "periodic_y"), [(True, False), (False, True), (False, False)])
def test_a_convolution_sees_the_other_edge_only_where_both_join(
    periodic: bool, periodic_y: bool
) -> None:
    layer = FilmConv(1, 1, dilation=2)
    h = torch.randn(1, 1, 12, 14, requires_grad=True)
    geometry = Geometry(12, 14, periodic, periodic_y)
    layer(h, geometry)[0, 0, 0, 0].backward()
    assert h.grad is not None
    seen = h.grad[0, 0] != 0
    assert bool(seen[:, 7:].any()) is periodic
    assert bool(seen[6:].any()) is periodic_y


@pytest.mark.parametrize("geometry", ANY, ids=str)
def test_frames_of_any_size_are_learnt_encoded_and_decoded(
    two_level: TwoLevel, geometry: Geometry
) -> None:
    x = _frames(geometry)
    with torch.no_grad():
        posterior = two_level.encode(x, geometry)
        assert posterior.mean.shape == (2, 5)
        assert two_level.reconstruct(x, geometry).shape == x.shape
        decoded = two_level.decode(posterior.mean, geometry, torch.Generator().manual_seed(0))
        assert decoded.shape == x.shape
    terms = two_level.train().terms(x, geometry, torch.Generator().manual_seed(0))
    two_level.eval()
    loss = (terms.recon_nats + terms.kl_nats).sum()
    assert torch.isfinite(loss)
    gradients = torch.autograd.grad(loss, list(two_level.parameters()))
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize(
    ("geometry", "along_x"),
    [
        (Geometry(64, 96), True),
        (Geometry(64, 94), True),
        (Geometry(70, 65), True),
        (Geometry(72, 64, False, True), False),
        (Geometry(66, 64, True, True), False),
        (Geometry(67, 64, True, True), False),
    ],
    ids=str,
)
def test_a_frame_tiled_twice_keeps_its_embedding(
    two_level: TwoLevel, geometry: Geometry, along_x: bool
) -> None:
    x = _frames(geometry, count=3)
    height, width = (1, 2) if along_x else (2, 1)
    twice = Geometry(
        height * geometry.height, width * geometry.width, geometry.periodic, geometry.periodic_y
    )
    with torch.no_grad():
        features = two_level.features(x, geometry)
        tiled = two_level.features(x.repeat(1, 1, height, width), twice)
        apart = (features[0] - features[1]).abs().max()
    torch.testing.assert_close(tiled, features, atol=1e-5, rtol=1e-4)
    assert apart > 1e-3


@pytest.mark.parametrize("geometry", ANY, ids=str)
def test_the_mirror_image_has_the_same_embedding(two_level: TwoLevel, geometry: Geometry) -> None:
    x = _frames(geometry)
    with torch.no_grad():
        torch.testing.assert_close(
            two_level.features(x.flip(3), geometry),
            two_level.features(x, geometry),
            atol=1e-5,
            rtol=1e-4,
        )


def test_a_frame_with_free_ends_is_not_taken_around(two_level: TwoLevel) -> None:
    """Features at the left edge are what they are whatever the right end shows."""
    walls, around = Geometry(64, 128, False), Geometry(64, 128, True)
    x = _frames(walls, count=1)
    other = x.clone()
    other[..., 96:] = 1 - other[..., 96:]
    with torch.no_grad():
        for geometry, same in ((walls, True), (around, False)):
            first, second = (two_level._features(y, geometry) for y in (x, other))
            assert torch.equal(first.sixteenth[..., 0], second.sixteenth[..., 0]) is same


def test_frames_that_are_periodic_in_y_know_no_walls(two_level: TwoLevel) -> None:
    geometry = Geometry(64, 96, True, True)
    x = _frames(geometry)
    with torch.no_grad():
        features, rolled = (
            two_level.features(y, geometry) for y in (x, x.roll((20, 36), dims=(2, 3)))
        )
    torch.testing.assert_close(rolled, features, atol=1e-5, rtol=1e-4)


def test_no_row_is_added_that_has_no_pixel_of_the_frame() -> None:
    assert margins(SIMULATED) == (2, 2)
    assert levels(SIMULATED) == ((26, 100), (13, 50), (7, 25))
    for height in range(64, 200):
        above, below = margins(Geometry(height))
        assert max(above, below) < 4
        assert (height + above + below) % 4 == 0


def test_rows_near_a_wall_stay_near_it() -> None:
    assert rows_by_wall(7, SIMULATED) == [0, 1, 2, 3, 4, 5, 6]
    assert rows_by_wall(10, SIMULATED) == [0, 1, 2, 3, 3, 3, 3, 4, 5, 6]
    assert rows_by_wall(5, SIMULATED) == [0, 1, 2, 5, 6]
    assert rows_by_wall(4, SIMULATED) == [0, 1, 5, 6]
    assert rows_by_wall(4, Geometry(64, 64, True, True)) == [3, 3, 3, 3]


@pytest.mark.parametrize("geometry", [Geometry(64, 80), Geometry(64, 65), Geometry(64, 65, False)])
def test_a_window_is_half_of_a_frame_of_any_width(geometry: Geometry) -> None:
    drawn = windows(200, geometry, torch.Generator().manual_seed(0), torch.device("cpu"))
    half = -(-geometry.width // 4) // 2
    assert set(drawn[:, 0].sum(1).tolist()) == {float(half), float(drawn.shape[2])}


@pytest.mark.parametrize("geometry", [Geometry(40, 33, False), Geometry(101, 97), SIMULATED])
def test_seed_is_built_for_a_size(geometry: Geometry) -> None:
    edges = {"periodic": geometry.periodic, "periodic_y": geometry.periodic_y}
    model = build(
        train_config("seed", latent=3, height=geometry.height, width=geometry.width, **edges)
    )
    x = _frames(geometry).requires_grad_()
    posterior = model.encode(x, geometry)
    posterior.mean.square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum((0, 1)) > 0).all()  # no pixel is left out
    assert model.reconstruct(x, geometry).shape == x.shape
    with pytest.raises(GeometryError, match=f"takes {geometry.width} x {geometry.height} px alone"):
        model.require(Geometry(200, 200))


def test_a_size_that_is_too_small_is_refused() -> None:
    model = build(train_config("two-level"))
    model.require(Geometry(64, 64))
    with pytest.raises(GeometryError, match="are 400 x 63 px; this model takes them from 64 x 64"):
        model.require(Geometry(63, 400))


def test_frames_are_divided_by_size_and_by_edges() -> None:
    parts = [
        SizedFrames.of(PackedFrames.of(_bits(geometry, count=2, seed=seed), periodic=periodic))
        for seed, (geometry, periodic) in enumerate(
            [(ANY[0], False), (ANY[1], False), (ANY[0], True), (ANY[0], False)]
        )
    ]
    frames = SizedFrames.joined(parts)
    groups = {group.geometry: group for group in by_geometry(frames)}
    assert groups[ANY[0]].rows.tolist() == [0, 1, 6, 7]
    assert groups[Geometry(64, 64, True)].rows.tolist() == [4, 5]
    assert groups[ANY[1]].rows.tolist() == [2, 3]
    last = parts[3].one_size.packed
    np.testing.assert_array_equal(groups[ANY[0]].packed[2:], last)


def test_as_many_pixels_are_taken_at_once() -> None:
    assert batch_frames(16, SIMULATED) == 16
    assert batch_frames(16, Geometry(200, 400)) == 8
    assert batch_frames(16, Geometry(64, 64)) == 16
    assert batch_frames(16, Geometry(2048, 2048)) == 1
    assert [evaluated_step(3000, float(side**2)) for side in (64, 200, 400, 2048)] == [
        6,
        6,
        24,
        188,
    ]


def test_models_of_100_by_400_are_what_they_were() -> None:
    """Figures of the version that knew no other size, of the same weights and frames."""
    model = build(train_config("two-level", seed=3)).eval()
    x = _frames(SIMULATED, seed=5)
    with torch.no_grad():
        posterior = model.encode(x, SIMULATED)
        terms = model.terms(x, SIMULATED, torch.Generator().manual_seed(1))
        weight = model.neg_log_weight(x, SIMULATED, torch.Generator().manual_seed(1))
    torch.testing.assert_close(
        posterior.mean[0, :4],
        torch.tensor([0.03139383, 0.11102316, -0.08439603, -0.02295662]),
        atol=1e-6,
        rtol=1e-4,
    )
    for found, known in (
        (terms.recon_nats, [27798.0605, 27865.1328]),
        (terms.kl_nats, [13.518252, 13.040692]),
        (weight, [27816.2480, 27878.7871]),
    ):
        torch.testing.assert_close(found, torch.tensor(known), atol=1e-3, rtol=1e-5)
