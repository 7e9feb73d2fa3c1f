"""Files become trajectories by their names, before any of them is read."""

import pytest

from morphcore.readers.files.listing import in_memory
from morphcore.readers.grouping import GroupingPlan, plan
from morphcore.readers.limits import DEFAULT_LIMITS
from morphcore.readers.options import ImportOptions, OptionError


def planned(*names: str, pattern: str | None = None) -> GroupingPlan:
    files = [in_memory(b"-", name) for name in names]
    options = ImportOptions(names=pattern)
    return plan(files, "root", nested=False, limits=DEFAULT_LIMITS, options=options)


def times_of(found: GroupingPlan) -> dict[str, list[float] | None]:
    return {unit.name: None if unit.times is None else unit.times.tolist() for unit in found.units}


def test_a_folder_whose_names_differ_by_a_number_is_one_trajectory() -> None:
    found = planned("run/t=0.25.png", "run/t=0.5.png", "run/t=0.02.png")
    assert times_of(found) == {"run": [0.02, 0.25, 0.5]}
    (unit,) = found.units
    assert [file.base for file in unit.files] == ["t=0.02.png", "t=0.25.png", "t=0.5.png"]
    assert unit.time_unit == "step"
    assert times_of(planned("t_0s.png", "t_9s.png")) == {"root": [0, 9]}


def test_names_that_differ_in_more_are_several_trajectories() -> None:
    found = planned("A_0.png", "A_1.png", "B_0.png", "in/img_0.png", "in/img_0_mask.png")
    assert times_of(found) == {"A": [0, 1], "B_0": [0], "in/img_0": [0], "in/img_0_mask": [0]}
    found = planned("in/img_0.png", "in/img_0_mask.png", "in/img_5.png", "in/img_5_mask.png")
    assert times_of(found) == {"in/img": [0, 5], "in/img_mask": [0, 5]}
    assert times_of(planned("in/a.png", "in/b.png")) == {"in/a": [0], "in/b": [0]}


def test_folders_that_are_called_by_a_time_may_hold_several_fields() -> None:
    found = planned(*(f"{time}/{field}.npy" for time in ("0", "0.5", "10") for field in "cm"))
    assert times_of(found) == {"c": [0, 0.5, 10], "m": [0, 0.5, 10]}
    found = planned(*(f"run/step_{step}/{field}.png" for step in (5, 20) for field in "cm"))
    assert times_of(found) == {"run/c": [5, 20], "run/m": [5, 20]}
    for folders in (("1", "2", "3"), ("0", "1", "2"), ("0.1", "0.2")):  # samples, or a phi
        found = planned(*(f"{folder}/{field}.png" for folder in folders for field in "cm"))
        assert len(found.units) == 2 * len(folders)


def test_phi_and_chi_stay_in_the_name() -> None:
    found = planned("in/phi0.5_chi2.4_t0.1.png", "in/phi0.5_chi2.4_t1.0.png")
    assert times_of(found) == {"in/phi0.5_chi2.4": [0.1, 1]}
    found = planned("data_0.514_2.4_000220.png", "data_0.514_2.4_000020.png")
    assert times_of(found) == {"data_0.514_2.4": [20, 220]}


def test_pictures_twice_under_one_name_are_never_mixed() -> None:
    found = planned("in/f_0.png", "in/f_0.jpg", "in/f_1.png", "in/f_1.jpg")
    assert times_of(found) == {"in/f (png)": [0, 1], "in/f (jpg)": [0, 1]}
    assert [file.base for file in found.units[0].files] == ["f_0.png", "f_1.png"]
    found = planned("in/f_0.png", "in/f_1.jpg", "in/f_2.png")  # but a change on the way is none
    assert times_of(found) == {"in": [0, 1, 2]}


def test_folders_that_are_called_by_a_time_hold_a_trajectory() -> None:
    found = planned("run/t=0.5/f.png", "run/t=0.25/f.png", "run/t=10/f.png")
    assert times_of(found) == {"run": [0.25, 0.5, 10]}
    assert times_of(planned("A_5s/f.png", "A_9s/f.png", "B_5s/f.png")) == {
        "A": [5, 9],
        "B_5s": [0],
    }
    for folders in (("run1", "run2"), ("0.1", "0.2"), ("0.5_2.4", "0.6_2.4")):
        found = planned(*(f"{folder}/f.png" for folder in folders))
        assert times_of(found) == {folder: [0] for folder in folders}
    found = planned("t=1/f_0.png", "t=1/f_5.png", "t=2/f_0.png", "t=2/f_5.png")
    assert times_of(found) == {"t=1": [0, 5], "t=2": [0, 5]}


def test_names_of_trajectories_are_distinct() -> None:
    found = planned("f_1.png", "f_01.png", "g.png")
    assert len(times_of(found)) == len(found.units) == 3


def test_a_pattern_says_what_names_mean() -> None:
    names = ("5_a_x.png", "20_a_x.png", "5_b_x.png", "other.png")
    found = planned(*names, pattern=r"^(?P<time>\d+)_(?P<trajectory>.)")
    assert times_of(found) == {"a": [5, 20], "b": [5]}
    (rejection,) = found.rejections
    assert rejection.file == "other.png"
    assert "does not match" in rejection.reason
    found = planned("A1_0p5_9.png", "A1_0p75_3.png", pattern=r"_(?P<time>.+)_\d")
    assert times_of(found) == {"root": [0.5, 0.75]}
    found = planned("A1_2_9.png", "A1_4_3.png", pattern="^(?P<trajectory>A1)")
    assert times_of(found) == {"A1": [3, 9]} or times_of(found) == {"A1": [2, 4]}


@pytest.mark.parametrize("pattern", ["(?P<time>", r"\d+"])
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(OptionError):
        planned("f_1.png", pattern=pattern)


def test_tables_are_found_in_any_folder_and_other_files_named() -> None:
    found = planned("a/trajectories.csv", "Frames.CSV", "README.md", "x.heic", "f_1.png")
    assert set(found.tables) == {"a"}
    assert set(found.frame_tables) == {""}
    assert [skip.file for skip in found.skipped] == ["README.md"]
    assert [rejection.file for rejection in found.rejections] == ["x.heic"]
