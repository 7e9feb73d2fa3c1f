import csv
from pathlib import Path

import numpy as np
import pytest

from jobs.context import JobError
from jobs.export import export
from store import latents, projections, trajectories
from store.db import open_store
from tests.factory import Made


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_frames_carry_their_identity_and_their_gray_levels(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "frames.npz"
    assert export(made.path, "frames", out, dataset="blobs")["rows"] == 120
    with np.load(out) as data, open_store(made.path) as db:
        assert data["frames"].shape == (120, 100, 400)
        for row in (0, 57, 119):
            info = trajectories.frame_info(db, int(data["frame_id"][row]))
            assert (data["frames"][row] == trajectories.frame(db, info.frame_id)).all()
            assert info.trajectory.name == data["trajectory"][row]
            assert (info.index, info.time) == (data["index"][row], data["time"][row])
            assert (info.trajectory.phi, info.trajectory.chi) == (
                data["phi"][row],
                data["chi"][row],
            )


def test_latents_and_maps_are_those_of_the_store(made: Made, tmp_path: Path) -> None:
    export(made.path, "latents", tmp_path / "l.csv", run_id=made.run_id)
    export(made.path, "map", tmp_path / "m.csv", run_id=made.run_id)
    with open_store(made.path) as db:
        stored = latents.of_checkpoint(db, made.checkpoint_id)
        points = projections.points(db, made.map_ids[1])
    written = rows(tmp_path / "l.csv")
    assert len(written) == 120
    assert float(written[7]["mean_3"]) == pytest.approx(float(stored.mean[7, 3]))
    whole = [row for row in rows(tmp_path / "m.csv") if row["map"] == str(made.map_ids[1])]
    assert [int(row["frame_id"]) for row in whole] == points.frame_ids.tolist()


def test_neighbours_are_of_other_trajectories_and_in_order(made: Made, tmp_path: Path) -> None:
    export(made.path, "neighbours", tmp_path / "n.csv", run_id=made.run_id)
    written = rows(tmp_path / "n.csv")
    assert len(written) == 120 * 5
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    for row in written:
        assert owner[int(row["frame_id"])] != owner[int(row["neighbour_frame_id"])]
    distances = np.array([float(row["distance"]) for row in written]).reshape(-1, 5)
    assert (np.diff(distances, axis=1) >= 0).all()


def test_an_existing_file_is_not_overwritten(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "precious.csv"
    out.write_text("mine")
    with pytest.raises(JobError, match="exists already"):
        export(made.path, "latents", out, run_id=made.run_id)
    assert out.read_text() == "mine"


def test_a_failed_export_leaves_nothing_behind(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(JobError, match="cannot be written"):  # the checkpoint file is missing
        export(made.path, "model", folder / "model.pt", run_id=made.run_id)
    assert list(folder.iterdir()) == []
    with pytest.raises(JobError, match="does not exist"):
        export(made.path, "map", tmp_path / "nowhere" / "m.csv", run_id=made.run_id)
