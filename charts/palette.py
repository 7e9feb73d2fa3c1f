"""Colours of charts, of maps and of the player. Pure: no Altair, no Streamlit."""

from collections.abc import Mapping
from typing import Literal

Theme = Literal["light", "dark"]

# Of middle lightness, so that they read on white and on near-black. In order: runs, trajectories
# that are played together, the two frames of a comparison.
CATEGORICAL = ("#0d9488", "#d97706", "#8b5cf6", "#e11d48", "#2563eb", "#65a30d", "#a16207")
LOSS: Mapping[str, str] = {
    "−ELBO": CATEGORICAL[0],
    "Reconstruction": CATEGORICAL[1],
    "KL": CATEGORICAL[2],
}
GREY = "#7c8b89"  # what is not the model: baselines, reference lines
FAINT = "#9aa8a644"  # what is left out

# Of a map's points: classes, and trajectories that are chosen on it.
CLASSES = ("#4f8fd6", "#e8743b", "#3fa66b", "#b066d6", "#c9a227", "#d65a8a", "#3fa9a9", "#8a8f98")
# Of middle lightness from end to end, so that every point shows on white and on near-black.
SEQUENTIAL = ("#3f6fd8", "#8b5fd0", "#cf559c", "#ee7850", "#e0a41f")
UNKNOWN: Mapping[Theme, str] = {"light": "#a9b4b2", "dark": "#596563"}  # points without a value
INK: Mapping[Theme, str] = {"light": "#16211f", "dark": "#e6edeb"}
QUIET: Mapping[Theme, str] = {"light": "#55605e", "dark": "#a3b0ad"}  # captions, axes
PAPER: Mapping[Theme, str] = {"light": "#ffffff", "dark": "#101817"}
ACCENT: Mapping[Theme, str] = {"light": "#0d6b64", "dark": "#2dd4bf"}
SYNTHETIC: Mapping[Theme, str] = {"light": "#c2410c", "dark": "#fb923c"}
# What a model is worth: the texts green, orange and red of .streamlit/config.toml.
VERDICT: Mapping[str, Mapping[Theme, str]] = {
    "better": {"light": "#0c5a44", "dark": "#7ed5b0"},
    "level": {"light": "#9b4519", "dark": "#f2a56d"},
    "worse": {"light": "#9e303b", "dark": "#f2919a"},
}

# Pixels of two frames laid over each other.
BOTH, NEITHER = "#e2e8f0", "#1e293b"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a colour written #rrggbb."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
