"""What was imported before is recognised; only the rest is stored, at its place in time."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from morphcore.types import Source, Trajectory
from store import datasets, frame_rows, growth, staging, trajectories
from store.db import open_store

RNG = np.random.default_rng(3)
FRAMES = RNG.integers(0, 256, (12, 16, 20)).astype(np.uint8)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_store(tmp_path / "s.sqlite") as opened:
        datasets.create(opened, "set", "imported", {})
        yield opened


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of_files(
    numbers: Sequence[int],
    name: str = "run",
    *,
    unit: str = "step",
    frames: np.ndarray = FRAMES,
    folder: str = "run",
    **known: object,
) -> tuple[Trajectory, Source]:
    """A trajectory of files f_NUMBER.png, each with its hash, as it is read."""
    gray = frames[list(numbers)]
    sources = tuple(
        Source(f"{folder}/f_{number}.png", 9, sha(frames[number].tobytes())) for number in numbers
    )
    times = np.arange(len(numbers)) if unit == "frame" else np.array(numbers)
    read = Trajectory(name, gray, times.astype(np.float64), time_unit=unit, sources=sources)
    whole = Source(folder, 9 * len(gray), sha(repr(sources).encode()))
    return replace(read, **known), whole  # type: ignore[arg-type]


def of_one_file(count: int, scale: float = 1.0) -> tuple[Trajectory, Source]:
    """A trajectory that one file holds, whose frames are known by their pictures."""
    gray = (FRAMES[:count] * scale).astype(np.uint8)
    whole = Source("run.npy", count, sha(gray.tobytes()))
    return Trajectory("run", gray, np.arange(count, dtype=np.float64)), whole


def store(
    db: Database,
    given: tuple[Trajectory, Source],
    dataset_id: int = 1,
    edges: tuple[bool, bool] | None = None,
) -> growth.Stored:
    with staging.staged(db, dataset_id, *given, job_id=1, edges=edges) as new:
        return growth.publish(db, dataset_id, new)


def contents(db: Database) -> dict[str, list[float]]:
    """The times of each trajectory, and a check of everything that hangs on them."""
    out = {}
    table = trajectories.frame_table(db, 1)
    for info in trajectories.trajectories(db, 1):
        mine = table.trajectory_ids == info.id
        assert table.index[mine].tolist() == list(range(info.frame_count))
        times = table.time[mine]
        assert (np.diff(times) > 0).all()
        out[info.name] = times.tolist()
    return out


def pictures(db: Database, trajectory_id: int) -> np.ndarray:
    ids = trajectories.frame_ids_of(db, trajectory_id)
    return np.stack([trajectories.frame(db, frame_id) for frame_id in ids])


def test_the_same_again_adds_nothing(db: Database) -> None:
    first = store(db, of_files([0, 2, 5]))
    assert first.is_new
    assert len(first.new_frames[first.trajectory_id]) == 3
    again = store(db, of_files([0, 2, 5]))
    assert again.already
    assert again.trajectory_id == first.trajectory_id
    assert contents(db) == {"run": [0, 2, 5]}
    assert store(db, of_files([0, 2], name="moved", folder="elsewhere")).already
    assert contents(db) == {"run": [0, 2, 5]}


def test_new_frames_get_their_places_by_time_and_old_ones_keep_their_ids(db: Database) -> None:
    first = store(db, of_files([2, 5]))
    old = trajectories.frame_ids_of(db, first.trajectory_id)
    bits = trajectories.packed(db, old)
    grown = store(db, of_files([0, 2, 3, 5, 7]))
    assert grown.trajectory_id == first.trajectory_id
    assert grown.lengthened == 3
    assert contents(db) == {"run": [0, 2, 3, 5, 7]}
    ids = trajectories.frame_ids_of(db, first.trajectory_id)
    assert ids[[1, 3]].tolist() == old.tolist()
    assert ids[[0, 2, 4]].tolist() == grown.new_frames[first.trajectory_id].tolist()
    assert (pictures(db, first.trajectory_id) == FRAMES[[0, 2, 3, 5, 7]]).all()
    (_, before), (_, after) = bits.parts[0], trajectories.packed(db, old).parts[0]
    assert (before.packed == after.packed).all()
    assert store(db, of_files([0, 2, 3, 5, 7])).already


def test_counted_frames_are_counted_anew(db: Database) -> None:
    first = store(db, of_files([0, 1, 2], unit="frame"))
    store(db, of_files([0, 1, 2, 3], unit="frame"))
    assert contents(db) == {"run": [0, 1, 2, 3]}
    store(db, of_files([0, 1, 2, 3, 9], unit="step"))  # they count no more
    assert contents(db) == {"run": [0, 1, 2, 3, 9]}
    (info,) = trajectories.trajectories(db, 1)
    assert (info.id, info.time_unit) == (first.trajectory_id, "step")


def test_a_part_of_a_folder_goes_on_where_the_stored_frames_end(db: Database) -> None:
    store(db, of_files([0, 1, 2, 3], unit="frame"))
    grown = store(db, of_files([2, 3, 4, 5], unit="frame"))  # the first were moved away
    assert grown.lengthened == 2
    assert contents(db) == {"run": [0, 1, 2, 3, 4, 5]}


def test_changed_contents_are_stored_apart_and_once(db: Database) -> None:
    first = store(db, of_files([0, 2, 5]))
    changed = FRAMES.copy()
    changed[2] = 255 - changed[2]
    mended = store(db, of_files([0, 2, 5, 7], frames=changed))
    assert mended.apart == "run (2)"
    assert mended.lengthened == 1
    assert contents(db) == {"run": [0, 2, 5, 7], "run (2)": [2]}
    assert (pictures(db, first.trajectory_id) == FRAMES[[0, 2, 5, 7]]).all()
    assert store(db, of_files([0, 2, 5, 7], frames=changed)).already
    assert store(db, of_files([0, 2, 5])).already


def test_trajectories_with_the_same_first_frame_are_not_mixed(db: Database) -> None:
    other = FRAMES[::-1].copy()
    other[0] = FRAMES[0]  # such as a frame before separation
    store(db, of_files([0], name="a", folder="a"))
    store(db, of_files([0, 2, 5], name="b", folder="b", frames=other))
    assert contents(db) == {"a": [0], "b": [0, 2, 5]}
    store(db, of_files([0, 2, 5], name="a", folder="a"))
    assert contents(db) == {"a": [0, 2, 5], "b": [0, 2, 5]}


def test_a_trajectory_that_is_called_otherwise_now_is_recognised(db: Database) -> None:
    store(db, of_files([0, 2], name="root"))
    grown = store(db, of_files([0, 2, 5], name="A"))  # since B lies beside it
    assert grown.name == "root"
    assert contents(db) == {"root": [0, 2, 5]}


def test_a_name_that_another_trajectory_has_gets_a_number(db: Database) -> None:
    store(db, of_files([0, 2]))
    new = store(db, of_files([7, 9], folder="other"))
    assert new.is_new
    assert new.name == "run (2)"


def test_equal_frames_are_kept_as_often_as_they_are_there(db: Database) -> None:
    still = FRAMES.copy()
    still[:6] = still[0]
    store(db, of_files([0, 2, 4], frames=still))
    grown = store(db, of_files([0, 2, 4, 5, 8], frames=still))
    assert grown.lengthened == 2
    assert contents(db) == {"run": [0, 2, 4, 5, 8]}


def test_a_file_that_holds_all_frames_grows(db: Database) -> None:
    first = store(db, of_one_file(3))
    assert store(db, of_one_file(3)).already
    grown = store(db, of_one_file(5))
    assert grown.lengthened == 2
    assert contents(db) == {"run": [0, 1, 2, 3, 4]}
    assert (pictures(db, first.trajectory_id) == FRAMES[:5]).all()


def test_a_file_whose_range_grew_with_it_is_recognised(db: Database) -> None:
    first = store(db, of_one_file(4))
    read, whole = of_one_file(6, scale=0.5)
    assert store(db, (read, whole)).lengthened == 2
    assert contents(db) == {"run": [0, 1, 2, 3, 4, 5]}
    gray = pictures(db, first.trajectory_id).astype(int)
    assert np.abs(gray - FRAMES[:6]).max() <= 2
    shuffled, whole = of_one_file(8)
    other = replace(shuffled, frames=shuffled.frames[::-1].copy())
    assert not store(db, (replace(other, frames=255 - other.frames), whole)).lengthened


def test_parts_of_a_file_may_look_alike_and_changes_are_stored_once(db: Database) -> None:
    read, whole = of_one_file(3)
    other = replace(read, name="other", frames=FRAMES[[6, 7, 8]])
    store(db, (read, whole))
    store(db, (other, replace(whole, sha256="b")))
    longer = replace(other, frames=FRAMES[[6, 7, 8, 0]], times=np.arange(4.0))
    assert store(db, (longer, replace(whole, sha256="c"))).lengthened == 1
    changed = replace(read, frames=FRAMES[[0, 9, 2]])
    assert store(db, (changed, replace(whole, sha256="d"))).apart == "run (2)"
    longer = replace(read, frames=FRAMES[[0, 9, 2, 10]], times=np.arange(4.0))
    again = store(db, (longer, replace(whole, sha256="e")))
    assert (again.apart, again.lengthened) == (None, 1)
    assert contents(db) == {"other": [0, 1, 2, 3], "run": [0, 1, 2, 3], "run (2)": [1]}


def test_each_frame_that_was_read_has_its_id(db: Database) -> None:
    first = store(db, of_files([2, 5]))
    changed = FRAMES.copy()
    changed[5] = 255 - changed[5]
    grown = store(db, of_files([0, 2, 5, 7], frames=changed))
    assert grown.frame_ids[1] == first.frame_ids[0]
    infos = [trajectories.frame_info(db, int(each)) for each in grown.frame_ids]
    assert [info.time for info in infos] == [0, 2, 5, 7]
    assert [info.trajectory.name for info in infos] == ["run", "run", "run (2)", "run"]

    again = store(db, of_files([0, 2, 5, 7], frames=changed))
    assert again.already
    assert again.frame_ids.tolist() == grown.frame_ids.tolist()


def test_a_folder_that_lost_a_file_is_known_the_second_time_too(db: Database) -> None:
    first = store(db, of_files([0, 2, 5]))
    for _ in range(2):
        again = store(db, of_files([0, 5]))
        assert again.already
        assert again.frame_ids.tolist() == first.frame_ids[[0, 2]].tolist()
    assert contents(db) == {"run": [0, 2, 5]}


def test_a_file_whose_range_grew_is_known_the_second_time_too(db: Database) -> None:
    store(db, of_one_file(3))
    grown = store(db, of_one_file(5, scale=0.5))
    again = store(db, of_one_file(5, scale=0.5))
    assert again.already
    assert (again.frame_ids[3:] == grown.frame_ids[3:]).all()
    assert (again.frame_ids >= 0).all()


def test_new_frames_have_the_gray_levels_of_those_that_are_there(db: Database) -> None:
    first = store(db, of_files([0, 2], threshold=0.5))
    darker = (FRAMES // 2 + 20).astype(np.uint8)  # the range grew with the later frames
    read, whole = of_files([0, 2, 5], threshold=0.3)
    grown = store(db, (replace(read, frames=darker[[0, 2, 5]]), whole))
    assert grown.lengthened == 1
    gray = pictures(db, first.trajectory_id).astype(int)
    assert np.abs(gray[2] - FRAMES[5]).max() <= 2
    (info,) = trajectories.trajectories(db, 1)
    assert info.threshold == 0.5


def test_frames_that_are_read_in_another_way_are_stored_apart(db: Database) -> None:
    store(db, of_files([0, 2]))
    read, whole = of_files([0, 2, 5])
    other = replace(read, frames=np.roll(read.frames, 3, axis=2))
    assert store(db, (other, whole)).apart == "run (2)"
    assert contents(db) == {"run": [0, 2], "run (2)": [5]}
    read, whole = of_files([0, 2, 7])
    cropped = replace(read, frames=read.frames[:, :, :16])
    assert store(db, (cropped, whole)).apart == "run (3)"


def test_a_table_that_came_later_is_taken_up(db: Database) -> None:
    first = store(db, of_files([0, 2], params={"phi": 0.5}, labels={"solvent": "CB"}))
    later = of_files([0, 2], params={"chi": 2.4, "phi": 0.6, "JSC": -7.0}, labels={"who": "me"})
    again = store(db, later)
    assert again.already
    assert set(again.updated) == {"phi", "chi", "JSC", "who"}
    (info,) = trajectories.trajectories(db, 1)
    assert info.id == first.trajectory_id
    assert (info.phi, info.chi) == (0.6, 2.4)
    assert info.params == {"phi": 0.6, "chi": 2.4, "JSC": -7.0}
    assert info.labels == {"solvent": "CB", "who": "me"}
    assert store(db, later).updated == ()
    edges = store(db, later, edges=(True, True))
    assert edges.updated == ("periodic",)
    assert trajectories.trajectories(db, 1)[0].periodic_y


def test_frames_of_an_older_store_are_known_as_a_whole_and_learn_their_hashes(db: Database) -> None:
    read, whole = of_files([0, 2])
    trajectories.add(db, 1, replace(read, sources=()), whole)  # as before there were any
    assert store(db, (read, whole)).already
    assert store(db, of_files([0, 2, 5])).lengthened == 1
    assert contents(db) == {"run": [0, 2, 5]}


def test_an_insertion_that_fails_leaves_everything_as_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(db, of_files([2, 5], params={"phi": 0.5}))

    def full(*_given: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(frame_rows, "add", full)
    with pytest.raises(OSError, match="full"):
        store(db, of_files([0, 2, 5], params={"phi": 0.6}))
    assert contents(db) == {"run": [2, 5]}
    assert trajectories.trajectories(db, 1)[0].phi == 0.5


def test_other_data_sets_are_not_looked_at(db: Database) -> None:
    datasets.create(db, "other", "imported", {})
    store(db, of_files([0, 2]))
    assert store(db, of_files([0, 2]), dataset_id=2).is_new
