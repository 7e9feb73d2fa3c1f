import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch

from exports.export import export, model_with_card
from morphcore.embedding.encoding import encode_frames
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames
from morphcore.training import weights_file
from store import descriptors, evaluations, latents, projections, properties, runs, trajectories
from store.checkpoint_files import DamagedModel
from store.db import checkpoints_folder, open_store
from tests.evaluated import evaluation
from tests.factory import NO_MODEL, Made, build_store
from tests.properties import add_properties


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


def test_the_ending_names_the_form(made: Made, tmp_path: Path) -> None:
    export(made.path, "latents", tmp_path / "l.npz", run_id=made.run_id)
    export(made.path, "frames", tmp_path / "f.parquet", run_id=made.run_id)
    with open_store(made.path) as db, np.load(tmp_path / "l.npz") as data:
        assert (data["mean"] == latents.of_checkpoint(db, made.checkpoint_id).mean).all()
        frame_id = int(data["frame_id"][7])
        measured = descriptors.of_frame(db, frame_id)
    facts = pd.read_parquet(tmp_path / "f.parquet").set_index("frame_id")
    assert len(facts) == 120
    assert measured is not None
    assert facts.loc[frame_id, "L_px"] == pytest.approx(measured.length)
    with pytest.raises(MorphError, match=r"\.csv, \.parquet, \.npz"):
        export(made.path, "map", tmp_path / "map.xlsx", run_id=made.run_id)


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
    with pytest.raises(MorphError, match="exists already"):
        export(made.path, "latents", out, run_id=made.run_id)
    assert out.read_text() == "mine"


def test_a_failed_export_leaves_nothing_behind(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (checkpoints_folder(made.path) / "none.pt").unlink()
    with pytest.raises(DamagedModel, match=r"none\.pt is missing"):
        export(made.path, "model", folder / "model.pt", run_id=made.run_id)
    assert list(folder.iterdir()) == []
    with pytest.raises(MorphError, match="does not exist"):
        export(made.path, "map", tmp_path / "nowhere" / "m.csv", run_id=made.run_id)


def test_a_changed_model_is_not_handed_out(made: Made, tmp_path: Path) -> None:
    (checkpoints_folder(made.path) / "none.pt").write_bytes(NO_MODEL[::-1])
    with open_store(made.path) as db:
        run = runs.indexed(db, made.run_id)
    with pytest.raises(DamagedModel, match=r"none\.pt was changed or cut short"):
        export(made.path, "model", tmp_path / "model.pt", run_id=made.run_id)
    with pytest.raises(DamagedModel, match=r"none\.pt was changed or cut short"):
        model_with_card(made.path, run)
    assert not list(tmp_path.glob("model*"))


def test_a_report_is_one_page_that_needs_nothing_else(made: Made, tmp_path: Path) -> None:
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation(verified=True))
        db.execute("UPDATE runs SET name = '<b>best & last</b>' WHERE id = ?", [made.run_id])
    out = tmp_path / "report.html"
    export(made.path, "report", out, run_id=made.run_id)
    text = out.read_text()
    assert "&lt;b&gt;best &amp; last&lt;/b&gt;" in text
    assert "<b>best" not in text
    for away in ("http:", "https:", "<script", "<link", "@import", "@font-face"):
        assert away not in text
    assert text.count("url(") == text.count("url(#")  # within the page
    body = text[text.index("<body>") : text.index("</html>")]
    page = ElementTree.fromstring(body)  # well-formed
    svgs = list(page.iter("svg"))
    assert len(svgs) == 5  # curves, baselines, detection, calibration, map
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert {f"url(#{each})" for each in ids} >= set(re.findall(r"url\([^)]*\)", text))
    cells = {cell.text for cell in page.iter("td")}
    assert "6 trajectories" in text
    assert {"Twin recall@5", "0.660 (95 %: 0.594 to 0.726)"} <= cells
    (verdict,) = (each for each in page.iter("p") if each.get("class") == "verdict worse")
    (sentence,) = verdict.iter("strong")
    assert str(sentence.text).startswith("Worse than area fraction and L at finding unseen")
    row = next(row for row in page.iter("tr") if row[0].text == "Twin recall@5" and len(row) > 2)
    assert [cell.text for cell in row if cell.get("class") == "best"] == ["0.740"]  # as on the page
    assert {"False acceptance, unseen", "0.040 (95 %: 0.020 to 0.080)"} <= cells
    assert "−0.140 (−0.200 to −0.050)" in cells
    assert "Learnt from replicates: 184 trajectories of 46 cells" in cells
    assert "Of true twins, 95 % are within 2.5 units." in text
    assert "20 rolled frames are queries." in text
    with open_store(made.path) as db:
        points = projections.points(db, made.map_ids[0]).frame_ids
        table = trajectories.frame_table(db, made.dataset_id)
    drawn = [len(mark) for mark in svgs[-1].iter("g") if "mark-symbol" in mark.get("class", "")]
    unseparated = int(table.unseparated[np.isin(table.frame_ids, points)].sum())
    assert drawn[:2] == [24 - unseparated, unseparated]


