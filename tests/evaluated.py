"""An evaluation with made-up figures, for pages and their words."""

from morphcore.evaluation.result import (
    BaselineFigures,
    EvaluatedFrames,
    Evaluation,
    Hub,
    LatentUsage,
    Learnt,
    LengthBin,
    MapTrust,
    NoiseCalibration,
)
from morphcore.statistics.bootstrap import Figure, Interval
from morphcore.statistics.verification import FALSE_REJECTIONS
from wording.metrics import METRICS

NAMES = (
    *("random", "pixels", "random_cnn_pca16", "f_logL", "descriptors"),
    *("scattering", "hand_made"),
)


def evaluation(*, leaking: bool = False, twins: bool = True, verified: bool = False) -> Evaluation:
    """The model is better than all but f and L; `verified`: with all that came later.

    Those are figures of verification and paired differences.
    """
    values = {"D@5": 0.25, "r2_f": 0.98, "roll@1": 0.99, "roll_ratio": 0.001, "hub_share": 0.02}
    if twins:
        values |= {"twin@5": 0.66, "twin@5_unseen": 0.6}
    metrics = {
        name: Figure(value, Interval(value * 0.9, value * 1.1)) for name, value in values.items()
    }
    if verified:
        values = {"false_acceptance_unseen": 0.04, "false_acceptance": 0.03, "eer_unseen": 0.045}
        values |= {"min_cllr_unseen": 0.18}
        metrics |= {
            name: Figure(value, Interval(value / 2, 2 * value)) for name, value in values.items()
        }
    nats = {"neg_elbo_nats": 1800.0, "recon_nats": 800.0, "kl_nats": 1000.0}
    baselines = {}
    for order, name in enumerate(NAMES):
        share = {"f_logL": 0.74, "random": 0.01}.get(name, 0.1 * order)
        baselines[name] = BaselineFigures(
            metrics={
                key: Figure(1 - share if METRICS[key].better == "lower" else share)
                for key in metrics
            },
            axes="plain",
        )
    if verified:
        of_model = {"cllr_unseen": 0.2, "flip_ratio_wetting": 0.4, "flip_ratio": 0.3}
        metrics |= {name: Figure(value) for name, value in of_model.items()}
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
        differences=_differences() if verified else {},
        detection=_detection() if verified else {},
        learnt=Learnt(source="replicates", realisations=184, cells=46) if verified else None,
    )


def _differences() -> dict[str, dict[str, Figure]]:
    """Below area fraction and L, above all others; of false acceptance the quotient."""
    less, more = Figure(-0.14, Interval(-0.2, -0.05)), Figure(0.1, Interval(0.02, 0.18))
    by_name = {name: less if name == "f_logL" else more for name in NAMES}
    quotients = {name: Figure(0.4, Interval(0.2, 0.7)) for name in NAMES}
    return {"twin@5": by_name, "twin@5_unseen": by_name, "false_acceptance_unseen": quotients}


def _detection() -> dict[str, tuple[float, ...]]:
    """False acceptance that falls as 0.002 over false rejection, of baselines later."""
    return {
        name: tuple(min(1.0, least / max(at, 1e-9)) for at in FALSE_REJECTIONS)
        for name, least in (("model", 0.002), ("f_logL", 0.005), ("scattering", 0.003))
    }


def _bin(low: float, high: float | None, frames: int, recon: float, kl: float) -> LengthBin:
    return LengthBin(
        low=low,
        high=high,
        frames=frames,
        neg_elbo_nats=recon + kl,
        recon_nats=recon,
        kl_nats=kl,
    )
