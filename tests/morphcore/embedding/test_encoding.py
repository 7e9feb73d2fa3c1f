"""Encoding to latents, reconstruction and decoding by a trained model."""

import numpy as np
import pytest
import torch

from morphcore import frames
from morphcore.config import TrainConfig
from morphcore.embedding import encoding
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.base import FeatureModel
from morphcore.models.build import build
from morphcore.models.geometry import SIMULATED, Geometry, GeometryError
from morphcore.models.seed import Seed
from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.training import dataset, devices
from morphcore.training import loop as training
from tests.factory import blobs

COUNT = 30


@pytest.fixture(scope="module")
def model() -> Seed:
    return build(TrainConfig())


@pytest.fixture(scope="module")
def packed() -> PackedFrames:
    return PackedFrames.of(frames.binarise(blobs(COUNT, phi=0.5, seed=0)))


def test_latents_are_the_posterior_without_noise(model: Seed, packed: PackedFrames):
    ids = np.arange(100, 100 + COUNT, dtype=np.int64)
    latents = encoding.encode_frames(model, ids, packed)
    x = torch.from_numpy(packed.bits().astype(np.float32))[:, None]
    with torch.no_grad():
        mean, logvar = model.encode(x, SIMULATED)
    assert np.array_equal(latents.frame_ids, ids)
    assert latents.mean.dtype == latents.logvar.dtype == np.float32
    np.testing.assert_allclose(latents.mean, mean.numpy(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(latents.logvar, logvar.numpy(), rtol=0, atol=1e-6)
    assert np.array_equal(encoding.encode_frames(model, ids, packed).mean, latents.mean)


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_the_batch_size_does_not_matter(model: Seed, packed: PackedFrames, batch: int):
    ids = np.arange(COUNT, dtype=np.int64)
    whole = encoding.encode_frames(model, ids, packed)
    parts = encoding.encode_frames(model, ids, packed, batch=batch)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=0, atol=1e-5)
    np.testing.assert_allclose(parts.logvar, whole.logvar, rtol=0, atol=1e-5)
    np.testing.assert_allclose(
        np.stack(encoding.reconstruct(model, packed, batch=batch)),
        np.stack(encoding.reconstruct(model, packed)),
        rtol=0,
        atol=1e-5,
    )


def test_progress_gets_the_share_of_frames_that_is_done(model: Seed, packed: PackedFrames):
    shares: list[float] = []
    ids = np.arange(COUNT, dtype=np.int64)
    encoding.encode_frames(model, ids, packed, batch=8, progress=shares.append)
    assert shares == [8 / 30, 16 / 30, 24 / 30, 1.0]


def test_on_more_cores_it_is_the_same_and_in_order(
    model: Seed, packed: PackedFrames, monkeypatch: pytest.MonkeyPatch
):
    ids = np.arange(COUNT, dtype=np.int64)
    results = []
    for cores in (1, 3):
        monkeypatch.setattr(devices, "cores", lambda cores=cores: cores)
        shares: list[float] = []
        latents = encoding.encode_frames(model, ids, packed, batch=4, progress=shares.append)
        nats = encoding.frame_elbo(model, packed, seed=3, batch=4)
        assert shares == [done / COUNT for done in (*range(4, COUNT, 4), COUNT)]
        results.append([latents.mean, latents.logvar, nats.recon, nats.kl])
    for single, three in zip(*results, strict=True):
        np.testing.assert_array_equal(single, three)


def test_no_frames_give_empty_latents(model: Seed, packed: PackedFrames):
    latents = encoding.encode_frames(model, np.empty(0, dtype=np.int64), packed[:0])
    assert latents.mean.shape == (0, 16)


def test_reconstructions_are_the_decoded_means(model: Seed, packed: PackedFrames):
    out = encoding.reconstruct(model, packed[:4])
    means = encoding.encode_frames(model, np.arange(4, dtype=np.int64), packed[:4]).mean
    with torch.no_grad():
        expected = torch.sigmoid(model.decode(torch.from_numpy(means)))[:, 0].numpy()
    out = np.stack(out)
    assert out.shape == (4, 100, 400)
    assert out.dtype == np.float32
    assert out.min() > 0
    assert out.max() < 1
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-5)


def test_nothing_learns_while_encoding(model: Seed, packed: PackedFrames):
    encoding.encode_frames(model, np.arange(COUNT, dtype=np.int64), packed)
    assert torch.is_grad_enabled()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_nats_of_frames_are_those_that_a_training_reports(model: Seed, packed: PackedFrames):
    shares: list[float] = []
    nats = encoding.frame_elbo(model, packed, seed=3, batch=COUNT, progress=shares.append)
    data = dataset.on_device(packed, torch.device("cpu"))
    mean = training.evaluate(model, data, 3)
    assert nats.recon.mean() == pytest.approx(mean.recon, rel=1e-5)
    assert nats.kl.mean() == pytest.approx(mean.kl, rel=1e-5)
    assert shares == [1.0]
    again = encoding.frame_elbo(model, packed, seed=3, batch=COUNT)
    np.testing.assert_array_equal(nats.recon, again.recon)


