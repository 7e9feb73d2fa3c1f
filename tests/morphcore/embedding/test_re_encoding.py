"""Pictures of stored frames encoded again: where they land is measured as one would by hand."""

import numpy as np
import pytest

from morphcore import frames
from morphcore.config import TrainConfig
from morphcore.embedding import encoding, re_encoding
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.base import FeatureModel
from morphcore.models.build import build
from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import Posteriors
from tests.factory import blobs

COUNT = 5


@pytest.fixture(scope="module")
def packed() -> PackedFrames:
    return PackedFrames.of(frames.binarise(blobs(COUNT, phi=0.5, seed=0)))


@pytest.fixture(scope="module")
def model() -> FeatureModel:
    """A `two-level` of z of four dimensions and an embedding of three axes, untrained."""
    model = build(TrainConfig(preset="two-level", latent=4))
    assert isinstance(model, FeatureModel)
    sample = PackedFrames.of(frames.binarise(blobs(1, phi=0.5, seed=0)))
    count = encoding.readings(model, sample, scattering=False).features.shape[1]
    axes = np.random.default_rng(0).standard_normal((count, 3))
    model.embedding = FeatureEmbedding(Discriminants(np.zeros(count), axes))
    return model


def test_both_distances_are_of_the_same_pictures_and_ascending(
    model: FeatureModel, packed: PackedFrames
):
    latents = encoding.encode_frames(model, np.arange(COUNT, dtype=np.int64), packed)
    assert latents.z is not None
    errors = re_encoding.measure(
        model,
        SizedFrames.of(packed),
        latents.mean,
        latents.z,
        seed=3,
        periodic=True,
        periodic_y=False,
    )
    apart, apart_in_z, given_back = [], [], []
    reconstructions = encoding.reconstruct(model, packed)
    for row in range(COUNT):
        picture = encoding.decode(model, latents.z.mean[row : row + 1], seed=3) > 0.5
        landed = re_encoding.encode_again(model, picture, periodic=True, periodic_y=False)
        assert landed.z is not None
        apart.append(np.linalg.norm(landed.mean[0] - latents.mean[row]))
        apart_in_z.append(np.linalg.norm(landed.z.mean[0] - latents.z.mean[row]))
        again = re_encoding.encode_again(
            model, reconstructions[row][None] > 0.5, periodic=True, periodic_y=False
        )
        given_back.append(np.linalg.norm(again.mean[0] - latents.mean[row]))
    np.testing.assert_allclose(errors.decoded, np.sort(apart), rtol=1e-3)
    np.testing.assert_allclose(errors.decoded_in_z, np.sort(apart_in_z), rtol=1e-3)
    np.testing.assert_allclose(errors.reconstructed, np.sort(given_back), rtol=1e-3)


def test_reconstructions_of_several_sizes_are_encoded_in_their_sizes(model: FeatureModel):
    rng = np.random.default_rng(0)
    parts = [
        SizedFrames.of(PackedFrames.of(rng.random((1, *shape)) < 0.5, periodic=periodic))
        for shape, periodic in (((64, 80), True), ((70, 64), False), ((64, 80), True))
    ]
    mixed = SizedFrames.joined(parts)
    latents = encoding.encode_frames(model, np.arange(3, dtype=np.int64), mixed)
    assert latents.z is not None
    errors = re_encoding.measure(
        model, mixed, latents.mean, latents.z, seed=0, periodic=True, periodic_y=False
    )
    alone = [
        re_encoding.measure(
            model,
            part,
            latents.mean[row : row + 1],
            Posteriors(latents.z.mean[row : row + 1], latents.z.logvar[row : row + 1]),
            seed=0,
            periodic=True,
            periodic_y=False,
        ).reconstructed[0]
        for row, part in enumerate(parts)
    ]
    np.testing.assert_allclose(errors.reconstructed, np.sort(alone), rtol=1e-3)