def test_a_report_of_a_run_that_was_not_judged_says_so(made: Made, tmp_path: Path) -> None:
    export(made.path, "report", tmp_path / "r.html", run_id=made.run_id)
    assert "Not judged yet" in (tmp_path / "r.html").read_text()


def test_a_model_comes_with_its_card(tmp_path: Path) -> None:
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=6, model=True)
    export(made.path, "model", tmp_path / "model.pt", run_id=made.run_id)
    card = (tmp_path / "model.pt.md").read_text()
    assert "**Scheme of the simulation**: first order (before 28 November 2026)" in card
    assert "preset seed, 16 latent numbers" in card
    assert "**Verdict**: Not evaluated yet" in card
    assert "by trajectory, seed 0: 6 frames to learn from, 6 held out" in card


def test_a_model_is_written_for_other_programs(tmp_path: Path) -> None:
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=4, model=True)
    out = tmp_path / "m.safetensors"
    assert export(made.path, "safetensors", out, run_id=made.run_id)["what"] == "safetensors"
    with open_store(made.path) as db:
        stored = latents.of_checkpoint(db, made.checkpoint_id)
        bits = trajectories.packed(db, stored.frame_ids).one_size.bits()
    model = weights_file.load(out).model(torch.device("cpu"))
    ours = encode_frames(model, stored.frame_ids, PackedFrames.of(bits)).mean
    np.testing.assert_allclose(ours, stored.mean, rtol=1e-4, atol=1e-3)
    onnxruntime = pytest.importorskip("onnxruntime")
    answer = export(made.path, "onnx", tmp_path / "m.onnx", run_id=made.run_id)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    (theirs,) = session.run(["embedding"], {"frames": bits.astype(np.float32)})
    np.testing.assert_allclose(theirs, stored.mean, rtol=1e-3, atol=1e-3)
    assert 0 <= answer["largest_difference"] < 1e-5
    assert session.get_modelmeta().custom_metadata_map["run"] == "seed-1"
    for name in ("m.onnx", "m.safetensors"):
        with pytest.raises(MorphError, match="exists already"):
            export(made.path, name[2:], tmp_path / name, run_id=made.run_id)
    (checkpoints_folder(made.path) / "run-1.pt").unlink()
    with pytest.raises(DamagedModel, match="is missing"):
        export(made.path, "onnx", tmp_path / "other.onnx", run_id=made.run_id)


def test_properties_are_columns_of_the_frames_table(made: Made, tmp_path: Path) -> None:
    current = add_properties(made)
    with open_store(made.path) as db:
        properties.put(db, made.dataset_id, "time", {1: 7.0})  # a name that a column has
    export(made.path, "frames", tmp_path / "f.csv", dataset="blobs")
    export(made.path, "frames", tmp_path / "f.npz", dataset="blobs")
    written = rows(tmp_path / "f.csv")
    assert {int(row["frame_id"]): float(row["current"]) for row in written if row["current"]} == (
        pytest.approx(current)
    )
    assert {row["batch"] for row in written} == {"annealed", "as cast"}
    assert (written[0]["property_time"], written[0]["time"]) == ("7.0", "20")
    with np.load(tmp_path / "f.npz") as data:
        assert data["batch"].tolist() == [row["batch"] for row in written]
