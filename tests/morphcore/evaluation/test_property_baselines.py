import numpy as np

from morphcore.evaluation import properties, property_baselines
from morphcore.evaluation.protocol import FrameSet
from morphcore.frames import PackedFrames, SizedFrames


def _stripes(periods: np.ndarray) -> FrameSet:
    """Frames of stripes; the descriptors know their period, with others that are only noise."""
    count, rng = len(periods), np.random.default_rng(0)
    x = np.arange(96)
    bits = np.stack([np.tile((x + 40 * rng.random()) % p < p / 2, (64, 1)) for p in periods])
    fraction, log_length = bits.mean(axis=(1, 2)), np.log(periods)
    unknown = np.full(count, -1)
    return FrameSet(
        packed=SizedFrames.of(PackedFrames.of(bits, periodic=False)),
        frame_ids=np.arange(1, count + 1),
        trajectory_ids=np.arange(count),
        cells=unknown,
        families=unknown,
        phi=np.full(count, np.nan),
        log_time=np.zeros(count),
        fraction=fraction,
        log_length=log_length,
        descriptors=np.column_stack([log_length, rng.standard_normal((count, 2))]),
    )


def test_what_depends_on_the_period_is_told_by_all_that_see_it_and_not_by_chance() -> None:
    periods = np.random.default_rng(1).uniform(8, 40, 90)
    frame_set = _stripes(periods)
    embedded = property_baselines.embed(frame_set)
    assert tuple(embedded) == property_baselines.NAMES
    chosen = properties.judged(np.log(periods), np.arange(len(periods)))
    r2 = {
        name: figure.value for name, figure in properties.r_squared_of_all(embedded, chosen).items()
    }
    assert r2["random"] < 0.1
    assert min(r2["f_logL"], r2["two_point_pca16"], r2["descriptors"]) > 0.6


def test_two_descriptors_of_different_units_count_alike() -> None:
    coords = property_baselines.embed(_stripes(np.linspace(8, 40, 40)))
    for name in ("f_logL", "descriptors"):
        assert np.allclose(coords[name].mean(axis=0), 0, atol=1e-9)
        assert np.allclose(coords[name].std(axis=0), 1)
