"""Labels, meanings and directions of an evaluation's metrics."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

MODEL = "this model"


class Metric(NamedTuple):
    """A metric's label, what it means, and which way is better."""

    label: str
    help: str
    better: Literal["higher", "lower"]
    form: str = ".3f"


METRICS: Mapping[str, Metric] = {
    "twin@1": Metric(
        "Twin recall@1",
        "How often the nearest frame to a twin's is of the same cell, at about the same time. A "
        "twin is a trajectory of the same physics with other noise, which no model has seen.",
        "higher",
    ),
    "twin@5": Metric(
        "Twin recall@5",
        "How often one of the five nearest frames to a twin's is of the same cell, at about the "
        "same time: whether the model finds a process again that other noise has drawn.",
        "higher",
    ),
    "twin@1_unseen": Metric(
        "Unseen twin recall@1", "Twin recall@1 over cells held out of training.", "higher"
    ),
    "twin@5_unseen": Metric(
        "Unseen twin recall@5",
        "Twin recall@5 over cells held out of training: whether it finds processes that it has "
        "never seen.",
        "higher",
    ),
    "family@1": Metric(
        "Family recall@1",
        "How often the nearest frame to a twin's is of its kind of physics.",
        "higher",
    ),
    "D@5": Metric(
        "Descriptor distance@5",
        "How far the five nearest are in what a physicist would measure; 1: as far as chance.",
        "lower",
    ),
    "topology@5": Metric(
        "Topology distance@5",
        "The same, in Euler number, components and what joins top to bottom alone.",
        "lower",
    ),
    "r2_phi": Metric(
        "R² of φ", "How well the ten nearest tell the blend ratio; 1 is perfect.", "higher"
    ),
    "r2_log_t": Metric("R² of ln time", "How well the ten nearest tell the time.", "higher"),
    "r2_f": Metric("R² of area fraction", "How well they tell the area fraction.", "higher"),
    "r2_log_L": Metric("R² of ln L", "How well they tell the domain size.", "higher"),
    "roll@1": Metric(
        "Rolled recall@1",
        "How often a frame rolled along the film finds its own original first.",
        "higher",
    ),
    "roll_ratio": Metric(
        "Rolled distance",
        "How far a rolled frame is from its original; random pairs are at 1.",
        "lower",
        ".4f",
    ),
    "mirror@1": Metric(
        "Mirrored recall@1", "How often a mirrored frame finds its original first.", "higher"
    ),
    "mirror_ratio": Metric(
        "Mirrored distance", "How far a mirrored frame is from its original.", "lower", ".4f"
    ),
    "hub_share": Metric(
        "Largest hub",
        "The share of queries that have one and the same frame among their five nearest.",
        "lower",
    ),
    "false_acceptance_unseen": Metric(
        "False acceptance, unseen",
        "Where 5 % of true twins are rejected: the share of frames of other cells, at the same "
        "time, that are taken for the same process. Over cells that were held out of training.",
        "lower",
    ),
    "false_acceptance": Metric(
        "False acceptance",
        "Where 5 % of true twins are rejected: the share of frames of other cells, at the same "
        "time, that are taken for the same process. Over the twins of all cells.",
        "lower",
    ),
    "false_acceptance_any_time_unseen": Metric(
        "False acceptance, any time",
        "Where 5 % of true twins of unseen cells are rejected: the share of frames of other cells, "
        "of any time, that are taken for the same process. Easier than at the same time.",
        "lower",
    ),
    "eer_unseen": Metric(
        "Equal error rate",
        "The error where as many true twins are rejected as frames of other cells are accepted.",
        "lower",
    ),
    "cllr_unseen": Metric(
        "Cllr",
        "What the likelihood ratios cost, in bits, over all priors: 0 at best; 1 for ratios that "
        "tell nothing; above 1 they mislead.",
        "lower",
    ),
    "min_cllr_unseen": Metric(
        "Least Cllr",
        "What would be left of it with a perfect calibration: how well the ratios rank.",
        "lower",
    ),
    "flip_ratio_wetting": Metric(
        "Flip seen, wetting",
        "How far a frame is from itself upside down; random pairs are at 1. Where one phase wets a "
        "wall, up and down differ, and it must be seen.",
        "higher",
    ),
    "flip_ratio": Metric(
        "Flip seen",
        "How far a frame is from itself upside down, in all kinds of physics; random pairs: 1.",
        "higher",
    ),
    "swap_ratio": Metric(
        "Exchange seen",
        "How far a frame is from itself with black and white exchanged; random pairs are at 1.",
        "higher",
    ),
    "swap_ratio_wetting": Metric(
        "Exchange seen, wetting", "The same, over films whose wall draws one phase.", "higher"
    ),
    "twin_ratio": Metric(
        "Twins apart",
        "How far a twin's frame is from the frame of its own cell nearest in time; random pairs "
        "are at 1. What a flip or an exchange changes shall be more than that.",
        "lower",
    ),
    "twin_ratio_wetting": Metric(
        "Twins apart, wetting", "The same, over films whose wall draws one phase.", "lower"
    ),
}
# How well "the same process" is told from another: a table of their own.
VERIFICATION = (
    "false_acceptance_unseen",
    "false_acceptance",
    "false_acceptance_any_time_unseen",
    "eer_unseen",
    "cllr_unseen",
    "min_cllr_unseen",
)
BASELINES: Mapping[str, str] = {
    "random": "random numbers",
    "pixels": "pixels",
    "pixels_pca16": "pixels, 16 components",
    "hog_pca16": "edge directions (HOG)",
    "random_cnn_pca16": "untrained network",
    "two_point_pca16": "two-point statistics",
    "f_logL": "area fraction and L",
    "descriptors": "all descriptors",
    "scattering": "wavelet scattering",
    "hand_made": "hand-made features",
}
