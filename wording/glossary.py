"""The glossary: one definition a term, shown as help and all on the Help page."""

from collections.abc import Mapping
from typing import NamedTuple

from morphcore.descriptors.contrast import SEPARATED_FROM


class Term(NamedTuple):
    """A word as it is written on pages, and what it means in a sentence or two."""

    name: str
    meaning: str


TERMS: Mapping[str, Term] = {
    "frame": Term(
        "Frame",
        "One picture of a film at one time, in gray: one material is dark, the other bright. A "
        "model sees it in black and white. Simulated frames are 400 × 100 pixels, with the film's "
        "two surfaces above and below; imported ones keep their own size.",
    ),
    "trajectory": Term(
        "Trajectory", "The frames of one film in the order of time, as it separates and coarsens."
    ),
    "phi": Term("φ, phi", "The blend ratio: the share of one material in the film. No unit."),
    "chi": Term(
        "χ, chi",
        "The interaction: how strongly the two materials avoid each other. No unit. The clock of "
        "a simulation goes with it: a step is 12 units of time below χ = 3 and 1.2 from 3 on, as "
        "in the two batches of published frames that it is fitted to. So the same step is not the "
        "same time on both sides.",
    ),
    "kappa": Term(
        "κ, kappa",
        "The gradient energy of a simulation, in px²: interfaces are wide where it is large. It "
        "is 8 for all χ; data sets from before 28 November 2026 have 12 below χ = 3 and 5 from 3 "
        "on.",
    ),
    "scheme": Term(
        "Scheme",
        "How a simulation goes through time: of second order, adaptive (BDF2). Before 28 November "
        "2026 it was of first order, whose long steps let late domains coarsen at 0.8 (χ 2.4) to "
        "0.4 (χ 4) of their true speed; a step was 10 units of time below χ = 3 and 2 from 3 on.",
    ),
    "fraction": Term(
        "Area fraction",
        "The share of a frame's pixels that are white, 0 to 1. It is not the composition φ: a film "
        "that separates keeps φ, while the share of each phase follows the lever rule.",
    ),
    "length": Term(
        "Domain size L",
        "How coarse a frame is, in pixels and, where the size of a pixel is known, in its unit: "
        "its area over the length of the line between black and white. Stripes of all directions "
        "with a period of 40 px have an L of 20 px. Before a film has separated, that line is the "
        "threshold's, not the material's: L means nothing.",
    ),
    "contrast": Term(
        "Contrast",
        "How far a frame's two phases have parted in gray: the share of full separation, 0 (mixed) "
        "to 1 (two sharp phases). Of a simulation, the deviation of composition over that of two "
        "phases at the binodal; of a picture, what lies between both classes of its gray levels.",
    ),
    "separated": Term(
        "Not yet separated",
        f"A frame whose contrast is below {SEPARATED_FROM}: there, black and white are the "
        "threshold's doing, not the material's. Such frames are shown, and left out where frames "
        "are compared.",
    ),
    "latent": Term(
        "Latent",
        "The few numbers (16, unless chosen otherwise) that a model keeps of a frame, called z: "
        "pictures are decoded from them. Map, search and comparison see a frame's embedding: "
        "frames with near embeddings are alike to the model. Of a seed model that is z itself; a "
        "two-level model has an embedding of its own, along the directions in which frames differ "
        "most against what is chance in them.",
    ),
    "encoded_again": Term(
        "Encoded again",
        "A picture that a model has decoded, given to its encoder: does it land where the picture "
        "was asked for? The distance is that in the embedding where a frame or a place on the map "
        "was asked for, else that in z, and is told beside those of pictures of stored frames.",
    ),
    "elbo": Term(
        "−ELBO",
        "What training makes small: the nats for a frame, those of the reconstruction (what is "
        "wrong in the picture given back) and of the KL divergence (what the latent numbers say). "
        "A coin flip for every pixel costs 0.693 nats a pixel, 27,726 for 400 × 100; a nat is 1.44 "
        "bits. Training measures all held-out frames, an evaluation the separated ones: once there "
        "is one, its figure is given.",
    ),
    "held_out": Term(
        "Held out",
        "Kept away from training, to judge the model on what it has not seen. By trajectory, "
        "whole trajectories are kept apart. By frame, single frames are: their neighbours in time, "
        "nearly the same pictures, are then in training, so the figures flatter.",
    ),
    "epoch": Term("Epoch", "One pass of a training over all of its frames."),
    "step": Term(
        "Step",
        "Of a training: one batch of frames that it learns from. Equal numbers of steps and equal "
        "seeds give equal models, however fast the machine is. Of a simulation: its count of "
        "time, see χ.",
    ),
    "index": Term(
        "Index", "The latent of every frame of a data set under one model, kept in the store."
    ),
    "current": Term(
        "Current model",
        "The one with which Map, Compare, Model and Quality start: the newest, until another is "
        "made current on the Train page. A link to another model shows that one.",
    ),
    "tsne": Term(
        "t-SNE",
        "A map that keeps each frame's nearest neighbours near it. How far apart two groups lie, "
        "how large a group looks and where it lies mean nothing, and another seed gives another "
        "arrangement. Trust who is next to whom, and nothing else.",
    ),
    "pca": Term(
        "PCA",
        "The latent space seen from the side on which it is widest. Distances along its two axes "
        "are true to scale; what differs only along others is not seen.",
    ),
    "twin": Term(
        "Twin",
        "One more trajectory of the same physics and parameters with other noise. A model is good "
        "if it finds, for a twin's frame, frames of the same cell at about the same time. No model "
        "is trained on twins.",
    ),
    "replicate": Term(
        "Replicates",
        "Further realisations of a data set's training cells: the same physics and parameters, "
        "other noise. From them is learnt what chance is, that is, how far apart two films may be "
        "that one process made; twins, which judge what was learnt, are not among them.",
    ),
    "trial": Term(
        "Trial",
        "A short training of a tuning, with settings that the trials before it suggest. It is a "
        "run like any other.",
    ),
    "validation": Term(
        "Validation frames",
        "Frames taken out of the training ones, by which settings are chosen. They are no longer "
        "fit to judge what comes of it; held-out frames are, which no trial has seen.",
    ),
    "cell": Term("Cell", "One choice of physics and parameters, such as φ = 0.5 and χ = 2.4."),
    "baseline": Term(
        "Baseline",
        "Another way to say which frames are alike, asked the same as the model: pixels, "
        "two-point statistics, all descriptors ... A model is worth its training where it is "
        "better than these.",
    ),
    "descriptor": Term(
        "Descriptors",
        "What a physicist would measure on a frame: area fraction, L, Euler number, components, "
        "what joins top to bottom, chords, the first zero of the two-point covariance; in gray, "
        "the contrast.",
    ),
    "property": Term(
        "Property",
        "A number or a word that is known of frames or trajectories beside their pictures, such "
        "as a current, a modulus or a treatment, from a table of yours. No model is trained on it: "
        "it is predicted from the frames that the model puts nearest, of other cells.",
    ),
    "scatter": Term(
        "Unit of scatter",
        "The unit of distances: how far apart a model puts two realisations of the same process. "
        "It ranks frames; whether one process made two, the likelihood ratio says.",
    ),
    "ratio": Term(
        "Likelihood ratio",
        "How many times as probable two frames are if one process made both, at about one time, "
        "as if two of the data set did; calibrated on cells that were kept apart, with the "
        'interval of that, and "at least" beyond what its pairs support. It is evidence: a '
        "probability takes a prior, too, how often one process makes both. A frame unlike all that "
        "the model knows has none.",
    ),
    "percentile": Term(
        "Percentile",
        "The share of random pairs of stored frames that are nearer to each other than this pair: "
        "0 is as near as it gets.",
    ),
    "hub": Term(
        "Hub", "A frame that is near to a great many others, and so crowds out better answers."
    ),
    "interval": Term(
        "95 % interval",
        "Where a figure would lie, 19 times of 20, had other trajectories been drawn to judge by: "
        "it comes of drawing whole trajectories anew, with replacement.",
    ),
}


def meaning(*names: str) -> str:
    """The help text of some terms, a paragraph each."""
    return "\n\n".join(f"**{TERMS[name].name}**: {TERMS[name].meaning}" for name in names)
