"""A model of a store, with the frames that it knows: compare, find, take latents out."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import comparison, latent_space, likelihood_ratio, search
from analysis.comparison import Comparison, ComparisonReference
from analysis.frame_embedding import SearchOptions
from analysis.latent_space import LatentSpace
from analysis.search import SearchResult
from morph import frames as framing
from morph import tables
from morph.frames import Frame
from morph.model import Model
from morphcore.config import ConfigError
from morphcore.frames import SizedFrames
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import Latents
from store.checkpoints import Checkpoint
from store.runs import IndexedRun

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredModel(Model):
    """A run's indexed model, as `Store.model` gives it.

    It stays the model that it was if its run is trained or indexed further. What it has read of
    the store it keeps.
    """

    store: Path
    run: IndexedRun
    saved: Checkpoint

    @cached_property
    def space(self) -> LatentSpace:
        """The stored frames as it embeds them, those of attached data sets beside its own."""
        return latent_space.latent_space_of(self.store, self.run)

    def compare(self, a: Frame, b: Frame) -> Comparison:
        """Compare two frames: how far apart they are, and whether one process made both.

        A frame is the id of a stored one, the path of a file, a picture [h w], or what
        `morph.frame_of` makes. Of the answer, `distance` is Euclidean between embeddings, `units`
        the same in the scatter of two realisations of one process, and `ratio` the natural log of
        the likelihood ratio that one process made both, with the 95 % interval of its calibration
        (`value`, `low`, `high`); each may be None, where the model does not know it, and so is the
        ratio of a frame that is like nothing known. `differences` are those of descriptors.

        >>> import morph
        >>> model = morph.Store("data/morph.sqlite").model()
        >>> same = model.compare(5, 5)
        >>> same.distance, same.ratio.value > 0, same.ratio.low <= same.ratio.value
        (0.0, True, True)

        Raises:
            MorphError: if one is no frame, or one colour everywhere.
            UnknownFrame: if the store has no frame of that id.
            CheckpointError: if a frame is new and the model's file cannot be used.
        """
        first, second = (framing.query(self.store, self.run, each, early=True) for each in (a, b))
        return comparison.compare(
            self.store,
            self.space,
            first,
            second,
            reference=self._reference,
            encoder=self._posterior,
            embedding=lambda *_: self._embedding,
        )

    def nearest(
        self,
        frame: Frame,
        k: int = 5,
        *,
        same_trajectory: bool = False,
        one_per_trajectory: bool = False,
    ) -> SearchResult:
        """Find the `k` stored frames nearest to a frame, named as in `compare`.

        The `matches` of the answer, the nearest first, each have a `frame_id`, `trajectory`,
        `index`, `time` in the trajectory's unit, `distance`, and `percentile`: of random pairs of
        stored frames, per cent, that are nearer to each other. Those of the frame's own trajectory
        are left out unless `same_trajectory`.

        >>> import morph
        >>> model = morph.Store("data/morph.sqlite").model()
        >>> found = model.nearest(5, k=2)
        >>> [match.trajectory for match in found.matches]
        ['phi0.500-chi2.8-r1', 'phi0.500-chi2.8-r1']

        Raises:
            ConfigError: if `k` is below 1.
            MorphError: if it is no frame, or nothing in it has separated yet.
            UnknownFrame, CheckpointError: as `compare`.
        """
        if k < 1:
            raise ConfigError(f"k is {k}; accepted is 1 or more")
        return search.search_latents(
            self.store,
            self.space,
            framing.query(self.store, self.run, frame),
            SearchOptions(
                k=k, same_trajectory=same_trajectory, one_per_trajectory=one_per_trajectory
            ),
            encoder=self._posterior,
        )

    def latents(self) -> "pd.DataFrame":
        """Tabulate the stored frames' latents with what is known of each frame, a row a frame.

        `embedding_0`, ... and their log variances, `z_mean_0`, ... and `z_logvar_0`, ..., then
        frame id, data set, trajectory, index, time, parameters, descriptors (lengths in px) and
        properties. `attrs` say which model made them; Parquet keeps them.

        >>> import morph
        >>> table = morph.Store("data/morph.sqlite").model().latents()
        >>> len(table), "embedding_3" in table, "chi" in table
        (12, True, True)
        """
        return tables.latents(self.store, self.run, self.saved)

    def write_latents(self, out: str | Path) -> int:
        """Write `latents` as Parquet or CSV, by the end of the name; the number of rows.

        >>> import morph
        >>> morph.Store("data/morph.sqlite").model().write_latents("latents.parquet")
        12

        Raises:
            MorphError: if the ending is another, or `out` exists or cannot be written.
        """
        return tables.write(self.latents(), Path(out))

    def latents_xarray(self) -> "xr.Dataset":
        """The same as an xarray data set: `embedding` [frame axis], `z_mean` [frame latent], ...

        What is known of each frame is a coordinate along `frame`.

        Raises:
            XarrayMissing: if xarray is not installed.
        """
        return tables.xarray_of(self.latents())

    @cached_property
    def _reference(self) -> ComparisonReference:
        return comparison.load_reference(self.store, self.space)

    @cached_property
    def _embedding(self) -> FeatureEmbedding | None:
        return likelihood_ratio.load_embedding(self.store, self.saved)

    def _posterior(self, _store: Path, _checkpoint: Checkpoint, frame: SizedFrames) -> Latents:
        """As `latent_space.encode`, of the model that is loaded once."""
        return latent_space.posterior(self.network, frame)
