"""Maps: known coordinates, groups that stay groups, equal seeds, awkward counts."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from morphcore.config import ProjectionConfig
from morphcore.embedding.projection import TooFewFrames, applied, fit
from morphcore.types import Latents

TSNE = ProjectionConfig(method="tsne", perplexity=10.0)
PCA = ProjectionConfig(method="pca")


def _latents(points: np.ndarray, first_id: int = 1) -> Latents:
    ids = np.arange(first_id, first_id + len(points), dtype=np.int64)
    mean = points.astype(np.float32)
    return Latents(ids, mean, np.zeros_like(mean))


def _clusters(seed: int = 0) -> tuple[Latents, np.ndarray]:
    """Four groups of 30 frames far apart in 16 dimensions, shuffled."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(4), 30))
    centres = rng.standard_normal((4, 16)) * 8
    return _latents(centres[group] + rng.standard_normal((120, 16))), group


def test_groups_that_are_apart_in_latent_space_are_apart_on_the_map() -> None:
    latents, group = _clusters()
    coords = fit(latents, TSNE).coords
    apart = cdist(coords, coords)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).all()
    same = group[:, None] == group[None, :]
    assert apart[same & np.isfinite(apart)].max() < apart[~same].min() * 3


def test_an_equal_seed_gives_the_same_bits_and_another_one_does_not() -> None:
    latents, _ = _clusters()
    first = fit(latents, TSNE).coords
    assert first.tobytes() == fit(latents, TSNE).coords.tobytes()
    reseeded = ProjectionConfig(method="tsne", perplexity=10.0, seed=1)
    assert first.tobytes() != fit(latents, reseeded).coords.tobytes()


def test_threads_do_not_change_the_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    latents, _ = _clusters()
    maps = []
    for cores in (2, 4):
        monkeypatch.setattr("morphcore.embedding.projection.os.cpu_count", lambda n=cores: n)
        maps.append(fit(latents, TSNE).coords.tobytes())
    assert maps[0] == maps[1]


@pytest.mark.parametrize("config", [TSNE, PCA])
def test_each_point_carries_its_frame_id(config: ProjectionConfig) -> None:
    latents, _ = _clusters()
    shuffled = np.random.default_rng(3).permutation(120)
    ids = latents.frame_ids[shuffled] * 7
    mixed = Latents(ids, latents.mean[shuffled], latents.logvar[shuffled])
    made = fit(mixed, config)
    assert made.frame_ids.tolist() == ids.tolist()
    assert made.coords.shape == (120, 2)
    assert made.coords.dtype == np.float32


def test_the_nearest_in_latent_space_is_near_on_the_map() -> None:
    """Along a curve the map keeps the order: each frame's two neighbours stay its nearest ten."""
    t = np.linspace(0, 6, 200)
    curve = np.stack([np.cos(t), np.sin(t), t / 3, *np.zeros((13, 200))], axis=1)
    coords = fit(_latents(curve), TSNE).coords
    ranks = cdist(coords, coords).argsort(axis=1)
    kept = [i + 1 in ranks[i, :11] and i - 1 in ranks[i, :11] for i in range(1, 199)]
    assert np.mean(kept) > 0.97


def test_pca_is_the_singular_value_decomposition_done_by_hand() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((50, 16)) * np.linspace(3, 0.2, 16) + 5
    coords = fit(_latents(points), PCA).coords
    centred = points - points.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    for axis in range(2):
        direction = vectors[:, np.argsort(values)[::-1][axis]]
        direction = direction * np.sign(direction[np.abs(direction).argmax()])
        assert np.allclose(coords[:, axis], centred @ direction, atol=1e-4)


def test_the_sign_of_pca_does_not_depend_on_the_order_of_the_frames() -> None:
    latents, _ = _clusters()
    order = np.random.default_rng(1).permutation(120)
    mixed = Latents(latents.frame_ids[order], latents.mean[order], latents.logvar[order])
    assert np.allclose(fit(mixed, PCA).coords, fit(latents, PCA).coords[order], atol=1e-4)


def test_pca_of_known_points() -> None:
    """On the line (3, 4) t the first score is 5 t about its mean, the second 0."""
    t = np.array([-2.0, -1.0, 0.0, 3.0])
    coords = fit(_latents(np.outer(t, [3.0, 4.0])), PCA).coords
    assert np.allclose(coords, np.stack([5 * t, 0 * t], axis=1), atol=1e-5)


@pytest.mark.parametrize(("frames", "latent"), [(1, 16), (2, 16), (3, 16), (30, 1)])
def test_pca_of_few_frames_or_one_latent_is_finite(frames: int, latent: int) -> None:
    points = np.random.default_rng(0).standard_normal((frames, latent))
    coords = fit(_latents(points), PCA).coords
    assert coords.shape == (frames, 2)
    assert np.isfinite(coords).all()


@pytest.mark.parametrize("frames", [8, 9, 20, 91])
def test_the_perplexity_is_held_below_a_third_of_the_frames(frames: int) -> None:
    points = np.random.default_rng(0).standard_normal((frames, 16))
    config = ProjectionConfig(method="tsne", perplexity=400.0)
    used = applied(config, frames)
    assert 2 <= used.perplexity < frames / 3
    coords = fit(_latents(points), config).coords
    assert np.isfinite(coords).all()
    assert coords.std(axis=0).min() > 0


def test_too_few_frames_for_t_sne_are_refused_with_the_number_it_takes() -> None:
    with pytest.raises(TooFewFrames, match="at least 8 frames and there are 7"):
        fit(_latents(np.eye(7, 16)), TSNE)
    with pytest.raises(TooFewFrames, match="at least one"):
        fit(_latents(np.empty((0, 16))), PCA)


def test_frames_with_equal_latents_do_not_break_the_map() -> None:
    """Evenly spaced steps give long stretches of equal frames; a whole set may be one frame."""
    rng = np.random.default_rng(0)
    repeated = np.repeat(rng.standard_normal((10, 16)), 20, axis=0)
    for points in (repeated, np.zeros((40, 16))):
        assert np.isfinite(fit(_latents(points), TSNE).coords).all()


def test_many_frames_with_one_latent_lie_together_and_push_nothing_away() -> None:
    latents, group = _clusters()
    copies = np.repeat(latents.mean[:1], 200, axis=0)
    coords = fit(_latents(np.concatenate([latents.mean, copies])), TSNE).coords
    others, disc = coords[:120], coords[[0, *range(120, 320)]]
    assert len(np.unique(disc, axis=0)) == 201  # each can be clicked
    extent = np.ptp(others, axis=0).max()
    assert np.ptp(disc, axis=0).max() < 0.15 * extent
    own = others[group == group[0]]
    to_own = np.linalg.norm(own - disc.mean(axis=0), axis=1).min()
    assert to_own < np.linalg.norm(others[group != group[0]] - disc.mean(axis=0), axis=1).min()


def test_settings_that_change_nothing_are_stored_as_one() -> None:
    """A PCA map has neither perplexity nor seed, so two of them are the same map."""
    config = ProjectionConfig(method="pca", perplexity=50.0, seed=3)
    assert applied(config, 100) == applied(PCA, 100)
    assert applied(TSNE, 100) == TSNE


def test_progress_rises_to_one_and_what_it_raises_ends_the_work() -> None:
    latents, _ = _clusters()
    shares: list[float] = []
    fit(latents, TSNE, shares.append)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert len(shares) > 50

    class Enough(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Enough

    with pytest.raises(Enough):
        fit(latents, TSNE, stop)