def test_decoding_draws_the_same_for_every_row():
    """One set of random numbers is drawn for what z leaves open: equal z give equal pictures."""
    two_level = build(TrainConfig(preset="two-level"))
    z = np.zeros((2, 16), dtype=np.float32)
    first, second = encoding.decode(two_level, z, seed=3)
    assert np.array_equal(first, second)
    assert 0 <= first.min() < first.max() <= 1
    assert not np.array_equal(first, encoding.decode(two_level, z[:1], seed=4)[0])


def test_where_z_leaves_nothing_open_the_seed_changes_nothing(model: Seed):
    z = np.random.default_rng(0).standard_normal((3, 16)).astype(np.float32)
    first, second = encoding.decode(model, z, seed=0), encoding.decode(model, z, seed=1)
    assert np.array_equal(first, second)
    with torch.no_grad():
        logits = model.decode(torch.from_numpy(z))
    np.testing.assert_allclose(first, torch.sigmoid(logits)[:, 0].numpy(), rtol=0, atol=1e-5)


def test_frames_of_several_sizes_are_encoded_in_their_order():
    two_level = build(TrainConfig(preset="two-level", latent=3))
    rng = np.random.default_rng(0)
    parts = [
        SizedFrames.of(PackedFrames.of(rng.random((2, *shape)) < share, periodic=periodic))
        for shape, share, periodic in (
            ((64, 80), 0.5, True),
            ((70, 64), 0.3, False),
            ((64, 80), 0.2, False),
        )
    ]
    mixed = SizedFrames.joined(parts)
    ids = np.arange(6, dtype=np.int64)
    together = encoding.encode_frames(two_level, ids, mixed).mean
    alone = [encoding.encode_frames(two_level, ids[:2], part).mean for part in parts]
    np.testing.assert_allclose(together, np.concatenate(alone), rtol=0, atol=1e-5)
    shapes = [picture.shape for picture in encoding.reconstruct(two_level, mixed)]
    assert shapes == [(64, 80), (64, 80), (70, 64), (70, 64), (64, 80), (64, 80)]


def test_a_model_with_an_embedding_gives_that_and_z_of_one_pass(
    packed: PackedFrames, monkeypatch: pytest.MonkeyPatch
):
    two_level = build(TrainConfig(preset="two-level", latent=16))
    assert isinstance(two_level, FeatureModel)
    ids = np.arange(6, dtype=np.int64)
    without = encoding.encode_frames(two_level, ids, packed[:6])
    assert without.own_z is None
    features = encoding.readings(two_level, packed[:6], scattering=False).features
    count = features.shape[1]
    axes = np.random.default_rng(0).standard_normal((count, 8))
    two_level.embedding = FeatureEmbedding(Discriminants(np.zeros(count), axes))
    passes = []
    read = two_level.features
    monkeypatch.setattr(
        two_level, "features", lambda x, geometry: passes.append(len(x)) or read(x, geometry)
    )
    latents = encoding.encode_frames(two_level, ids, packed[:6])
    assert passes == [6]
    np.testing.assert_allclose(latents.mean, features @ axes, rtol=1e-4, atol=1e-4)
    assert latents.logvar.shape == (6, 8)
    assert not latents.logvar.any()
    assert latents.z is not None
    np.testing.assert_allclose(latents.z.mean, without.mean, atol=1e-5)
    np.testing.assert_allclose(latents.z.logvar, without.logvar, atol=1e-5)


def test_a_place_is_decoded_at_the_size_of_the_training_unless_told():
    config = TrainConfig(preset="two-level", latent=3, height=64, width=96, periodic=False)
    model = build(config)
    z = np.zeros((1, 3), dtype=np.float32)
    assert encoding.decode(model, z, seed=0).shape == (1, 64, 96)
    assert encoding.decode(model, z, seed=0, geometry=Geometry(80, 64)).shape == (1, 80, 64)


def test_frames_that_do_not_fit_are_refused(model: Seed):
    small = PackedFrames.of(np.zeros((1, 50, 60), dtype=np.bool_))
    with pytest.raises(GeometryError, match="60 x 50 px; this model, of the preset seed, takes"):
        encoding.encode_frames(model, np.zeros(1, dtype=np.int64), small)
