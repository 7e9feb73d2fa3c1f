"""A look before an import in words: what would be stored, in which geometry and order."""

from collections.abc import Mapping, Sequence
from typing import Literal

from morphcore import times
from morphcore.readers.look import ImportLook, TrajectoryLook
from morphcore.types import TimeUnit
from wording.geometry import edges, number, pixel_size, size, sizes
from wording.numbers import amount, percent


def summary(look: ImportLook) -> str:
    """What would be stored, in a line: trajectories, frames, sizes, and what is left out."""
    frames = sum(trajectory.frames for trajectory in look.trajectories)
    parts = [
        amount(len(look.trajectories), "trajectory", "trajectories"),
        amount(frames, "frame"),
        sizes(trajectory.shape for trajectory in look.trajectories),
        pixel_sizes(look.trajectories),
    ]
    if look.rejections:
        parts.append(f"{amount(len(look.rejections), 'file')} cannot be read")
    if look.skipped:
        parts.append(f"{amount(len(look.skipped), 'file')} skipped as no frames")
    return ", ".join(filter(None, parts))


def pixel_sizes(trajectories: Sequence[TrajectoryLook]) -> str:
    """The pixel sizes of trajectories, in one phrase."""
    distinct = {(each.pixel_size, each.length_unit) for each in trajectories}
    if len(distinct) > 1:
        return f"{len(distinct)} pixel sizes"
    for side, unit in distinct:
        return "pixel size not known" if side is None else pixel_size(side, unit)
    return ""


def time_range(values: Sequence[float], unit: TimeUnit) -> str:
    """The first and last time with their unit; of frames that are only counted, their numbers.

    >>> time_range([0.0, 0.5, 10.0], "s"), time_range([0.0, 1.0], "frame")
    ('0 to 10 s', 'frames 1 to 2')
    >>> time_range([20.0], "step")
    'step 20'
    """
    if not len(values):
        return ""
    first, last = times.number(values[0]), times.number(values[-1])
    if not times.known(unit):  # counted from 1, as everywhere on the pages
        return "frame 1" if len(values) == 1 else f"frames 1 to {len(values):,}"
    if unit == times.STEPS:
        return f"{unit} {first}" if len(values) == 1 else f"{unit}s {first} to {last}"
    return f"{first} {unit}" if len(values) == 1 else f"{first} to {last} {unit}"


def moments(trajectory: TrajectoryLook) -> str:
    """The times of the pictures in its strip.

    "Pictures at 0, 0.5 and 10 s", "Pictures of frames 1, 3 and 6".
    """
    unit = trajectory.time_unit
    if times.known(unit):
        chosen = [times.number(trajectory.times[index]) for index in trajectory.strip_indices]
    else:
        chosen = [f"{index + 1:,}" for index in trajectory.strip_indices]
    several = "s" if len(chosen) > 1 else ""
    if unit in (times.STEPS, times.COUNTED):
        return f"Picture{several} of {unit}{several} {listed(chosen)}"
    return f"Picture{several} at {listed(chosen)} {unit}"


def listed(words: Sequence[str]) -> str:
    """Words in a row.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def fraction(share: float) -> str:
    """An area fraction in per cent; next to none and next to all are told from none and all.

    >>> fraction(0.3), fraction(0.0), fraction(0.0004)
    ('30.0 %', '0 %', 'under 0.1 %')
    """
    if share in (0.0, 1.0):
        return percent(share)
    if share < 0.001:
        return "under 0.1 %"
    return "over 99.9 %" if share > 0.999 else percent(share, 1)


def fractions(first_and_last: tuple[float, float], frames: int) -> str:
    """The area fraction of white in the first and the last frame."""
    first, last = (fraction(share) for share in first_and_last)
    return first if frames == 1 else f"{first} first, {last} last"


def facts(trajectory: TrajectoryLook) -> list[tuple[str, str]]:
    """What is known of a trajectory as it would be stored: names and values, in words."""
    low, high = trajectory.value_range
    shown = f"{size(trajectory.shape)} px"
    if trajectory.source_shape != trajectory.shape:
        shown += f", from {size(trajectory.source_shape)}"
    rows = [
        ("Frames", f"{trajectory.frames:,}"),
        ("Times", time_range(trajectory.times, trajectory.time_unit)),
        ("Size", shown),
        ("Pixel size", pixel_size(trajectory.pixel_size, trajectory.length_unit)),
        ("Edges", edges(trajectory.periodic)),
        ("Values", f"{number(low)} to {number(high)}"),
        ("White", trajectory.white),
        ("Area fraction", fractions(trajectory.fraction, trajectory.frames)),
    ]
    if trajectory.params or trajectory.labels:
        rows.append(("Parameters", properties(trajectory.params, trajectory.labels)))
    return rows


def once(
    trajectories: Sequence[TrajectoryLook], what: Literal["warnings", "done"]
) -> list[tuple[str, str]]:
    """Each sentence once, in order, with the names of the trajectories that it is said of.

    The names are "r1, r2 and 3 more: ", and empty where it is said of all.
    """
    owners: dict[str, list[str]] = {}
    for trajectory in trajectories:
        for sentence in dict.fromkeys(getattr(trajectory, what)):
            owners.setdefault(sentence, []).append(trajectory.name)
    return [
        (sentence, "" if len(names) == len(trajectories) else f"{some(names)}: ")
        for sentence, names in owners.items()
    ]


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are.

    >>> some(["a", "b"]), some(["a", "b", "c", "d"])
    ('a and b', 'a, b and 2 more')
    """
    shown = [*names] if len(names) <= 3 else [*names[:2], f"{len(names) - 2:,} more"]
    return listed(shown)


def properties(params: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """Numbers and words that are known of a trajectory.

    >>> properties({"phi": 0.5}, {"solvent": "CB"})
    'phi = 0.5, solvent = CB'
    """
    given = {name: number(value) for name, value in params.items()} | dict(labels)
    return ", ".join(f"{name} = {value}" for name, value in given.items())


def found(name: str, trajectories: Sequence[TrajectoryLook]) -> str:
    """What was found for an option, in words; empty where nothing was, or not the same for all."""
    readings = {_found(name, trajectory) for trajectory in trajectories}
    return next(iter(readings)) if len(readings) == 1 else ""


def _found(name: str, trajectory: TrajectoryLook) -> str:
    match name:
        case "threshold":
            return number(trajectory.threshold)
        case "value_range":
            return " to ".join(number(value) for value in trajectory.value_range)
        case "pixel_size":
            return "" if trajectory.pixel_size is None else number(trajectory.pixel_size)
        case "length_unit":
            return "" if trajectory.pixel_size is None else trajectory.length_unit
        case "time_unit":
            return trajectory.time_unit
        case "time_step":
            steps = {
                number(after - before)
                for before, after in zip(trajectory.times, trajectory.times[1:], strict=False)
            }
            return next(iter(steps)) if len(steps) == 1 else ""
        case "periodic":
            return edges(trajectory.periodic)
        case _:
            return ""
