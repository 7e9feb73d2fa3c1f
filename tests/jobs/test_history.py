"""Jobs looked up by run, by data set and by arguments."""

from typing import Any

from jobs import history
from jobs.specs import SimulateJob, TrainJob
from store.jobs import Job, JobStage


def job(id: int, kind: str = "train", state: str = "running", **changes: Any) -> Job:
    values = dict.fromkeys(Job.__dataclass_fields__)
    values["stages"] = ()
    values |= {"id": id, "kind": kind, "state": state, "args": {}, "stage": "", "progress": 0.0}
    return Job(**{**values, **changes})


def test_a_job_is_known_again_after_it_has_learnt_more():
    spec = TrainJob(dataset="film", seed=0)
    running = job(1, args={"dataset": "film", "seed": 0, "run": 5})
    assert history.same([running], spec) is running
    assert history.same([running], spec.changed(seed=1)) is None
    assert history.same([running], spec.changed(lr=None)) is None
    assert history.same([running], SimulateJob(seed=0)) is None
    assert history.same([job(1, state="done", args=running.args)], spec) is None


def test_only_the_last_to_end_is_told_of_and_only_if_it_ended_early():
    failed = job(1, state="failed", finished=10.0)
    done = job(2, state="done", finished=20.0)
    assert history.last_ended_early([failed]) is failed
    assert history.last_ended_early([failed, done]) is None
    assert history.last_ended_early([failed], kinds=["simulate"]) is None
    dismissed = job(3, state="stopped", finished=30.0, result={"dismissed": True})
    assert history.last_ended_early([failed, done, dismissed]) is None


def test_a_run_belongs_to_the_newest_job_that_trained_it():
    trainings = [job(4, "index", args={"run": 1}), job(1, args={"run": 1}), job(3, args={"run": 1})]
    assert history.of_run([*trainings, job(9, args={"run": 2})], 1).id == 3
    assert history.of_run(trainings, 7) is None


def test_data_sets_in_use_are_found_through_runs_too():
    jobs = [
        job(1, args={"dataset": "a"}),
        job(2, "simulate", "queued", args={"name": "b"}),
        job(3, "map", args={"run": 1}),
        job(4, "simulate", "done", args={"name": "d"}),
    ]
    assert history.busy_datasets(jobs, {1: "c"}) == {"a", "b", "c"}


def test_a_row_that_cannot_be_read_is_about_nothing():
    unreadable = [
        job(1, "map", args={"run": 1, "no_such": 2}),
        job(2, "no such kind", args={"run": 1}),
    ]
    assert [history.run_of(row) for row in unreadable] == [None, None]
    assert history.busy_datasets(unreadable, {1: "c"}) == set()


def test_the_latest_stages_tell_the_pace_and_short_ones_do_not():
    def with_stage(id: int, seconds: float, **changes: Any) -> Job:
        facts = {"key": "train", "state": "done", "seconds": seconds, "usual": 100.0, **changes}
        return job(id, state="done", stages=(JobStage(**facts),))

    slow = [with_stage(9 - age, 200.0) for age in range(history.LATEST)]
    quick = [with_stage(1, 10.0), with_stage(2, 10.0)]
    assert history.paces([*slow, *quick]) == {"train": 2.0}
    assert history.paces([with_stage(1, 5.0, usual=0.5), with_stage(2, 50.0, state="now")]) == {}
