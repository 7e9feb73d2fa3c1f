"""Colourings of a map's points: label, values and scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from analysis.map_points import MapPoints
from morphcore.frames import rows_of
from morphcore.types import Descriptors, Posteriors, ReconstructionError
from store.properties import FrameProperty
from wording.descriptors import DESCRIPTORS

ColourScale = Literal["none", "classes", "linear", "log", "symlog"]
TRAJECTORY, FAMILY, ERROR, SIGMA, KEPT = "trajectory", "family", "error", "sigma", "kept"
PROPERTY = "property:"  # before the name of one, which may be any text
NOT_KNOWN = "not known"  # the class of frames without a word, drawn gray
MOST_CLASSES = 12  # of words: the rest count as "other"
_FACTS = {"phi": "Blend ratio φ", "chi": "Interaction χ", "time": "Time", "split": "Held out"}
_LOG = ("length", "chord_x", "chord_y", "first_zero", "chord_ratio")  # they span decades
_COUNTS = ("euler", "components_white", "components_black")  # they span decades, and may be 0


@dataclass(frozen=True)
class Colour:
    """A colouring of a map's points, a value each; NaN: not known, drawn gray."""

    name: str  # in the link
    label: str  # in the list
    title: str  # over the legend, with its unit
    scale: ColourScale
    values: Float32[np.ndarray, " points"]  # of classes: their number
    form: str = ""
    classes: tuple[str, ...] = ()


def options(points: MapPoints, latent: int, properties: Sequence[str] = ()) -> dict[str, str]:
    """Names and labels of a map's colourings; parameters only where they are known.

    `latent`: the number of dimensions of z, 0 where z is not known.
    """
    available = {"phi": np.isfinite(points.phi).any(), "chi": np.isfinite(points.chi).any()}
    facts = {name: label for name, label in _FACTS.items() if available.get(name, True)}
    return {
        TRAJECTORY: "Trajectory",
        **({FAMILY: "Family"} if len(set(points.families.values())) > 1 else {}),
        **facts,
        **{f"{PROPERTY}{name}": name for name in properties},
        **{name: descriptor.label for name, descriptor in DESCRIPTORS.items()},
        ERROR: "Reconstruction error",
        **({SIGMA: "Posterior spread σ"} if latent else {}),
        **{f"z{number}": f"Latent z{number}" for number in range(1, latent + 1)},
    }


def by_fact(name: str, points: MapPoints) -> Colour:
    """Colour by a fact of a frame that is not measured on it: trajectory, family, split, time."""
    if name == TRAJECTORY:
        return Colour(name, "Trajectory", "", "none", np.zeros(len(points), dtype=np.float32))
    if name == FAMILY:
        families = [
            points.families.get(owner, "unknown") for owner in points.trajectory_ids.tolist()
        ]
        classes = sorted(set(families))
        codes = np.array([classes.index(family) for family in families], dtype=np.float32)
        return Colour(name, "Family", "Family", "classes", codes, classes=tuple(classes))
    if name == "split":
        codes = np.where(points.own, points.held_out, 2).astype(np.float32)
        sides = ("training", "held out", *(("another data set",) if points.attached else ()))
        return Colour(name, "Held out", "", "classes", codes, classes=sides)
    values = np.asarray(getattr(points, name), dtype=np.float32)
    if name == "time":
        unit = points.time_unit
        values = np.where(values > 0, values, np.float32(np.nan))
        return Colour(name, "Time", f"Time ({unit}), log scale", "log", values, ",.0f")
    return Colour(name, _FACTS[name], _FACTS[name], "linear", values, ".4~g")


def by_property(points: MapPoints, known: FrameProperty) -> Colour:
    """Colour by a property: numbers along a line, words as classes, the most frequent ones."""
    name = f"{PROPERTY}{known.name}"
    values = _joined(known.frame_ids, known.values, points)
    if known.is_number:
        return Colour(name, known.name, known.name, "linear", values, ".4~g")
    there = np.isfinite(values)
    counts = np.bincount(values[there].astype(np.int64), minlength=len(known.classes))
    shown = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES])
    classes = [known.classes[code] for code in shown.tolist()]
    codes = np.full(len(points), len(classes) + 1, dtype=np.float32)  # not known
    codes[there] = np.where(
        np.isin(values[there], shown), np.searchsorted(shown, values[there]), len(classes)
    )
    for code, word in ((len(classes), "other"), (len(classes) + 1, NOT_KNOWN)):
        if (codes == code).any():
            codes[codes == code] = len(classes)
            classes.append(word)
    return Colour(name, known.name, known.name, "classes", codes, classes=tuple(classes))


def by_descriptor(name: str, points: MapPoints, descriptors: Descriptors) -> Colour:
    """Colour by a descriptor; one without meaning before separation is not known there."""
    values = _joined(descriptors.frame_ids, getattr(descriptors, name), points)
    if name != "contrast":
        values = np.where(points.unseparated, np.float32(np.nan), values)
    descriptor = DESCRIPTORS[name]
    title = descriptor.label + (f" ({descriptor.unit.strip()})" if descriptor.unit else "")
    if name in _LOG:
        values = np.where(values > 0, values, np.float32(np.nan))
        return Colour(name, descriptor.label, f"{title}, log scale", "log", values, descriptor.form)
    if name in _COUNTS:
        return Colour(
            name, descriptor.label, f"{title}, log scale", "symlog", values, descriptor.form
        )
    return Colour(name, descriptor.label, title, "linear", values, descriptor.form)


def by_latent(
    name: str, points: MapPoints, frame_ids: Int64[np.ndarray, " frames"], z: Posteriors
) -> Colour:
    """Colour by a dimension of z, "z1" and on, or by the posterior's spread over all of them."""
    if name == SIGMA:
        sigma = np.exp(0.5 * z.logvar).mean(axis=1)
        values = _joined(frame_ids, sigma, points)
        title = "Posterior σ, mean over z (units of z), log scale"
        return Colour(name, "Posterior spread σ", title, "log", values, ".3~g")
    values = _joined(frame_ids, z.mean[:, int(name[1:]) - 1], points)
    return Colour(name, f"Latent {name}", f"{name} (units of z)", "linear", values, ".2f")


def by_error(points: MapPoints, nats: ReconstructionError) -> Colour:
    """Colour by a frame's reconstruction error, in nats."""
    values = _joined(nats.frame_ids, nats.nats, points)
    title = "Reconstruction error (nats per frame), log scale"
    return Colour(ERROR, "Reconstruction error", title, "log", values, ",.0f")


def by_overlap(
    points: MapPoints,
    frame_ids: Int64[np.ndarray, " frames"],
    overlap: Float32[np.ndarray, " frames"],
) -> Colour:
    """Colour by the overlap of a frame's neighbourhoods in two spaces, 0 to 1."""
    values = _joined(frame_ids, overlap, points)
    title = "Neighbours kept (Jaccard, 0 to 1)"
    return Colour(KEPT, "Neighbours kept", title, "linear", values, ".2f")


def _joined(
    frame_ids: Int64[np.ndarray, " known"], values: np.ndarray, points: MapPoints
) -> Float32[np.ndarray, " points"]:
    """Each point's value by its frame; NaN where there is none, or no finite one."""
    rows = rows_of(frame_ids, points.frame_ids)
    out = np.full(len(points), np.nan, dtype=np.float32)
    out[rows >= 0] = values[rows[rows >= 0]]
    out[~np.isfinite(out)] = np.nan
    return out
