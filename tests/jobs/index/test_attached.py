"""Another data set indexed with a run's model: at its pixel size, apart from the run's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.comparison import load_reference
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import describe, seen_frame
from analysis.latent_space import load_latent_space
from analysis.search import search_latents
from jobs import foreground
from jobs.cli import ask
from jobs.index import attached as indexing
from jobs.specs import IndexJob
from morphcore import frames
from morphcore.types import Trajectory
from store import attached, checkpoints, datasets, descriptors, latents, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store

FRAMES = 8


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run on pixels of 1 nm, and "half": two of its trajectories, shrunk to pixels of 2 nm."""
    made = build_store(
        tmp_path_factory.mktemp("store") / "morph.sqlite",
        trajectories_count=4,
        frames=FRAMES,
        model=True,
    )
    with open_store(made.path) as db:
        db.execute("UPDATE trajectories SET pixel_size = 1.0, length_unit = 'nm'")
        _add(made, db, "half", 0.5, pixel_size=0.002, length_unit="µm")
        _add(made, db, "unknown", 1.0)
    return made


def _add(made: Made, db, name: str, factor: float, **changes) -> int:
    """A data set of the run's first two trajectories at another size."""
    dataset_id = datasets.create(db, name, "imported", {})
    for info in trajectories.trajectories(db, made.dataset_id)[:2]:
        gray = [trajectories.frame(db, each) for each in trajectories.frame_ids_of(db, info.id)]
        height, width = (round(side * factor) for side in gray[0].shape)
        small = np.stack([frames.resize(each, (height, width)) for each in gray])
        copied = Trajectory(info.name, small, np.arange(len(small)) * 1.0, time_unit="s")
        trajectories.add(db, dataset_id, replace(copied, **changes))
    return dataset_id


def _index(made: Made, dataset: str, scale: str | None = None):
    arguments = {"run": made.run_id, "dataset": dataset}
    spec = IndexJob(**arguments) if scale is None else IndexJob(**arguments, scale=scale)
    return foreground.run_here(made.path, spec)


def _ids(made: Made, dataset: str) -> list[int]:
    with open_store(made.path) as db:
        dataset_id = datasets.dataset(db, dataset).id
        return trajectories.frame_table(db, dataset_id).frame_ids.tolist()


def test_frames_shrunk_by_two_find_their_originals(modelled: Made):
    job = _index(modelled, "half")
    assert job.state == "done", job.error
    result = job.result or {}
    assert result["frames"] == 2 * FRAMES
    assert result["scale"] == "scaled by 2: 0.002 µm/px to 0.001 µm/px"
    space = load_latent_space(modelled.path, modelled.run_id)
    with open_store(modelled.path) as db:
        dataset_id = datasets.dataset(db, "half").id
        assert len(descriptors.missing(db, dataset_id)) == 0
    own, others = _ids(modelled, "blobs")[: 2 * FRAMES], _ids(modelled, "half")
    for original, shrunk in zip(own, others, strict=True):
        if (original - own[0]) % FRAMES == 0:  # not yet separated
            continue
        query = seen_frame(modelled.path, space.run, shrunk)
        assert query.bits.shape == (100, 400)
        found = search_latents(modelled.path, space, query, SearchOptions(k=1)).matches[0]
        assert (found.frame_id, found.dataset, found.scale) == (original, "blobs", None)
        # And the other way round, where they are the gallery.
        back = search_latents(
            modelled.path,
            space,
            seen_frame(modelled.path, space.run, original),
            SearchOptions(k=1, datasets=frozenset({dataset_id})),
        ).matches[0]
        assert (back.frame_id, back.dataset) == (shrunk, "half")
        assert back.scale == "scaled by 2: 0.002 µm/px to 0.001 µm/px"
        lengths = [describe(modelled.path, each).length[0] for each in (query, query)]
        stored = describe(modelled.path, seen_frame(modelled.path, space.run, original)).length[0]
        assert lengths[0] == pytest.approx(stored, rel=0.1)
