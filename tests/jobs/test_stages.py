"""The stages of a job: what is left is told by the work that is left, and never stands still."""

from itertools import pairwise

import pytest

from jobs.stages import PRIOR_SECONDS, Stage, Timeline

PLAN = [Stage("simulate", 20.0), Stage("train", 100.0), Stage("index", 40.0)]


class Clock:
    """A clock that goes as it is told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def to(self, seconds: float) -> None:
        self.seconds = seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timeline(clock: Clock) -> Timeline:
    timeline = Timeline(clock)
    timeline.plan(PLAN)
    return timeline


def states(timeline: Timeline) -> list[tuple[str, str]]:
    return [(row.key, row.state) for row in timeline.rows()]


def test_before_anything_is_measured_the_usual_seconds_are_left(timeline: Timeline):
    assert timeline.seconds_left() is None
    timeline.begin("simulate")
    timeline.report(0.0)
    assert timeline.seconds_left() == pytest.approx(160.0)
    assert states(timeline) == [("simulate", "now"), ("train", "to come"), ("index", "to come")]


def test_a_machine_of_half_the_speed_needs_twice_as_long_for_what_is_to_come(
    timeline: Timeline, clock: Clock
):
    timeline.begin("simulate")
    timeline.report(0.0)
    clock.to(40.0)
    timeline.begin("train")
    timeline.report(0.0)
    # 40 s for 20, beside the seconds of the usual pace that it is weighed against.
    pace = (40.0 + PRIOR_SECONDS) / (20.0 + PRIOR_SECONDS)
    assert timeline.seconds_left() == pytest.approx(pace * 140.0)
    assert [row.seconds for row in timeline.rows()] == [40.0, 0.0, None]


def test_a_stage_that_is_well_under_way_is_told_by_its_own_speed(timeline: Timeline, clock: Clock):
    timeline.begin("simulate")
    timeline.report(0.0)
    clock.to(60.0)
    timeline.report(0.5)
    own = timeline.rows()[0].left
    assert own == pytest.approx(60.0)


def test_what_the_work_itself_says_is_left_counts(timeline: Timeline, clock: Clock):
    timeline.begin("train")
    timeline.report(0.1, 300.0)
    assert timeline.rows()[1].left == pytest.approx(300.0)
    clock.to(30.0)
    assert timeline.rows()[1].left == pytest.approx(270.0, rel=0.02)


def test_between_reports_the_time_left_falls_and_the_share_rises(timeline: Timeline, clock: Clock):
    timeline.begin("simulate")
    timeline.report(0.0)
    seen = []
    for second in range(0, 120, 5):
        clock.to(float(second))
        seen.append((timeline.seconds_left() or 0.0, timeline.share()))
    assert all(before[0] > after[0] for before, after in pairwise(seen))
    assert all(before[1] < after[1] for before, after in pairwise(seen))
    assert seen[-1][0] > 140.0  # what comes after is still to come


def test_the_share_never_falls_where_a_stage_takes_longer_than_was_thought(
    timeline: Timeline, clock: Clock
):
    timeline.begin("simulate")
    timeline.report(0.0)
    clock.to(20.0)
    timeline.report(0.9)
    before = timeline.share()
    clock.to(200.0)
    timeline.report(0.91)
    assert timeline.share() >= before


def test_what_an_earlier_process_did_counts_as_done_and_says_nothing_of_the_pace(
    timeline: Timeline, clock: Clock
):
    timeline.begin("simulate")
    timeline.report(1.0)  # all of it was there
    clock.to(0.1)
    timeline.begin("train")
    timeline.report(0.5)
    assert timeline.seconds_left() == pytest.approx(50.0 + 40.0, rel=0.01)
    assert timeline.share() == pytest.approx(70.0 / 160.0, abs=0.01)


def test_stages_said_later_come_next_and_known_ones_keep_their_place(timeline: Timeline):
    timeline.begin("train")
    timeline.plan([Stage("axes", 5.0), Stage("index", 80.0), Stage("maps", 1.0)])
    assert [row.key for row in timeline.rows()] == ["simulate", "train", "axes", "index", "maps"]
    assert [row.usual for row in timeline.rows()][3] == 80.0


def test_the_pace_of_earlier_jobs_makes_the_usual_seconds_of_this_machine(clock: Clock):
    timeline = Timeline(clock)
    timeline.trust({"train": 0.1})
    timeline.plan(PLAN)
    timeline.begin("simulate")
    timeline.report(0.0)
    assert timeline.seconds_left() == pytest.approx(20.0 + 10.0 + 40.0)


def test_a_job_without_stages_is_told_by_the_share_that_it_reports(clock: Clock):
    timeline = Timeline(clock)
    clock.to(30.0)
    timeline.report(0.25)
    assert (timeline.share(), timeline.seconds_left()) == (0.25, pytest.approx(90.0))
    assert timeline.rows() == ()


def test_at_the_end_all_stages_are_done(timeline: Timeline, clock: Clock):
    timeline.begin("train")
    clock.to(50.0)
    timeline.end()
    assert [row.state for row in timeline.rows()] == ["done"] * 3
    assert [row.seconds for row in timeline.rows()] == [0.0, 50.0, 0.0]
