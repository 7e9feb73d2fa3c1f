from analysis.property_prediction import Prediction
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.statistics.bootstrap import Figure, Interval
from wording import properties


def _prediction(**changes: object) -> Prediction:
    known = {"name": "JSC", "value": -85.0, "neighbours": 10, "low": -120.0, "high": -60.0}
    return Prediction(**{**known, **changes})


def test_a_prediction_says_its_range_its_trust_and_what_is_known() -> None:
    made = _prediction(r2=0.787, group="cell", own=-80.0)
    whole = f"{properties.predictors([made])} {properties.predicted(made)}"
    assert whole == (
        "The 10 nearest frames of other trajectories predict **JSC -85** (from -120 to -60);"
        " R² 0.79 by frames of other cells in the last evaluation; its own is -80"
    )
    assert properties.predicted(_prediction()).endswith("; not evaluated")


def test_a_word_says_how_many_agree() -> None:
    made = _prediction(name="batch", value="as_cast", low=None, high=None, votes=7)
    assert properties.predicted(made) == r"**batch as\_cast** (7 of 10)"


def test_predictors_are_counted() -> None:
    assert properties.predictors([_prediction(neighbours=1)]).startswith("The nearest frame of an")
    few = [_prediction(neighbours=3), _prediction(neighbours=10)]
    assert properties.predictors(few).startswith("The 3 to 10 nearest frames")


def test_the_table_has_a_row_a_property_and_a_column_an_embedding() -> None:
    figures = PropertyFigures(
        name="JSC",
        dataset="lab",
        group="batch",
        frames=393,
        groups=17,
        model=Figure(0.8, Interval(0.7, 0.9)),
        baselines={"f_logL": Figure(0.77)},
    )
    assert properties.rows([figures]) == [
        {
            "Property": "JSC",
            "this model": 0.8,
            "95 % from": 0.7,
            "95 % to": 0.9,
            "area fraction and L": 0.77,
            "Left out": "values of batch",
            "Groups": 17,
            "Frames": 393,
        }
    ]
    assert "JSC, by 0.80 (95 %: 0.70 to 0.90)" in properties.told([figures])


def test_a_card_names_a_few_and_the_rest_where_the_pointer_rests() -> None:
    known = {"a": 1.0, "b": 2.5, "c": "dry", "d_1": 4.0}
    assert properties.few(known) == "a 1 · b 2.5 · c dry · 1 more"
    assert properties.rest(known) == r"d\_1 4"
    assert properties.rest({"a": 1.0}) is None
