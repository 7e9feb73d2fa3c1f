import sys
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import morph
from analysis import comparison
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import stored_frame
from analysis.latent_space import load_latent_space
from analysis.search import search_latents
from exports import frame_table
from morph import tables
from morphcore.config import ConfigError
from morphcore.frames import FrameError
from store import attached, checkpoints, datasets, latents, properties, trajectories
from store.db import open_store
from store.trajectories import UnknownFrame
from tests.factory import Made, trajectory


@pytest.fixture
def model(interface: Made) -> morph.StoredModel:
    return morph.Store(interface.path).model()


class TestCompare:
    def test_it_is_what_the_analysis_gives(self, interface: Made, model: morph.StoredModel) -> None:
        space = load_latent_space(interface.path, interface.run_id)
        want = comparison.compare(
            interface.path,
            space,
            stored_frame(interface.path, 4),
            stored_frame(interface.path, 10),
            reference=comparison.load_reference(interface.path, space),
        )
        ours = model.compare(4, 10)
        assert ours.distance == want.distance > 0
        assert ours.units == want.units
        assert ours.ratio == want.ratio
        assert ours.differences == want.differences

    def test_a_ratio_has_its_interval(self, model: morph.StoredModel) -> None:
        """The two draws of the calibration lie a factor of 2 above and below."""
        ratio = model.compare(5, 6).ratio
        assert ratio is not None
        assert ratio.low <= ratio.value <= ratio.high
        same = model.compare(5, 5).ratio
        assert same is not None
        assert same.value > ratio.value - log(2)

    def test_stored_frames_need_no_model_file(self, model: morph.StoredModel) -> None:
        model.file.unlink()
        result = model.compare(4, 10)
        assert result.ratio is None
        assert "is missing" in str(result.ratio_error)
        with pytest.raises(morph.MorphError, match="is missing"):
            model.compare(4, np.random.default_rng(0).random((100, 400)))

    def test_a_picture_is_one_frame_as_file_and_as_array(
        self, model: morph.StoredModel, tmp_path: Path
    ) -> None:
        gray = morph.Store(model.store).picture(5)
        Image.fromarray(gray).save(tmp_path / "film.png")
        result = model.compare(tmp_path / "film.png", gray)
        assert result.distance == 0
        assert not result.a.query.periodic
        assert model.compare(str(tmp_path / "film.png"), 5).distance > 0  # its edges join

    def test_a_frame_of_a_trajectory_keeps_its_edges(self, model: morph.StoredModel) -> None:
        film = morph.simulate(phi=0.5, chi=3.2, frames=3, last_step=400)
        frame = morph.frame_of(film, -1)
        assert frame.periodic
        assert model.compare(frame, film.array[-1]).distance > 0
        with pytest.raises(FrameError, match="-3 to 2"):
            morph.frame_of(film, 3)


class TestNearest:
    def test_it_is_what_the_analysis_gives(self, interface: Made, model: morph.StoredModel) -> None:
        space = load_latent_space(interface.path, interface.run_id)
        query = stored_frame(interface.path, 4)
        for k, own in ((3, False), (2, True)):
            options = SearchOptions(k=k, same_trajectory=own)
            want = search_latents(interface.path, space, query, options)
            assert model.nearest(4, k, same_trajectory=own).matches == want.matches
            assert len(want.matches) == k

    def test_a_stored_frame_as_an_array_finds_itself(self, model: morph.StoredModel) -> None:
        store = morph.Store(model.store)
        found = model.nearest(store.picture(4), k=1).matches[0]
        assert found.frame_id == 4
        assert found.distance > 0

    @pytest.mark.parametrize("frame", [1, np.zeros((100, 400))])
    def test_what_has_not_separated_finds_nothing(
        self, model: morph.StoredModel, frame: morph.frames.Frame
    ) -> None:
        with pytest.raises(morph.MorphError, match="separated yet"):
            model.nearest(frame)

    def test_what_is_no_frame_is_said(self, model: morph.StoredModel) -> None:
        with pytest.raises(UnknownFrame, match="no frame 999"):
            model.nearest(999)
        with pytest.raises(morph.MorphError, match="does not exist"):
            model.nearest("nowhere.png")
        with pytest.raises(FrameError, match="accepted is one"):
            model.nearest(np.zeros((2, 100, 400)))
        with pytest.raises(FrameError, match="NoneType is no frame"):
            model.nearest(None)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="k is 0"):
            model.nearest(4, k=0)


