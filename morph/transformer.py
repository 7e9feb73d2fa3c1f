"""A model's embedding as a scikit-learn transformer, for pipelines and cross-validation."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from morph.frames import Frames
from morph.model import Model, load_model
from morph.store import Store


class FrameTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Frames [n h w] to embeddings [n axes] by a trained model; nothing is learnt from them.

    The model is that of `run` (id or name; None: the current one) in the store at the path `store`
    (None: the default one), or that of `file`, which then says all. `periodic` and `periodic_y`
    are as in `Model.embed`. Parameters are plain values, so that a clone is small; `fit` reads the
    model, and a pickle of what was fitted holds it.

    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> pictures = np.random.default_rng(0).random((3, 100, 400))
    >>> steps = make_pipeline(FrameTransformer("data/morph.sqlite"), StandardScaler())
    >>> steps.fit_transform(pictures).shape
    (3, 4)
    """

    def __init__(
        self,
        store: str | Path | None = None,
        run: int | str | None = None,
        file: str | Path | None = None,
        *,
        periodic: bool = False,
        periodic_y: bool = False,
    ) -> None:
        self.store = store
        self.run = run
        self.file = file
        self.periodic = periodic
        self.periodic_y = periodic_y

    def fit(self, X: Frames, y: object = None) -> "FrameTransformer":  # noqa: ARG002, N803
        """Read the model; frames and targets teach it nothing.

        Raises:
            MorphError: as `Store.model` or `load_model`.
        """
        self.model_: Model = (
            Store(self.store).model(self.run) if self.file is None else load_model(self.file)
        )
        embedding = getattr(self.model_.network, "embedding", None)
        self.axes_ = (
            self.model_.network.latent
            if embedding is None
            else embedding.discriminants.scalings.shape[1]
        )
        return self

    def transform(self, X: Frames) -> Float32[np.ndarray, "n axes"]:  # noqa: N803
        """Embed frames; see `Model.embed`.

        Raises:
            NotFittedError: before `fit`.
            FrameError, GeometryError: as `Model.embed`.
        """
        check_is_fitted(self)
        return self.model_.embed(X, periodic=self.periodic, periodic_y=self.periodic_y)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:  # noqa: ARG002
        """The columns that `set_output(transform="pandas")` gives: embedding_0, ..."""
        check_is_fitted(self)
        return np.array([f"embedding_{axis}" for axis in range(self.axes_)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        return tags
