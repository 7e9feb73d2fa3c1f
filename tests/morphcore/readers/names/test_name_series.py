"""Names that differ by a number alone are one series, in order of its value."""

import numpy as np
import pytest

from morphcore.readers.names.name_series import NameSeries, series_of

TIMES = [
    (["t=0.001", "t=0.02", "t=0.1", "t=0.25", "t=1", "t=10"], [0.001, 0.02, 0.1, 0.25, 1, 10]),
    (["t1e-05", "t1e-03", "t1e+00", "t2.5E+3"], [1e-5, 1e-3, 1, 2500]),
    (["time_0p5", "time_1p25", "time_1p5", "time_2p0"], [0.5, 1.25, 1.5, 2]),
    (["t_-10", "t_-5", "t_0", "t_5"], [-10, -5, 0, 5]),
    (["t-10", "t-5", "t0", "t5"], [-10, -5, 0, 5]),  # beside t0, a dash is a minus
    (["run-5", "run-10"], [5, 10]),  # else it separates
    (["anim.0000", "anim.0010", "anim.0020"], [0, 10, 20]),
    (["0000_phase", "0010_phase", "0020_phase"], [0, 10, 20]),
    (["frame_5_of_20", "frame_10_of_20", "frame_20_of_20"], [5, 10, 20]),
    (["step000004", "step000005", "step000006"], [4, 5, 6]),
    (["t0,25", "t0,5"], [0.25, 0.5]),
    (["v1.2.3_10", "v1.2.3_20"], [10, 20]),
    (["data_0.5_2.4_000220"], [220]),
    (["phi_000100", "phi_000200"], [100, 200]),  # a field called phi
    (["phase_000100", "phase_000200"], [100, 200]),
    (["image (2)", "image (10)"], [2, 10]),
    (["a_20", "a_8", "a_9"], [8, 9, 20]),
]


@pytest.mark.parametrize(("names", "times"), TIMES, ids=lambda value: str(value[0]))
def test_times_are_the_values_of_the_numbers(names: list[str], times: list[float]) -> None:
    (series,) = series_of(names[::-1])
    assert series.times.tolist() == times
    assert series.unit == "step"
    assert sorted(series.members) == sorted(names)
    assert series.members == tuple(names[::-1][row] for row in series.rows)


