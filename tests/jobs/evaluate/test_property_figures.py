"""Properties of a store's data sets, predicted in a run's latents and in the baselines."""

import json
from dataclasses import replace

import numpy as np
import pytest

from jobs.__main__ import main
from jobs.evaluate import property_figures
from morphcore.descriptors.measure import measure
from morphcore.errors import MorphError
from morphcore.types import Latents
from store import attached, datasets, descriptors, properties, runs, trajectories
from store.db import open_store
from tests.factory import Made, trajectory
from tests.properties import add_properties


def _predict(made: Made, name: str, group: str = "cell", dataset: str = "blobs") -> dict:
    return property_figures.predict(made.path, made.run_id, dataset, name, group)


def test_what_follows_the_domain_size_is_told_by_it_and_not_by_random_numbers(made: Made) -> None:
    current = add_properties(made)
    found = _predict(made, "current")
    assert (found["frames"], found["groups"], found["group"]) == (len(current), 6, "cell")
    assert found["r2"]["f_logL"] > 0.9
    assert found["r2"]["random"] < 0.1
    assert set(found["intervals"]) == set(found["r2"])


def test_groups_are_cells_trajectories_or_a_property(made: Made) -> None:
    add_properties(made)
    with open_store(made.path) as db:
        infos = trajectories.trajectories(db, made.dataset_id)
        thirds = {
            frame: f"lab {number % 3}"
            for number, info in enumerate(infos)
            for frame in trajectories.frame_ids_of(db, info.id).tolist()
        }
        properties.put(db, made.dataset_id, "lab", thirds)
        # Two trajectories each of three cells, by (phi, chi).
        db.execute("UPDATE trajectories SET chi = 2.4")
    assert _predict(made, "current")["groups"] == 3
    assert _predict(made, "current", "trajectory")["groups"] == 6
    assert _predict(made, "current", "lab")["groups"] == 3
    with open_store(made.path) as db:
        db.execute("UPDATE trajectories SET cell = name")  # where it is told, cells are by name
    assert _predict(made, "current")["groups"] == 6


def test_what_is_not_there_is_refused_with_what_there_is(made: Made) -> None:
    add_properties(made)
    with pytest.raises(MorphError, match="no property 'E' of numbers; there are: current"):
        _predict(made, "E")
    with pytest.raises(MorphError, match="no property 'batch' of numbers"):
        _predict(made, "batch")
    with pytest.raises(MorphError, match="accepted: cell, trajectory, batch, current"):
        _predict(made, "current", "lab")
    with pytest.raises(MorphError, match="2 groups; accepted are 30 frames in 3 groups"):
        _predict(made, "current", "batch")


def test_a_data_set_that_a_model_only_looks_at_is_judged_by_its_own_frames(made: Made) -> None:
    with open_store(made.path) as db:
        other = datasets.create(db, "experiment", "imported", {})
        for seed in range(4):
            film = trajectory(f"film {seed}", frames=12, seed=50 + seed)
            trajectories.add(db, other, replace(film, params={}))
        table = trajectories.frame_table(db, other)
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        measured = measure(table.frame_ids, bits)
        descriptors.add(db, measured)
        known = np.where(table.unseparated, np.nan, np.log(measured.length))
        values = {
            frame: value
            for frame, value in zip(table.frame_ids.tolist(), known.tolist(), strict=True)
            if np.isfinite(value)
        }
        properties.put(db, other, "stiffness", values)
    with pytest.raises(MorphError, match="no latents of experiment"):
        _predict(made, "stiffness", dataset="experiment")
    with open_store(made.path) as db:
        whole = np.zeros((len(known), 16), np.float32)
        whole[:, 0] = np.nan_to_num(known)
        attached.attach(db, made.checkpoint_id, other, "one")
        encoded = Latents(table.frame_ids, whole, whole)
        attached.add(db, made.checkpoint_id, other, encoded, np.ones(len(whole)))
    found = _predict(made, "stiffness", dataset="experiment")
    assert found["r2"]["model"] > 0.9  # its latents are the property itself
    assert found["groups"] == 4  # trajectories, since nothing is known of cells
    add_properties(made)
    with open_store(made.path) as db:
        run = runs.indexed(db, made.run_id)
    judged = property_figures.of_run(_Quiet(made), run, "batch", 0)
    assert [(each.name, each.dataset, each.group) for each in judged.figures] == [
        ("stiffness", "experiment", "cell")  # it has no batch
    ]
    assert judged.notes == [
        "current of blobs is not judged. It is known of 114 frames in 2 groups; accepted are 30"
        " frames in 3 groups, or more."
    ]


class _Quiet:
    """A job's context without a job."""

    def __init__(self, made: Made) -> None:
        self.store = made.path

    def progress(self, share: float, stage: str) -> None:
        assert 0 <= share <= 1
        assert stage


def test_the_command_prints_the_figures(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    add_properties(made)
    command = f"predict --run {made.run_id} --dataset blobs --property current --json --store"
    assert main([*command.split(), str(made.path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["property"], found["group"]) == ("current", "cell")
    assert {"model", "f_logL", "two_point_pca16", "descriptors"} <= set(found["r2"])
