"""Where a drawn or uploaded frame lies against a data set: its area fraction and L on two bars."""

from math import isfinite, log

import streamlit as st

from analysis.descriptor_range import DataRange, Range
from wording import data_range as words

_ROW = (
    '<div style="display:grid;grid-template-columns:5.5rem minmax(6rem,1fr) auto;gap:.75rem;'
    'align-items:center;font-size:.875rem">'
    '<b>{value}</b><span role="img" aria-label="{value}, {side}" style="position:relative;'
    'height:.75rem"><span style="{line};left:0;right:0;top:.3rem;height:.15rem;opacity:.3"></span>'
    '<span style="{line};left:{low:.1f}%;width:{wide:.1f}%;top:.15rem;height:.45rem;opacity:.45">'
    '</span><span style="{line};left:calc({at:.1f}% - .125rem);width:.25rem;top:-.15rem;'
    'height:1.05rem"></span></span><span>{side}</span></div>'
)
_LINE = "position:absolute;background:currentColor;border-radius:.15rem"
_AROUND = 4  # the axis of L goes on by this factor on both sides of the data


def show(share: float, pixels: float, data: DataRange) -> None:
    """Show a share of white and a domain size L in pixels against the data's."""
    axis = log(data.length.low / _AROUND), log(data.length.high * _AROUND)
    in_log = Range(*(log(each) for each in vars(data.length).values()))
    rows = [_row(words.fraction(share, data), share, data.fraction, (0.0, 1.0))]
    if isfinite(pixels) and pixels > 0:
        rows.append(_row(words.length(pixels, data), log(pixels), in_log, axis))
    st.html("".join(rows))


def _row(said: tuple[str, str], value: float, data: Range, axis: tuple[float, float]) -> str:
    low, at, high = (
        100 * min(max((each - axis[0]) / (axis[1] - axis[0]), 0.0), 1.0)
        for each in (data.low, value, data.high)
    )
    return _ROW.format(
        value=said[0], side=said[1], line=_LINE, low=low, wide=max(high - low, 1.0), at=at
    )
