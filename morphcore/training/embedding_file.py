"""A model's embedding as plain values and tensors, for its checkpoint."""

from collections.abc import Mapping
from typing import Any

import torch

from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.statistics.likelihood_ratio import LikelihoodRatio
from morphcore.statistics.ratio_calibration import RatioCalibration
from morphcore.statistics.two_covariance import TwoCovariance


def to_dict(embedding: FeatureEmbedding) -> dict[str, Any]:
    """Give an embedding as what `torch.load` reads with `weights_only`."""
    # The first two names are those of the first version that wrote a file: older models open.
    out: dict[str, Any] = {
        "centre": torch.from_numpy(embedding.discriminants.mean),
        "turn": torch.from_numpy(embedding.discriminants.scalings),
        "scattering": embedding.scattering,
        "learnt_from": embedding.learnt_from,
        "realisations": embedding.realisations,
        "cells": embedding.cells,
    }
    if embedding.ratio is not None:
        model, calibration = embedding.ratio.model, embedding.ratio.calibration
        out["ratio"] = {
            "mean": torch.from_numpy(model.mean),
            "between": torch.from_numpy(model.between),
            "within": torch.from_numpy(model.within),
        } | {name: torch.from_numpy(array) for name, array in calibration.to_dict().items()}
    return out


def from_dict(values: Mapping[str, Any]) -> FeatureEmbedding:
    """Read an embedding; what older versions did not save has its default.

    They saved linear maps to z, too, which nothing needs.
    """
    return FeatureEmbedding(
        discriminants=Discriminants(values["centre"].numpy(), values["turn"].numpy()),
        scattering=values.get("scattering", False),
        learnt_from=values.get("learnt_from", "halves"),
        realisations=values.get("realisations", 0),
        cells=values.get("cells", 0),
        ratio=_ratio(values["ratio"]) if "ratio" in values else None,
    )


def _ratio(values: Mapping[str, Any]) -> LikelihoodRatio:
    return LikelihoodRatio(
        model=TwoCovariance(*(values[name].numpy() for name in ("mean", "between", "within"))),
        calibration=RatioCalibration.from_dict(
            {name: values[name].numpy() for name in ("curve", "draws", "bounds")}
        ),
    )
