"""Figures of verification: are two frames of one process, or of two?

Pairs are of a twin's frame and one of the gallery (`morphcore.statistics.pairs`). Their scores are
those of the two-covariance model, whose covariances are of training cells; an embedding's own
calibration, of training cells too, makes ratios of them. Cells count alike. docs/metrics.md
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from morphcore.statistics import verification, verification_bootstrap
from morphcore.statistics.bootstrap import Figure
from morphcore.statistics.pairs import Pairs, VerificationPairs, verification_pairs
from morphcore.statistics.ratio_calibration import RatioCalibration
from morphcore.statistics.two_covariance import TwoCovariance
from morphcore.statistics.verification import Tally


@dataclass(frozen=True)
class Embedded:
    """Embedded frames with their cells and times."""

    coords: Float[np.ndarray, "frames axes"]
    cells: Int64[np.ndarray, " frames"]
    log_times: Float64[np.ndarray, " frames"]


@dataclass(frozen=True)
class Verified:
    """Figures by their ids, and the pairs of each unseen cell; None without unseen cells."""

    figures: Mapping[str, Figure]
    unseen: Tally | None


NONE = Verified({}, None)


def verify(
    queries: Embedded,
    gallery: Embedded,
    scoring: TwoCovariance,
    calibration: RatioCalibration | None,
    *,
    unseen: Bool[np.ndarray, " queries"],
    seed: int,
) -> Verified:
    """Judge the scores of pairs at one time, of all and of unseen cells, and those at any time."""

    def drawn(*, same_time: bool) -> VerificationPairs:
        return verification_pairs(
            queries.cells,
            queries.log_times,
            gallery.cells,
            gallery.log_times,
            rng=np.random.default_rng(seed),
            same_time=same_time,
        )

    def tally(pairs: VerificationPairs, calibrated: RatioCalibration | None = None) -> Tally | None:
        """The pairs of each cell by their scores, or by their ratios; None without pairs."""
        if not len(pairs.same) or not len(pairs.different):
            return None

        def score(which: Pairs) -> Float64[np.ndarray, " n"]:
            raw = scoring.log_ratio(queries.coords[which.query], gallery.coords[which.gallery])
            return raw if calibrated is None else calibrated.log_ratios(raw)

        same, different = queries.cells[pairs.same.query], queries.cells[pairs.different.query]
        return verification.tally_by_cell(
            score(pairs.same), score(pairs.different), same, different
        )

    def figure(measure: verification_bootstrap.Measure, of: Tally) -> Figure:
        return verification_bootstrap.figure(measure, of, seed=seed)

    at_one_time = drawn(same_time=True)
    everything, held = tally(at_one_time), tally(at_one_time.among(unseen))
    figures = {}
    if everything is not None:
        figures["false_acceptance"] = figure(verification.false_acceptance, everything)
    if held is None:
        return Verified(figures, None)
    figures["false_acceptance_unseen"] = figure(verification.false_acceptance, held)
    figures["eer_unseen"] = figure(verification.equal_error_rate, held)
    figures["min_cllr_unseen"] = figure(verification.min_cllr, held)
    at_any = tally(drawn(same_time=False).among(unseen))
    if at_any is not None:
        name = "false_acceptance_any_time_unseen"
        figures[name] = figure(verification.false_acceptance, at_any)
    if calibration is not None:
        ratios = tally(at_one_time.among(unseen), calibration)
        assert ratios is not None
        figures["cllr_unseen"] = figure(verification.cllr, ratios)
    return Verified(figures, held)
