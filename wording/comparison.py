"""A comparison of two frames in sentences, computed from its figures, never free text.

Pure, no Streamlit. The second frame is described against the first.
"""

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from analysis.comparison import Comparison, Difference
from analysis.frame_query import FrameQuery
from analysis.search import Match
from morphcore.alignment.registration import Alignment
from morphcore.descriptors.contrast import SEPARATED_FROM
from morphcore.types import Descriptors, Neighbour
from wording.descriptors import fraction_and_length
from wording.likelihood_ratio import RatioText, no_ratio, ratio_text
from wording.numbers import amount, figure, percent

SAME_FRACTION = 0.01  # area fractions that are less apart count as the same
SAME_SIZE = 1.06  # so do lengths of a smaller ratio
JOINED = 0.3  # the least change of the joined share that is mentioned
SHAPE = 1.25  # of the chords' ratio
MANY = 1.5  # the least ratio of domain counts that is mentioned
SHARPER = 0.2  # the least change of contrast that is mentioned
HARDLY = 0.3  # contrast up to which a frame has hardly begun to separate


class ComparisonText(NamedTuple):
    """The texts on two compared frames."""

    a: str
    b: str
    summary: str  # b against a
    ratio: RatioText
    nearness: str
    unit: str
    among_pairs: str
    among_steps: str
    distance: str
    distance_note: str
    overlay: str


def describe(comparison: Comparison, prior: float | None = None) -> ComparisonText:
    """Describe two compared frames: ratio, distance, unit, percentiles, differences and overlay.

    `prior`: the probability that one process made both, before they were looked at.
    """
    distance, uncertainty = comparison.distance, comparison.uncertainty
    return ComparisonText(
        a=facts(comparison.a.query, comparison.a.descriptors),
        b=facts(comparison.b.query, comparison.b.descriptors),
        summary=sentence(comparison.differences),
        ratio=ratio(comparison, prior),
        nearness=nearness(comparison),
        unit=unit(comparison),
        among_pairs=among(comparison.percentile),
        among_steps=among(comparison.step_percentile),
        distance=f"{figure(distance, 3)} ± {figure(uncertainty)}",
        distance_note=distance_note(comparison),
        overlay=overlay(comparison.alignment),
    )


def distance_note(comparison: Comparison) -> str:
    """What the distance lies between, and what its ± is."""
    latents = comparison.a.latents
    if latents.own_z is None and not latents.z_missing:
        return "Between their latents; ± the standard deviation that both are unsure by."
    return "Between their embeddings; ± what other realisations of both processes would change."


def facts(query: FrameQuery, descriptors: Descriptors) -> str:
    """Area fraction and domain size of a query in a line; `descriptors` in one row."""
    return fraction_and_length(
        float(descriptors.fraction[0]),
        float(descriptors.length[0]),
        unseparated=query.unseparated,
        contrast=query.contrast,
        pixel_size=query.pixel_size,
        length_unit=query.length_unit,
    )


def sentence(differences: Sequence[Difference]) -> str:
    """Describe differences in area fraction and size, and others where they are large enough.

    Where one of the frames has not separated yet, that is all there is to say.
    """
    named = {difference.name: difference for difference in differences}
    contrast = named["contrast"]
    if contrast.a < SEPARATED_FROM or contrast.b < SEPARATED_FROM:
        return _unseparated(contrast)
    parts = [_area_fraction(named["fraction"]), _size(named["length"])]
    parts += _joined(named["connected_white"], "white") + _joined(named["connected_black"], "black")
    if len(parts) == 2:  # where joined parts change, counts change with them
        parts += _count(named["components_white"], "white") + _count(
            named["components_black"], "black"
        )
    parts += _shape(named["chord_ratio"]) + _contrast(contrast)
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def distance(neighbour: Neighbour | Match, units: float | None) -> str:
    """A neighbour's distance, as of `distance_parts`, in one line."""
    return ", ".join(distance_parts(neighbour, units))


def distance_parts(neighbour: Neighbour | Match, units: float | None) -> tuple[str, str]:
    """A neighbour's distance, in units where there are any, and how random pairs compare with it.

    `units` is the distance in units of the scatter.
    """
    text = "0.000" if neighbour.distance < 5e-4 else figure(neighbour.distance, 3)
    if units is not None:
        text += f" ({figure(units)} of the scatter)"
    nearer = 100 - neighbour.percentile
    if nearer < 0.1:
        compared = "farther than nearly all random pairs"
    elif not neighbour.percentile:
        compared = "nearer than all random pairs"
    else:
        share = "more than 99.9 %" if nearer > 99.9 else f"{nearer:.1f} %"
        compared = f"nearer than {share} of random pairs"
    return f"distance {text}", compared


def ratio(comparison: Comparison, prior: float | None = None) -> RatioText:
    """The likelihood ratio of two frames, or why there is none."""
    if comparison.ratio is not None:
        return ratio_text(comparison.ratio, prior)
    frames = (("A", comparison.a), ("B", comparison.b))
    return no_ratio(
        unlike=[name for name, each in frames if each.is_outlier],
        unseparated=[name for name, each in frames if each.query.unseparated],
        error=comparison.ratio_error,
    )


