"""The preview of an import: what would be stored, before anything is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from morphcore import frames as framing
from morphcore.readers.look import ImportLook, TrajectoryLook
from morphcore.times import COUNTED, STEPS
from morphcore.times import plain as plain_time
from ui.datasets import import_options
from wording import geometry
from wording import imports as words
from wording.escapes import plain
from wording.numbers import amount

_PAGE = 20  # trajectories whose pictures are shown at once
_TABLE_FROM = 6  # trajectories that are listed in a table, too
_GAP_COLOUR = (128, 128, 128, 110)  # red, green, blue, alpha
_HIGH, _WIDE = 200, 250  # pixels of the screen that a picture of a strip has at most


def ask(look: ImportLook) -> None:
    """Show every question with the widget that decides it, nothing of it filled in."""
    if not look.questions:
        return
    with st.container(border=True, key="import_questions"):
        st.markdown("**To be decided before the import**")
        for option in dict.fromkeys(question.option for question in look.questions):
            for question in look.questions:
                if question.option == option:
                    st.markdown(f":orange[:material/help:] {plain(question.message)}")
            import_options.show_one(option, look)
        if len(look.trajectories) > 1:
            st.caption(
                f"What is decided holds for all {len(look.trajectories):,} trajectories; what "
                "needs another answer is imported by itself."
            )


def remarks(look: ImportLook) -> None:
    """Show the warnings, and what was done unasked; each once, with the trajectories it is of."""
    for sentence, names in words.once(look.trajectories, "warnings"):
        st.warning(plain(f"{names}{sentence}"), icon=":material/warning:")
    done = words.once(look.trajectories, "done")
    if done:
        st.markdown(
            "\n".join(f"- :small[{plain(f'{names}{sentence}')}]" for sentence, names in done)
        )


def show(look: ImportLook) -> None:
    """Show all that was found, the first trajectories with their pictures."""
    _left_out(look)
    found = look.trajectories
    if len(found) >= _TABLE_FROM:
        st.dataframe(
            rows(found),
            hide_index=True,
            placeholder="–",
            height="auto",
            column_config={
                "Frames": st.column_config.NumberColumn(format="localized"),
                "Warnings": st.column_config.NumberColumn(),
            },
            alt="The trajectories as they would be stored",
        )
    page = 1
    if len(found) > _PAGE:
        page = st.pagination(-(-len(found) // _PAGE), key="import_page", width=420)
        first, last = (page - 1) * _PAGE + 1, min(page * _PAGE, len(found))
        st.caption(f"Pictures of trajectories {first:,} to {last:,} of {len(found):,}.")
    for trajectory in found[(page - 1) * _PAGE : page * _PAGE]:
        _trajectory(trajectory)


def rows(trajectories: Sequence[TrajectoryLook]) -> list[dict[str, Any]]:
    """The rows of the table of trajectories."""
    return [
        {
            "Trajectory": each.name,
            "Frames": each.frames,
            "Times": words.time_range(each.times, each.time_unit),
            "Size, px": geometry.size(each.shape),
            "Pixel size": geometry.pixel_size(each.pixel_size, each.length_unit),
            "White": each.white,
            "Area fraction": words.fractions(each.fraction, each.frames),
            "Parameters": words.properties(each.params, each.labels),
            "Warnings": len(each.warnings),
        }
        for each in trajectories
    ]


def strip_picture(
    strip: UInt8[np.ndarray, "pictures h w"], threshold: float
) -> UInt8[np.ndarray, "rows columns 4"]:
    """The pictures of a strip side by side: gray above, in black and white below.

    The gaps are a clear gray, which is seen beside black and white on a light and a dark page.
    """
    white = np.where(framing.binarise(strip, threshold), np.uint8(255), np.uint8(0))
    count, height, width = strip.shape
    gap = _gap(width)
    picture = np.zeros((2 * height + gap, count * (width + gap) - gap, 4), dtype=np.uint8)
    picture[:] = _GAP_COLOUR
    for row, pictures in enumerate((strip, white)):
        for column, gray in enumerate(pictures):
            top, left = row * (height + gap), column * (width + gap)
            place = picture[top : top + height, left : left + width]
            place[..., :3] = gray[..., None]
            place[..., 3] = 255
    return picture


def _gap(width: int) -> int:
    """Pixels between pictures of that width."""
    return max(2, width // 32)


def _strip_width(strip: UInt8[np.ndarray, "pictures h w"]) -> int:
    """The pixels of the screen that a strip is wide, so that its pictures are not too high."""
    count, height, width = strip.shape
    one = min(_WIDE, _HIGH * width / height)
    return max(1, int(one * (count + (count - 1) * _gap(width) / width)))


def _trajectory(trajectory: TrajectoryLook) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(trajectory.name)}**")
        st.markdown(
            " &ensp; ".join(
                f":small[:gray[{name}] {plain(_unbroken(value))}]"
                for name, value in words.facts(trajectory)
            )
        )
        st.image(
            strip_picture(trajectory.strip, trajectory.gray_threshold),
            width=_strip_width(trajectory.strip),
            output_format="PNG",
            alt=f"{words.moments(trajectory)} of {trajectory.name}: gray, and below in black "
            "and white",
        )
        moments = plain(words.moments(trajectory))
        st.caption(f"{moments}: gray, and below what becomes black and white.")
        if len(trajectory.files) > 1:
            with st.expander(f"{amount(len(trajectory.files), 'file')} in this order"):
                st.dataframe(
                    order(trajectory),
                    hide_index=True,
                    placeholder="–",
                    height="auto",
                    alt=f"The files of {trajectory.name} in their order",
                )


def _unbroken(value: str) -> str:
    """A short text that is not divided at the end of a line."""
    return value.replace(" ", "\u00a0") if len(value) <= 40 else value


def order(trajectory: TrajectoryLook) -> list[dict[str, Any]]:
    """The rows of the table of files: each with the time of its frame, where it has one each."""
    times, unit = trajectory.times, trajectory.time_unit
    if len(times) != len(trajectory.files):
        return [{"File": file} for file in trajectory.files]
    label = unit.capitalize() if unit in (STEPS, COUNTED) else f"Time, {unit}"
    return [
        {label: plain_time(time), "File": file}
        for time, file in zip(times, trajectory.files, strict=True)
    ]


def _left_out(look: ImportLook) -> None:
    if look.rejections:
        title = f"{amount(len(look.rejections), 'file')} cannot be read"
        with st.expander(title, icon=":material/block:", expanded=len(look.rejections) <= 5):
            st.dataframe(
                [{"File": each.file, "Why": each.reason} for each in look.rejections],
                hide_index=True,
                placeholder="–",
                alt="Files that cannot be read, with the reason",
            )
    if look.skipped:
        title = f"{amount(len(look.skipped), 'file')} skipped, because no frames are in it"
        if len(look.skipped) > 1:
            title = f"{amount(len(look.skipped), 'file')} skipped, because they are no frames"
        with st.expander(title, icon=":material/do_not_disturb_on:"):
            st.text("\n".join(look.skipped))