@pytest.mark.parametrize(
    ("names", "times", "unit"),
    [
        (["10s", "20s", "100s"], [10, 20, 100], "s"),
        (["x_30ms_mask", "x_100ms_mask"], [30, 100], "ms"),
        (["x_1us", "x_2.5us"], [1, 2.5], "µs"),
        (["a 5 min", "a 10 min"], [5, 10], "min"),
        (["0", "10s", "5min", "2h"], [0, 10, 300, 7200], "s"),
        (["f_100ns", "f_5us"], [1e-7, 5e-6], "s"),
        (["a_45min", "a_1h30m", "a_2h"], [2700, 5400, 7200], "s"),
        (["time(ms)=5", "time(ms)=10"], [5, 10], "ms"),
        (["t_0.5_s", "t_1.5_s"], [0.5, 1.5], "s"),
        (["IMG_20240301T115930", "IMG_20240301T120000", "IMG_20240301T120030"], [0, 30, 60], "s"),
        (["2024-03-01_11-59-30", "2024-03-02_12-00-30.5"], [0, 86460.5], "s"),
        (["20240301235959", "20240302000001"], [0, 2], "s"),
        (["PXL_20240301_115930123", "PXL_20240301_115931000"], [0, 0.877], "s"),
        (["2024-03-01T11:59:30.250Z", "2024-03-01T11:59:31.000Z"], [0, 0.75], "s"),
        (["day 1", "day 10"], [1, 10], "d"),
        (["film_2024-02-28", "film_2024-03-01"], [0, 2], "d"),
        (["f_0", "f_1", "f_2"], [0, 1, 2], "frame"),  # these only count
        (["f_1", "f_2", "f_3"], [0, 1, 2], "frame"),
        (["f_1700000000000", "f_1700000000500"], [0, 1], "frame"),  # a clock
        (["IMG_4711"], [0], "frame"),
    ],
)
def test_units_and_stamps(names: list[str], times: list[float], unit: str) -> None:
    (series,) = series_of(names)
    assert series.times.tolist() == times
    assert series.unit == unit
    assert series.members == tuple(names)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["A_0", "A_5", "B_0", "B_5"], {"A": [0, 5], "B": [0, 5]}),
        (["img_0", "img_0_mask", "img_7", "img_7_mask"], {"img": [0, 7], "img_mask": [0, 7]}),
        (["phi0.5_chi2.4_t0.1", "phi0.5_chi2.4_t1"], {"phi0.5_chi2.4": [0.1, 1]}),
        (["phi0.5_chi2.4_t1", "phi0.6_chi2.4_t3"], {"phi0.5_chi2.4": [1], "phi0.6_chi2.4": [3]}),
        (["phi0.5_chi2.4", "phi0.6_chi2.4"], {"phi0.5_chi2.4": [0], "phi0.6_chi2.4": [0]}),
        (["0.514_2.4", "0.53_2.6"], {"0.514_2.4": [0], "0.53_2.6": [0]}),
        (
            ["data_0.514_2.4_000220", "data_0.514_2.4_000020", "data_0.528_2.4_000020"],
            {"data_0.514_2.4": [20, 220], "data_0.528_2.4": [20]},
        ),
        (["20C", "25C"], {"20C": [0], "25C": [0]}),
        (["20C_t1", "20C_t2.5", "30C_t1"], {"20C": [1, 2.5], "30C": [1]}),
        (["run1_t0.1", "run1_t0.3", "run2_t0.1"], {"run1": [0.1, 0.3], "run2": [0.1]}),
        (["run1_t0.1", "run2_t0.2"], {"run1": [0.1], "run2": [0.2]}),
        (["seed1", "seed2"], {"seed1": [0], "seed2": [0]}),
        (["s0_z0", "s0_z1", "s9_z0", "s9_z1"], {"s_z0": [0, 9], "s_z1": [0, 9]}),
        (["1_0.1", "1_0.3", "2_0.1", "2_0.3"], {"1": [0.1, 0.3], "2": [0.1, 0.3]}),
        (["frame_0_t0.5", "frame_1_t0.75", "frame_2_t2"], {"": [0.5, 0.75, 2]}),
        (["3_0.9", "4_0.8", "6_0.7"], {"": [3, 4, 6]}),  # the last one falls, so it is no time
        (["f_20", "other"], {"f_20": [0], "other": [0]}),
        (["t_0", "t_5", "time_0", "time_5"], {"t": [0, 5], "time": [0, 5]}),
        (["Concentration/time_0", "Concentration/time_100"], {"Concentration": [0, 100]}),
        (
            ["20240301_115930_0005", "20240301_115930_0009", "20240301_130000_0005"],
            {"20240301_115930": [5, 9], "20240301_130000": [0]},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_not_the_time_names_the_series(
    names: list[str], expected: dict[str, list[float]]
) -> None:
    assert {series.name: series.times.tolist() for series in series_of(names)} == expected


@pytest.mark.parametrize(
    "names",
    [
        ["f_1", "f_2", "f_01", "f_02"],
        ["t0.5", "t0p5", "t1", "t1.0"],
        ["same", "same"],
        ["t_5", "t_5"],
        ["20240301T115930", "2024-03-01T115930", "20240301T115931"],
    ],
)
def test_equal_times_are_never_in_one_series(names: list[str]) -> None:
    found = series_of(names)
    assert len(found) > 1
    assert len({series.name for series in found}) == len(found)
    for series in found:
        assert (np.diff(series.times) > 0).all()
    assert sorted(row for series in found for row in series.rows) == list(range(len(names)))


def kinds_of_names() -> list[str]:
    stems = ["a_{}", "{}", "run2_t={}s", "img{}_x", "{}-{}", "phi0.5_chi2.4_{}", "x.y{}", "(t={})"]
    numbers = ["0", "01", "1", "-3", "2.5", "1e-3", "1E999", "0p5", "20240301T115930", "20240231"]
    return [stem.replace("{}", number) for stem in stems for number in numbers] + ["", "-", "٣"]


def test_each_name_is_in_one_series_whatever_the_order() -> None:
    names = kinds_of_names()
    first = series_of(names)
    assert sorted(row for series in first for row in series.rows) == list(range(len(names)))
    assert all(np.isfinite(series.times).all() for series in first)
    shuffled = [names[row] for row in np.random.default_rng(0).permutation(len(names))]

    def contents(found: tuple[NameSeries, ...]) -> set[tuple[str, ...]]:
        return {series.members for series in found}

    assert contents(series_of(shuffled)) == contents(first)


def test_nothing_is_made_of_nothing() -> None:
    assert series_of([]) == ()


def test_dates_may_have_their_day_first() -> None:
    (series,) = series_of(["s_28.02.2024", "s_02.03.2024", "s_01.03.2024"])
    assert series.times.tolist() == [0, 2, 3]
    assert series.unit == "d"


def test_screenshots_may_tell_the_time_by_half_days() -> None:
    clocks = ("9.59.30 AM", "11.00.00 AM", "1.10.30\u202fPM", "12.00.00 PM")
    (series,) = series_of([f"Screen Shot 2024-03-01 at {clock}" for clock in clocks])
    assert series.times.tolist() == [0, 3630, 7230, 11460]
    assert series.unit == "s"