def nearness(comparison: Comparison) -> str:
    """The distance in the unit; without a ratio what it means; without a unit, how to have one."""
    if comparison.units is None:
        return "Without a unit: index this run again to have distances in units of the scatter."
    units = f"{comparison.units:.2g}" if comparison.units < 10 else f"{comparison.units:,.0f}"
    counted = f"{units} {'unit' if units == '1' else 'units'}"
    said = verdict(comparison)
    return counted if said is None else f"{counted}: {said}"


def verdict(comparison: Comparison) -> str | None:
    """Whether both frames could be of one process, by their distance alone; None as `same` is."""
    if comparison.same is None:
        return None
    return "could be the same process" if comparison.same else "another process, or another time"


def among(percentile: float) -> str:
    """A percentile in words of one glance; NaN where there is nothing to compare with."""
    if percentile != percentile:
        return "–"
    if percentile < 0.1:
        return "fewer than 0.1 %"
    return "nearly all" if percentile > 99.9 else f"{percentile:.1f} %"


def unit(comparison: Comparison) -> str:
    """The unit of distances; without a ratio, the limit up to which frames could be the same."""
    within = f"{comparison.same_within:.2g}"
    words = "1 unit: as far apart as two films of one process at one time usually are. "
    if comparison.same is None:
        return words + "It ranks frames, and is no verdict."
    if comparison.calibrated:
        return words + f"Of true twins, 95 % are within {within} units (Quality)."
    return words + (
        f"Up to {within} units count as the same; an evaluation with twins (Quality) measures "
        "where that line lies for this model."
    )


def overlay(alignment: Alignment | None) -> str:
    """The roll of the second frame onto the first, and how the overlay is read."""
    if alignment is None:
        return "The frames have different sizes, so they are not laid on top of each other."
    moved = f"rolled by {alignment.pixels} px"
    if alignment.mirrored:
        moved = f"mirrored and {moved}"
    return (
        f"B {moved}, where most pixels agree: {percent(alignment.agreement)}. White: in both; teal:"
        " white in A alone; orange: in B alone. By chance about half agree, whatever the frames"
        " mean: the model looks at what a frame is like, not at where things are."
    )


def _unseparated(contrast: Difference) -> str:
    """One of the frames, or both, have not separated."""
    a, b = f"{contrast.a:.2f}", f"{contrast.b:.2f}"
    early = [name for name, own in (("A", contrast.a), ("B", contrast.b)) if own < SEPARATED_FROM]
    if len(early) == 2:
        return f"Neither has separated yet: contrast {a} and {b}."
    own, other = (a, b) if early == ["A"] else (b, a)
    begun = "hardly begun to separate" if float(own) < HARDLY else "not separated yet"
    return f"{early[0]} has {begun}: contrast {own} for {other}."


def _contrast(contrast: Difference) -> list[str]:
    if not abs(contrast.b - contrast.a) >= SHARPER:
        return []
    further = "further" if contrast.b > contrast.a else "less far"
    return [f"{further} separated (contrast {contrast.b:.2f} for {contrast.a:.2f})"]


def _area_fraction(fraction: Difference) -> str:
    delta = fraction.b - fraction.a
    if abs(delta) < SAME_FRACTION:
        return "same area fraction"
    more = "more" if delta > 0 else "less"
    points = amount(round(abs(delta) * 100), "point")
    return f"{points} {more} white ({percent(fraction.b)} for {percent(fraction.a)})"


def _size(length: Difference) -> str:
    ratio = length.b / length.a if length.a else 1.0
    if 1 / SAME_SIZE < ratio < SAME_SIZE:
        return "domains of the same size"
    return (
        f"domains {ratio:.2g} times coarser"
        if ratio > 1
        else f"domains {1 / ratio:.2g} times finer"
    )


def _joined(share: Difference, colour: str) -> list[str]:
    if share.b < share.a - JOINED:
        return [f"{colour} {'no longer' if share.b < 0.05 else 'less'} joined from top to bottom"]
    if share.b > share.a + JOINED:
        return [f"{colour} {'now' if share.a < 0.05 else 'more'} joined from top to bottom"]
    return []


def _count(count: Difference, colour: str) -> list[str]:
    ratio = max(count.b, 1) / max(count.a, 1)
    if 1 / MANY < ratio < MANY or abs(count.b - count.a) < 3:
        return []
    return [
        f"{'more' if ratio > 1 else 'fewer'} {colour} domains ({count.b:.0f} for {count.a:.0f})"
    ]


def _shape(chords: Difference) -> list[str]:
    """Whether domains are longer along the film or across it, by the ratio of both chords."""
    if not (isfinite(chords.a) and isfinite(chords.b) and chords.a > 0):
        return []
    ratio = chords.b / chords.a
    if 1 / SHAPE < ratio < SHAPE:
        return []
    return [f"longer {'along' if ratio > 1 else 'across'} the film"]
