"""Questions on a store with a real (untrained) model: a frame's file and its id agree."""

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis import latent_space
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import stored_frame
from analysis.search import search_latents
from exports.matches import as_csv
from jobs.__main__ import main
from jobs.cli import ask
from jobs.cli.ask import compare
from morphcore.config import ConfigError, TrainConfig
from morphcore.errors import MorphError
from morphcore.training.checkpoint import CheckpointError
from store import datasets, latents, runs, trajectories
from store.db import checkpoints_folder, open_store
from store.runs import UnknownRun
from store.trajectories import UnknownFrame
from tests.factory import Made, build_store, trajectory
from tests.known_ratio import embedding, give_ratio


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Frames 1 to 120: 6 trajectories of 20, the first frame of each not yet separated."""
    return build_store(tmp_path_factory.mktemp("store") / "morph.sqlite", model=True)


def query(*target, **options) -> list[dict]:
    return ask.query(*target, **options)["neighbours"]


def png_of(made: Made, frame_id: int, folder: Path) -> str:
    file = folder / "asked.png"
    with open_store(made.path) as db:
        file.write_bytes(trajectories.png(db, frame_id))
    return str(file)


def by_hand(made: Made, frame_id: int, allowed: list[int]) -> list[tuple[int, float]]:
    """Neighbours by a plain loop over the stored latents."""
    with open_store(made.path) as db:
        stored = latents.of_checkpoint(db, made.checkpoint_id)
    mean_of = dict(zip(stored.frame_ids, stored.mean, strict=True))
    distances = [
        (math.dist(mean_of[frame_id], mean_of[other_id]), other_id) for other_id in allowed
    ]
    return [(other_id, distance) for distance, other_id in sorted(distances)]


def test_a_stored_frame_finds_what_a_plain_loop_finds(modelled: Made):
    separated = [frame_id for frame_id in range(1, 121) if frame_id % 20 != 1]
    others = [frame_id for frame_id in separated if not 41 <= frame_id <= 60]
    neighbours = query(modelled.path, modelled.run_id, "frame:50", 7)
    expected = by_hand(modelled, 50, others)[:7]
    assert [row["frame_id"] for row in neighbours] == [frame_id for frame_id, _ in expected]
    assert [row["distance"] for row in neighbours] == pytest.approx(
        [d for _, d in expected], rel=1e-4
    )
    percentiles = [row["percentile"] for row in neighbours]
    assert percentiles == sorted(percentiles)
    first = neighbours[0]
    with open_store(modelled.path) as db:
        info = trajectories.frame_info(db, first["frame_id"])
    assert (first["trajectory"], first["index"], first["time"]) == (
        info.trajectory.name,
        info.index,
        info.time,
    )


def test_with_its_own_trajectory_a_frame_is_still_not_its_own_neighbour(modelled: Made):
    others = [frame_id for frame_id in range(1, 121) if frame_id % 20 != 1 and frame_id != 50]
    neighbours = query(modelled.path, modelled.run_id, "frame:50", 5, same_trajectory=True)
    expected = [frame_id for frame_id, _ in by_hand(modelled, 50, others)[:5]]
    assert [row["frame_id"] for row in neighbours] == expected
    assert any(41 <= frame_id <= 60 for frame_id in expected)  # so that the option matters here


def test_one_per_trajectory(modelled: Made):
    neighbours = query(modelled.path, modelled.run_id, "frame:50", 20, one_per_trajectory=True)
    names = [row["trajectory"] for row in neighbours]
    assert len(names) == len(set(names)) == 5  # all but its own


def test_a_frames_picture_finds_that_frame(modelled: Made, tmp_path: Path):
    neighbours = query(modelled.path, modelled.run_id, png_of(modelled, 50, tmp_path), 3)
    assert neighbours[0]["frame_id"] == 50
    assert neighbours[0]["distance"] == pytest.approx(0.0, abs=1e-5)
    assert neighbours[0]["percentile"] == 0.0
    assert neighbours[1]["distance"] > 1e-3


def test_a_frame_of_another_data_set_is_encoded_with_the_runs_model(tmp_path: Path):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=6, model=True)
    with open_store(made.path) as db:
        second_dataset = datasets.create(db, "other", "imported", {})
        trajectory_id = trajectories.add(db, second_dataset, trajectory("twin", frames=6, seed=0))
        twin = int(trajectories.frame_ids_of(db, trajectory_id)[4])
    neighbours = query(made.path, made.run_id, f"frame:{twin}", 1)
    assert (neighbours[0]["frame_id"], neighbours[0]["index"]) == (5, 4)
    assert neighbours[0]["distance"] == pytest.approx(0.0, abs=1e-5)


def test_comparing_a_frame_with_itself_and_with_another(modelled: Made, tmp_path: Path):
    same = compare(modelled.path, modelled.run_id, "frame:50", png_of(modelled, 50, tmp_path))
    assert same["distance"] == pytest.approx(0.0, abs=1e-5)
    assert same["percentile"] == 0.0
    assert same["descriptors"]["fraction"]["delta_sigma"] == 0.0

    there = compare(modelled.path, modelled.run_id, "frame:50", "frame:100")
    back = compare(modelled.path, modelled.run_id, "frame:100", "frame:50")
    assert there["distance"] == back["distance"] > 0
    assert there["percentile"] == back["percentile"]
    for name in ("fraction", "length"):
        forward, backward = there["descriptors"][name], back["descriptors"][name]
        assert (forward["a"], forward["b"]) == (backward["b"], backward["a"])
        assert forward["delta_sigma"] == -backward["delta_sigma"] != 0


def test_delta_sigma_is_in_standard_deviations_of_separated_frames(modelled: Made):
    with open_store(modelled.path) as db:
        ids = np.array([each for each in range(1, 121) if each % 20 != 1], dtype=np.int64)
        share = trajectories.packed(db, ids).one_size.bits().mean((1, 2))
    differences = compare(modelled.path, modelled.run_id, "frame:50", "frame:100")["descriptors"]
    a, b = share[ids == 50][0], share[ids == 100][0]
    assert differences["fraction"]["delta_sigma"] == pytest.approx((b - a) / share.std(), rel=1e-4)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("frame:41", "one colour everywhere"),
        ("frame:x", "names no frame"),
        ("frame:-1", "names no frame"),
        ("nowhere.png", "does not exist"),
    ],
)
def test_targets_that_are_no_frame(modelled: Made, target: str, sentence: str):
    with pytest.raises(MorphError, match=sentence):
        query(modelled.path, modelled.run_id, target, 5)


def test_files_that_are_no_frame(modelled: Made, tmp_path: Path):
    text = tmp_path / "text.png"
    text.write_text("hello")
    white = tmp_path / "white.png"
    Image.new("L", (600, 200), 255).save(white)
    with pytest.raises(MorphError, match=r"text\.png.*not a picture"):
        query(modelled.path, modelled.run_id, str(text), 5)
    with pytest.raises(MorphError, match="one colour everywhere"):
        query(modelled.path, modelled.run_id, str(white), 5)


def test_a_picture_that_could_mean_two_things_is_refused(modelled: Made, tmp_path: Path):
    """Blue, white, red: by lightness the interface would be the white phase."""
    soft = np.clip(np.sin(np.arange(400) / 12)[None] * np.ones((100, 1)), -0.98, 0.98)
    red, blue = np.clip(1 + soft, 0, 1), np.clip(1 - soft, 0, 1)
    colours = np.stack([red, np.minimum(red, blue), blue], axis=2)
    path = tmp_path / "map.png"
    Image.fromarray(np.rint(255 * colours).astype(np.uint8)).save(path)
    with pytest.raises(MorphError, match="could mean two things"):
        query(modelled.path, modelled.run_id, str(path), 5)


def test_what_is_not_there(modelled: Made):
    with pytest.raises(UnknownFrame, match="no frame 999"):
        query(modelled.path, modelled.run_id, "frame:999", 5)
    with pytest.raises(UnknownRun, match="no run 77"):
        query(modelled.path, 77, "frame:50", 5)
    with pytest.raises(ConfigError, match="accepted is 1 or more"):
        query(modelled.path, modelled.run_id, "frame:50", 0)


def test_a_run_without_latents_says_how_to_get_them(made: Made):
    with open_store(made.path) as db:
        split = runs.split(db, made.run_id)
        bare = runs.create(db, made.dataset_id, TrainConfig(), split)
    with pytest.raises(runs.NotIndexed, match="index it first"):
        query(made.path, bare, "frame:50", 5)


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_harmed_checkpoint_is_told_and_stored_frames_still_answer(tmp_path: Path, harm: str):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=6, model=True)
    file = next(checkpoints_folder(made.path).glob("*.pt"))
    if harm == "changed":
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    else:
        file.unlink()
    with pytest.raises(CheckpointError, match=f"model file.*{harm}"):
        query(made.path, made.run_id, png_of(made, 5, tmp_path), 5)
    assert len(query(made.path, made.run_id, "frame:5", 3)) == 3


def test_a_stored_frame_is_answered_without_torch(modelled: Made):
    code = (
        "import sys; from pathlib import Path; from jobs.cli.ask import query;"
        f"assert query(Path({str(modelled.path)!r}), {modelled.run_id}, 'frame:50', 5);"
        "heavy = {'torch', 'sklearn', 'scipy'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_matches_as_csv(modelled: Made):
    space = latent_space.load_latent_space(modelled.path, modelled.run_id)
    frame = stored_frame(modelled.path, 50)
    matches = search_latents(modelled.path, space, frame, SearchOptions(k=3)).matches
    read = list(csv.DictReader(io.StringIO(as_csv(space.run.name, frame, matches))))
    assert [row["rank"] for row in read] == ["1", "2", "3"]
    assert {row["model"] for row in read} == {space.run.name}
    assert {(row["dataset"], row["scale"]) for row in read} == {("blobs", "")}
    assert [int(row["frame_id"]) for row in read] == [match.frame_id for match in matches]
    assert [float(row["distance"]) for row in read] == [match.distance for match in matches]


def test_frames_that_have_not_separated_come_only_when_asked_for(modelled: Made):
    space = latent_space.load_latent_space(modelled.path, modelled.run_id)
    posterior = space.posterior_of(41)  # one of six equal pictures
    assert posterior is not None
    coords = posterior.mean[0]
    near = space.frames.nearest(coords, SearchOptions(k=5, unseparated=True), query_id=41)
    assert {match.frame_id for match in near} == {1, 21, 61, 81, 101}
    assert all(match.distance < 1e-5 for match in near)
    separated = space.frames.nearest(coords, SearchOptions(k=114))
    assert len(separated) == 114
    assert not {match.frame_id % 20 for match in separated} & {1}


@pytest.mark.parametrize("command", [["query"], ["compare", "frame:26"], ["evaluate"]])
def test_commands_that_use_a_model_say_where_it_knows_nothing(
    made: Made, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *more = command
    target = [] if name == "evaluate" else ["frame:25", *more]
    argv = [name, *target, "--run", "1", "--store", str(made.path)]
    main(argv)
    assert "coin flip" not in capsys.readouterr().err
    with open_store(made.path) as db:
        db.execute("UPDATE epochs SET held_out_recon_nats = 28000")
    main([*argv, "--json"])
    assert "28,012 nats per frame, is no better than a coin flip" in capsys.readouterr().err


def test_two_frames_are_answered_with_a_ratio(made: Made):
    give_ratio(made, embedding(between=50.0))
    told = compare(made.path, made.run_id, "frame:30", "frame:31", prior=0.2)
    ratio = told["ratio"]
    assert ratio["low"] <= ratio["value"] <= ratio["high"]
    assert (ratio["learnt_from"], ratio["realisations"], ratio["cells"]) == ("replicates", 162, 54)
    odds = ratio["value"] / 4  # one to four, before
    assert told["posterior"] == pytest.approx(odds / (1 + odds))
    assert told["verdict"] is None
    assert compare(made.path, made.run_id, "frame:30", "frame:31")["posterior"] is None


def test_a_model_without_a_ratio_says_so(modelled: Made):
    told = compare(modelled.path, modelled.run_id, "frame:50", "frame:100")
    assert told["ratio"] is None
    assert "no calibrated ratio" in told["answer"]


def test_two_samples_by_the_command(made: Made, capsys: pytest.CaptureFixture[str]):
    give_ratio(made, embedding(between=50.0))
    argv = ["compare", "--run", "1", "--store", str(made.path), "frame:30", "frame:50", "--json"]
    main([*argv, "--more-a", "frame:70", "--more-b", "frame:90", "--prior", "0.5"])
    told = json.loads(capsys.readouterr().out)
    assert told == ask.compare_sets(
        made.path, 1, ["frame:30", "frame:70"], ["frame:50", "frame:90"], prior=0.5
    )
    assert [each["frame"] for each in told["frames_a"]] == ["frame:30", "frame:70"]
    assert all(each["counted"] and each["ratio"] for each in told["frames_b"])
    assert main([*argv, "--prior", "1.5"]) == 1
    assert "between 0 and 1" in capsys.readouterr().err
