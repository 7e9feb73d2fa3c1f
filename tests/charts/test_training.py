import pytest

from charts import training as curves
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, EpochMetrics, TrainingPoint


def epoch(number: int, recon: float = 5000.0, kl: float = 10.0) -> EpochMetrics:
    return EpochMetrics(number, number * 30.0, 1e-3, 500.0, recon, kl, recon + 100.0, kl + 1.0)


def point(step: int, nats: float = 100.0) -> TrainingPoint:
    """A point of epochs of 10 steps, a step a second."""
    return TrainingPoint(step, step / 10, float(step), 500.0, nats, 1.0)


def lines(chart) -> list[dict]:
    """The rows that a chart's first layer draws."""
    spec = chart.to_dict()
    layer = spec["layer"][0] if "layer" in spec else spec
    return spec["datasets"][layer.get("data", spec.get("data"))["name"]]


def reference(chart) -> list[dict]:
    spec = chart.to_dict()
    return spec["datasets"][spec["layer"][1]["data"]["name"]]


def test_a_chart_of_many_epochs_draws_at_most_a_thousand_of_each_line():
    rows = lines(curves.loss([epoch(n) for n in range(5001)], "−ELBO"))
    for name in ("training", "held-out"):
        drawn = [row["epoch"] for row in rows if row["set"] == name]
        assert len(drawn) <= 1000
        assert (drawn[0], drawn[-1]) == (0, 5000)


@pytest.mark.parametrize(
    ("quantity", "training", "held_out"),
    [("−ELBO", 5010.0, 5111.0), ("Reconstruction", 5000.0, 5100.0), ("KL", 10.0, 11.0)],
)
def test_each_quantity_shows_its_own_values(quantity, training, held_out):
    rows = lines(curves.loss([epoch(1), epoch(2)], quantity))
    assert {row["value"] for row in rows if row["set"] == "training"} == {training}
    assert {row["value"] for row in rows if row["set"] == "held-out"} == {held_out}


def test_time_is_in_minutes():
    rows = lines(curves.loss([epoch(1), epoch(4)], "KL", against="time"))
    assert sorted({row["x"] for row in rows}) == [0.5, 2.0]


def test_the_axis_says_its_unit_and_does_not_start_at_zero():
    encoding = curves.loss([epoch(1), epoch(2)], "KL").to_dict()["layer"][0]["encoding"]
    assert encoding["y"]["title"] == "nats per frame"
    assert encoding["y"]["scale"] == {"zero": False}
    assert curves.loss([epoch(1)], "KL", log=True).to_dict()["layer"][0]["encoding"]["y"]["scale"][
        "type"
    ] == ("log")


def test_a_coin_flip_is_marked_only_where_the_curve_passes_it():
    falling = [epoch(0, recon=28_000.0), epoch(1, recon=9_000.0)]
    assert [row["value"] for row in reference(curves.loss(falling, "−ELBO"))] == [
        40_000 * COIN_FLIP_NATS_PER_PIXEL
    ]
    assert reference(curves.loss(falling[1:], "−ELBO")) == []
    assert reference(curves.loss(falling[:1], "−ELBO")) == []
    assert reference(curves.loss(falling, "Reconstruction")) == []


def test_what_has_no_place_on_a_log_axis_is_left_out():
    rows = lines(curves.loss([epoch(0, kl=0.0), epoch(1)], "KL"))
    assert [(row["epoch"], row["set"]) for row in rows if row["epoch"] == 0] == [(0, "held-out")]


def test_runs_are_overlaid_by_their_held_out_figure():
    chart = curves.overlay({"b": [epoch(1)], "a": [epoch(1, recon=1.0), epoch(2)]})
    points = [(row["run"], row["epoch"], row["value"]) for row in lines(chart)]
    assert points == [("b", 1, 5111.0), ("a", 1, 112.0), ("a", 2, 5111.0)]
    assert chart.to_dict()["encoding"]["color"]["scale"]["domain"] == ["b", "a"]
    curves.overlay({}).to_dict()


