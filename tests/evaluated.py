"""An evaluation as `jobs.evaluate` keeps it, with made-up figures, for pages and their words."""

from typing import Any

NAMES = ("random", "pixels", "random_cnn_pca16", "f_logL", "descriptors")


def evaluation(*, leaking: bool = False, twins: bool = True) -> dict[str, Any]:
    """The model is better than all but f and L."""
    figures = {"D@5": 0.25, "r2_f": 0.98, "roll@1": 0.99, "roll_ratio": 0.001, "hub_share": 0.02}
    if twins:
        figures |= {"twin@5": 0.66, "twin@5_unseen": 0.6}
    baselines = {}
    for place, name in enumerate(NAMES):
        share = {"f_logL": 0.74, "random": 0.01}.get(name, 0.1 * place)
        baselines[name] = {key: share if key != "D@5" else 1 - share for key in figures}
        baselines[name]["axes"] = "plain"  # type: ignore[assignment]
    return {
        "metrics": {**figures, "neg_elbo_nats": 1800.0, "recon_nats": 800.0, "kl_nats": 1000.0},
        "intervals": {name: [value * 0.9, value * 1.1] for name, value in figures.items()},
        "baselines": baselines,
        "baseline_intervals": {name: {} for name in NAMES},
        "chance": {"twin@5": 0.01} if twins else {},
        "split": {
            "by": "frame" if leaking else "trajectory",
            "leaking": leaking,
            "training": 100,
            "held_out": 20,
            "twins": 50 if twins else 0,
            "twins_unseen": 10 if twins else 0,
            "twin_gallery": 60,
        },
        "nats_by_length": [
            {"from": 8.0, "to": 12.0, "frames": 9, "recon_nats": 900.0, "kl_nats": 1100.0},
            {"from": 45.0, "to": None, "frames": 3, "recon_nats": 200.0, "kl_nats": 300.0},
        ],
        "latent": {"dimensions": 3, "active": 2, "kl_nats": [0.1, 2.0, 1.0], "variance": [0, 1, 1]},
        "map": {"map": 1, "method": "pca", "every": 5, "frames": 24, "trustworthiness": 0.93},
        "scatter": {
            "units": [0.0, 1.0, 10.0],
            "twins": [0.0, 0.6, 1.0],
            "others": [0.0, 0.1, 0.7],
            "median_twin": 0.8,
            "same_within": 2.5,
            "others_within": 0.25,
        }
        if twins
        else {},
        "hubs": [{"frame_id": 30, "share": 0.02}, {"frame_id": 31, "share": 0.01}],
        "notes": ["20 rolled frames are queries."],
        "seed": 0,
        "seconds": 3.0,
    }
