import io

import numpy as np
import torch

from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.statistics.likelihood_ratio import LikelihoodRatio
from morphcore.statistics.ratio_calibration import RatioCalibration
from morphcore.statistics.two_covariance import TwoCovariance
from morphcore.training import embedding_file

AXES = Discriminants(np.arange(3.0), np.arange(6.0).reshape(3, 2))
RATIO = LikelihoodRatio(
    TwoCovariance(np.zeros(2), 4 * np.eye(2), np.eye(2)),
    RatioCalibration(np.array([1.0, 0.2, 0.0, 0.0]), np.ones((5, 4)) * 0.5, -3.0, 4.0),
)


def round_trip(embedding: FeatureEmbedding) -> FeatureEmbedding:
    file = io.BytesIO()
    torch.save(embedding_file.to_dict(embedding), file)
    file.seek(0)
    return embedding_file.from_dict(torch.load(file, weights_only=True))


def test_an_embedding_is_read_as_it_was_saved():
    embedding = FeatureEmbedding(
        AXES, scattering=True, learnt_from="replicates", realisations=9, cells=3, ratio=RATIO
    )
    read = round_trip(embedding)
    features = np.random.default_rng(0).standard_normal((4, 3))
    np.testing.assert_array_equal(read.transform(features), embedding.transform(features))
    assert (read.scattering, read.learnt_from, read.realisations, read.cells) == (
        (True, "replicates", 9, 3)
    )
    assert read.ratio is not None
    a, b = features[:, :2], features[::-1, 1:]
    ours, theirs = read.ratio.of_pairs(a, b), RATIO.of_pairs(a, b)
    for name in ("value", "low", "high", "capped"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_an_embedding_without_a_ratio_has_none():
    assert round_trip(FeatureEmbedding(AXES)).ratio is None


def test_what_the_first_version_saved_is_read_as_network_features_by_halves():
    old = {
        "centre": torch.from_numpy(AXES.mean),
        "turn": torch.from_numpy(AXES.scalings),
        "z_at_centre": torch.zeros(2),
        "z_by_place": torch.zeros(2, 2),
        "place_by_z": torch.zeros(2, 2),
    }
    read = embedding_file.from_dict(old)
    assert (read.scattering, read.learnt_from, read.ratio) == (False, "halves", None)
