"""Trajectories of the arrays of a file: which are frames, which are times, which neither.

A file of arrays (npz, MATLAB, HDF5, NetCDF) holds beside the frames their times, coordinates and
parameters. What the file says of an array's axes counts; else its shape, and the lengths of the
times and coordinates beside it; what is left open is asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from morphcore.progress import Progress, ignore
from morphcore.readers import units
from morphcore.readers.arrays.axes import Layout, layout
from morphcore.readers.arrays.checks import check_dtype, check_frames
from morphcore.readers.arrays.fields import Field, is_image_like
from morphcore.readers.arrays.grids import (
    dims_by_coordinates,
    is_column,
    is_grid,
    with_spacing_beside,
)
from morphcore.readers.arrays.quantities import other_quantities
from morphcore.readers.arrays.times_beside import (
    Times,
    time_column,
    time_lengths,
    times_beside,
    times_of_steps,
)
from morphcore.readers.limits import ReadLimits
from morphcore.readers.names.name_series import series_of
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.types import Rejection


def stacks_of(
    fields: Sequence[Field],
    shown: str,
    limits: ReadLimits,
    options: ImportOptions,
    *,
    time_last: bool = False,
    progress: Progress = ignore,
) -> Iterator[Stack | Rejection]:
    """Make trajectories of the arrays of a file; `shown` is its name in rejections.

    Arrays of frames over time are a trajectory each, and pictures beside them are skipped, which
    their `done` says. Where there are only pictures, those whose names differ in a number are one
    trajectory. `time_last`: an array of three axes without further hints has time as its last.

    Raises:
        UnreadableFrame: if no array could be frames.
    """
    columns = [one for one in fields if is_column(one.shape) and one.dtype.kind in "iufmM"]
    films: list[tuple[Field, Layout]] = []
    pictures: list[tuple[Field, Layout]] = []
    rejections: list[Rejection] = []
    others = other_quantities([one for one in fields if is_image_like(one.shape)])
    for one in fields:
        if not is_image_like(one.shape) or any(one is other for other in others):
            continue
        try:
            if one.fault:
                raise UnreadableFrame(one.fault)
            check_dtype(one.dtype)
            found = layout(
                one.shape,
                one.dtype,
                one.facts.dims or dims_by_coordinates(one, fields),
                options,
                time_lengths=time_lengths(one, columns),
                time_last=time_last,
                first=None if one.facts.axes else partial(one.slices, 0),
            )
            check_frames(found.frames_shape, limits)
        except UnreadableFrame as err:
            if not one.name:
                raise
            rejections.append(Rejection(f"{shown}/{one.name}", str(err)))
            continue
        one = replace(one, facts=with_spacing_beside(one, found, fields))
        (pictures if found.time is None else films).append((one, found))
    yield from rejections
    if not films and not pictures:
        if rejections:
            return
        faults = [f" {one.name}: {one.fault}" for one in fields if one.fault][:3]
        raise UnreadableFrame(
            "It holds no array of frames; accepted are [height, width] and [time, height, width]."
            + "".join(faults)
        )
    chosen, skipped = _without_grids(films, pictures)
    grouped = (
        [_Film(((one, found),), one.name) for one, found in chosen] if films else _series(chosen)
    )
    said = (*_skipped_sentence(skipped), *_left_out_sentence(others))
    for number, film in enumerate(grouped):
        progress(number / len(grouped))
        stack = _stack(film, columns, options)
        part = film.name if len(grouped) > 1 else ""
        yield replace(stack, part=part, done=(*stack.done, *said))


def _without_grids(
    films: list[tuple[Field, Layout]], pictures: list[tuple[Field, Layout]]
) -> tuple[list[tuple[Field, Layout]], list[Field]]:
    """Divide arrays into frames and those that are skipped: coordinates, pictures beside films."""
    if films:
        kept = [entry for entry in films if len(films) == 1 or not _is_grid(*entry)]
        kept = kept or films
        dropped = [one for one, _ in films if all(one is not other for other, _ in kept)]
        return kept, [*dropped, *(one for one, _ in pictures)]
    kept = [entry for entry in pictures if len(pictures) == 1 or not _is_grid(*entry)]
    kept = kept or pictures
    return kept, [one for one, _ in pictures if all(one is not other for other, _ in kept)]


def _is_grid(one: Field, found: Layout) -> bool:
    return is_grid(one.last_name, next(_frames(one, found)()))


@dataclass(frozen=True)
class _Film:
    """Arrays that are one trajectory: one over time, or pictures in time order."""

    members: tuple[tuple[Field, Layout], ...]
    name: str
    times: np.ndarray | None = None  # by the names of its pictures
    time_unit: str | None = None


def _series(pictures: list[tuple[Field, Layout]]) -> list[_Film]:
    """Join pictures of one shape and type whose names differ in a number, in order of it."""
    alike: dict[object, list[tuple[Field, Layout]]] = {}
    for one, found in pictures:
        alike.setdefault((found.frames_shape, one.dtype), []).append((one, found))
    films: list[_Film] = []
    for entries in alike.values():
        for series in series_of([one.name for one, _ in entries]):
            members = tuple(entries[row] for row in series.rows)
            if len(members) == 1:
                films.append(_Film(members, members[0][0].name))
            else:
                name = series.name.strip("/") or "frames"
                films.append(_Film(members, name, series.times, series.unit))
    return films


def _stack(film: _Film, columns: Sequence[Field], options: ImportOptions) -> Stack:
    members = film.members
    one, found = members[0]
    facts = one.facts
    count, *picture = found.frames_shape
    if len(members) > 1:
        count = len(members)
    times, unit, said = _times(film, columns, count)
    axes = found.axes or facts.axes
    questions = found.questions
    y_up = facts.y_up
    size, length_unit = units.named(facts.pixel_size, facts.length_unit)
    if facts.question == "x first" and options.axes is None and axes is None:
        questions = (*questions, found.x_first_question(one.shape))
    elif facts.question == "x first" and axes == "xy":
        y_up = True
    done = [*facts.done, *found.done, *said]
    if one.facts.params and len(members) > 1:
        shared = [member.facts.params for member, _ in members]
        params = {
            name: value
            for name, value in shared[0].items()
            if all(other.get(name) == value for other in shared)
        }
    else:
        params = dict(facts.params)

    def frames() -> Iterator[np.ndarray]:
        for member, member_layout in members:
            yield from _frames(member, member_layout)()

    return Stack(
        Values3D((count, *picture), found.dtype(one.dtype), frames),
        axes=axes,
        y_up=y_up,
        times=times,
        time_unit=unit,
        params=params,
        periodic=facts.periodic,
        pixel_size=size,
        length_unit=length_unit,
        done=tuple(done),
        questions=questions,
    )


def _times(film: _Film, columns: Sequence[Field], count: int) -> Times:
    one = film.members[0][0]
    facts = one.facts
    if len(film.members) > 1:
        each = [member.facts.times for member, _ in film.members]
        if all(times is not None and len(times) == 1 for times in each):
            times = np.array([float(times[0]) for times in each if times is not None])
            if (np.diff(times) > 0).all():
                return times, facts.time_unit, []
        own = times_of_steps([member for member, _ in film.members], columns)
        if own[0] is not None:
            return own
        if film.time_unit != "frame" or not time_column(one, columns, count):
            return film.times, film.time_unit, []
    if facts.times is not None and len(facts.times) == count:
        return facts.times.astype(np.float64), facts.time_unit, []
    return times_beside(one, columns, count)


def _frames(one: Field, found: Layout) -> Callable[[], Iterator[np.ndarray]]:
    def frames() -> Iterator[np.ndarray]:
        if found.time is None:
            yield found.picture(one.whole())
            return
        for piece in one.slices(found.time):
            yield found.picture(piece)

    return frames


def _skipped_sentence(skipped: Sequence[Field]) -> tuple[str, ...]:
    if not skipped:
        return ()
    names = ", ".join(one.name for one in skipped[:6])
    more = f" and {len(skipped) - 6} more" if len(skipped) > 6 else ""
    return (f"Skipped: {names}{more} (coordinates, or no frames over time as the others).",)


def _left_out_sentence(others: Sequence[Field]) -> tuple[str, ...]:
    if not others:
        return ()
    names = ", ".join(one.name for one in others[:6])
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    return (f"Left out: {names}{more}, of another quantity than the composition.",)