def test_the_last_half_begins_in_the_middle():
    epochs = [epoch(n) for n in range(101)]
    shown = curves.from_epoch(epochs, curves.middle(epochs))
    assert (shown[0].epoch, shown[-1].epoch) == (50, 100)
    assert curves.from_epoch(epochs[:1], 7) == epochs[:1]


def test_the_grid_tells_cells_that_are_simulated():
    rows = lines(curves.cells([(0.5, 2.2), (0.615, 4.0)], {(0.615, 4.0)}))
    assert [(row["phi"], row["chi"], row["cell"]) for row in rows] == [
        ("0.500", "2.2", "left out"),
        ("0.615", "4.0", "simulated"),
    ]


def test_a_coin_flip_and_nats_per_pixel_are_those_of_the_frames_size():
    pixels = 512.0 * 512.0
    falling = [epoch(0, recon=190_000.0, kl=0.0), epoch(1, recon=100_000.0)]
    chart = curves.loss(falling, "−ELBO", pixels=pixels)
    (flip,) = reference(chart)
    assert flip == {
        "value": pytest.approx(pixels * COIN_FLIP_NATS_PER_PIXEL),
        "words": "a coin flip for every pixel: 181,704",
    }
    row = next(row for row in lines(chart) if row["epoch"] == 0)
    assert row["per_pixel"] == pytest.approx(row["value"] / pixels)


def test_runs_on_frames_of_several_sizes_are_overlaid_per_pixel():
    pixels = {"a": 100.0, "b": 1000.0}
    chart = curves.overlay({"a": [epoch(1)], "b": [epoch(1)]}, pixels=pixels)
    assert [row["value"] for row in lines(chart)] == [51.11, 5.111]
    assert chart.to_dict()["encoding"]["y"]["title"] == "nats per pixel"


def test_training_is_drawn_by_its_points_and_held_out_figures_by_epochs_on_one_axis():
    by_step = [
        EpochMetrics(n, 10.0 * n, 1e-3, 500.0, 70.0, 1.0, 80.0, 1.0, min(10 * n, 24))
        for n in range(4)
    ]
    curve = [point(step) for step in (3, 8, 13, 18, 24)]
    rows = lines(curves.loss(by_step, "−ELBO", points=curve))
    drawn = {
        name: [(row["x"], row["value"], row["step"]) for row in rows if row["set"] == name]
        for name in ("training", "held-out")
    }
    assert drawn["training"][0] == (0, 71.0, "0")  # of the model before its first step
    assert drawn["training"][1:] == [(each.epoch, 101.0, str(each.step)) for each in curve]
    # The last epoch ended early, with step 24 of 30.
    assert [x for x, *_ in drawn["held-out"]] == [0, 1, 2, 2.4]
    assert {value for _, value, _ in drawn["held-out"]} == {81.0}


def test_epochs_of_a_version_without_points_stay_where_a_resume_adds_some():
    old = [epoch(n) for n in range(3)]  # to second 60
    rows = lines(curves.loss(old, "KL", points=[point(70), point(80)], against="time"))
    xs = [row["x"] for row in rows if row["set"] == "training"]
    assert xs == [0.0, 0.5, 1.0, 70 / 60, 80 / 60]


def test_the_chart_stays_the_same_one_while_a_training_grows():
    def spec(epochs: int, points: int) -> dict:
        chart = curves.loss(
            [epoch(n) for n in range(epochs)], "−ELBO", points=[point(n) for n in range(points)]
        ).to_dict()

        def bare(part: dict) -> dict:
            return {key: value for key, value in part.items() if key not in ("data", "datasets")}

        return {**bare(chart), "layer": [bare(layer) for layer in chart["layer"]]}

    assert spec(1, 0) == spec(2, 5) == spec(60, 2000)
