"""The detection curve; the other charts of an evaluation are tested with their words."""

from dataclasses import replace

from charts import evaluation as charts
from morphcore.statistics.verification import FALSE_REJECTIONS
from tests.evaluated import evaluation


def test_the_detection_curve_has_the_model_first_and_the_baselines_that_have_one():
    made = evaluation(verified=True)
    spec = charts.detection(made).to_dict()
    lines = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert lines["encoding"]["color"]["scale"]["domain"] == [
        "this model",
        "area fraction and L",
        "wavelet scattering",
    ]
    rows = max(spec["datasets"].values(), key=len)
    at = {row["rejected"]: row for row in rows if row["embedding"] == "this model"}
    assert at[0.05]["accepted"] == 0.04
    assert 0.0 not in at  # which a log axis does not have


def test_what_is_never_accepted_is_drawn_at_the_foot_of_the_axis_and_told_as_it_is():
    never = dict.fromkeys(("model",), (0.0,) * len(FALSE_REJECTIONS))
    spec = charts.detection(replace(evaluation(verified=True), detection=never)).to_dict()
    rows = max(spec["datasets"].values(), key=len)
    assert {(row["accepted"], row["drawn"]) for row in rows} == {(0.0, 0.001)}
