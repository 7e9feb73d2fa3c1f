"""An evaluation with made-up figures, for pages and their words."""

from morphcore.evaluation.result import (
    BaselineFigures,
    EvaluatedFrames,
    Evaluation,
    Hub,
    LatentUsage,
    LengthBin,
    MapTrust,
    NoiseCalibration,
)
from morphcore.statistics.bootstrap import Figure, Interval

NAMES = ("random", "pixels", "random_cnn_pca16", "f_logL", "descriptors")


def evaluation(*, leaking: bool = False, twins: bool = True) -> Evaluation:
    """The model is better than all but f and L."""
    values = {"D@5": 0.25, "r2_f": 0.98, "roll@1": 0.99, "roll_ratio": 0.001, "hub_share": 0.02}
    if twins:
        values |= {"twin@5": 0.66, "twin@5_unseen": 0.6}
    metrics = {
        name: Figure(value, Interval(value * 0.9, value * 1.1)) for name, value in values.items()
    }
    nats = {"neg_elbo_nats": 1800.0, "recon_nats": 800.0, "kl_nats": 1000.0}
    baselines = {}
    for order, name in enumerate(NAMES):
        share = {"f_logL": 0.74, "random": 0.01}.get(name, 0.1 * order)
        baselines[name] = BaselineFigures(
            metrics={key: Figure(share if key != "D@5" else 1 - share) for key in metrics},
            axes="plain",
        )
    return Evaluation(
        metrics={**metrics, **{name: Figure(value) for name, value in nats.items()}},
        baselines=baselines,
        chance={"twin@5": 0.01} if twins else {},
        split=EvaluatedFrames(
            by="frame" if leaking else "trajectory",
            training=100,
            held_out=20,
            twins=50 if twins else 0,
            twins_unseen=10 if twins else 0,
            twin_gallery=60,
        ),
        nats_by_length=(_bin(8.0, 12.0, 9, 900.0, 1100.0), _bin(45.0, None, 3, 200.0, 300.0)),
        latent=LatentUsage(active=2, kl_nats=(0.1, 2.0, 1.0), variance=(0.0, 1.0, 1.0)),
        map=MapTrust(map=1, method="pca", every=5, frames=24, neighbours=5, trustworthiness=0.93),
        noise=NoiseCalibration(
            units=(0.0, 1.0, 10.0),
            twins=(0.0, 0.6, 1.0),
            others=(0.0, 0.1, 0.7),
            median_twin=0.8,
            same_within=2.5,
            others_within=0.25,
        )
        if twins
        else None,
        hubs=(Hub(frame_id=30, share=0.02), Hub(frame_id=31, share=0.01)),
        notes=("20 rolled frames are queries.",),
        seed=0,
        seconds=3.0,
    )


def _bin(low: float, high: float | None, frames: int, recon: float, kl: float) -> LengthBin:
    return LengthBin(
        low=low,
        high=high,
        frames=frames,
        neg_elbo_nats=recon + kl,
        recon_nats=recon,
        kl_nats=kl,
    )