class TestLatents:
    def test_each_row_has_its_own_facts(self, interface: Made, model: morph.StoredModel) -> None:
        table = model.latents().set_index("frame_id")
        with open_store(interface.path) as db:
            known = latents.of_checkpoint(db, interface.checkpoint_id)
            info = trajectories.frame_info(db, 9)
            facts = frame_table.facts(db, interface.dataset_id)
        row = int(np.flatnonzero(known.frame_ids == 9)[0])
        z = known.z
        assert z is not None
        for axis in range(4):
            assert table.loc[9, f"embedding_{axis}"] == known.mean[row, axis]
        assert table.loc[9, "z_mean_15"] == z.mean[row, 15]
        assert table.loc[9, "z_logvar_0"] == z.logvar[row, 0]
        assert (table.loc[9, "trajectory"], table.loc[9, "time"]) == (
            info.trajectory.name,
            info.time,
        )
        length = np.asarray(facts["L_px"])[np.asarray(facts["frame_id"]) == 9][0]
        assert table.loc[9, "L_px"] == length
        assert set(table["dataset"]) == {"blobs"}

    def test_frames_of_attached_data_sets_are_there_with_their_facts(
        self, interface: Made, model: morph.StoredModel
    ) -> None:
        with open_store(interface.path) as db:
            other = datasets.create(db, "other", "imported", {})
            own = trajectory("film", phi=0.4, frames=2, seed=9)
            trajectories.add(db, other, own)
            ids = trajectories.frame_table(db, other).frame_ids
            known = latents.of_checkpoint(db, interface.checkpoint_id)
            added = replace(known.subset(np.arange(2)), frame_ids=ids)
            attached.attach(db, interface.checkpoint_id, other, "one")
            attached.add(db, interface.checkpoint_id, other, added, np.ones(2))
            properties.put(db, other, "scale", {int(ids[0]): 7.0})  # a name that a column has
        table = model.latents()
        assert len(table) == 14
        rows = table[table["dataset"] == "other"]
        assert rows["frame_id"].tolist() == ids.tolist()
        assert rows["phi"].tolist() == [0.4, 0.4]
        assert rows["property_scale"].iloc[0] == 7.0

    def test_parquet_keeps_the_table_and_what_made_it(self, model: morph.StoredModel) -> None:
        assert model.write_latents("latents.parquet") == 12
        read = pd.read_parquet("latents.parquet")
        pd.testing.assert_frame_equal(read, model.latents())
        assert read.attrs["checkpoint_sha256"] == model.sha256
        assert read.attrs["run"] == model.run.name

    def test_files_are_new_and_of_a_known_kind(self, model: morph.StoredModel) -> None:
        assert model.write_latents("latents.csv") == 12
        with pytest.raises(morph.MorphError, match="exists already"):
            model.write_latents("latents.csv")
        with pytest.raises(morph.MorphError, match=r"\.parquet, \.csv"):
            model.write_latents("latents.xlsx")

    def test_xarray_has_a_dimension_for_axes(self, model: morph.StoredModel) -> None:
        pytest.importorskip("xarray")
        table, data = model.latents(), model.latents_xarray()
        assert dict(data.sizes) == {"frame": 12, "axis": 4, "latent": 16}
        for axis in range(4):
            np.testing.assert_array_equal(data["embedding"][:, axis], table[f"embedding_{axis}"])
        assert data["z_mean"].dims == ("frame", "latent")
        assert data["trajectory"].values.tolist() == table["trajectory"].tolist()
        assert data.attrs["run"] == model.run.name

    def test_without_xarray_it_says_what_brings_it(
        self, model: morph.StoredModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "xarray", None)
        with pytest.raises(tables.XarrayMissing, match=r"requirements-exchange\.txt"):
            model.latents_xarray()


def test_a_model_stays_what_it_was_when_its_run_is_indexed_again(
    interface: Made, model: morph.StoredModel
) -> None:
    with open_store(interface.path) as db:
        old = checkpoints.by_id(db, interface.checkpoint_id)
        newer = checkpoints.add(
            db,
            interface.run_id,
            epoch=13,
            file=old.file,
            size=old.size,
            sha256=old.sha256,
            has_embedding=True,
        )
        latents.add(db, newer, latents.of_checkpoint(db, interface.checkpoint_id))
    assert morph.Store(interface.path).model().saved.id == newer
    assert model.space.checkpoint.id == interface.checkpoint_id
