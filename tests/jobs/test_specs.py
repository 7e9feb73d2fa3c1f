"""Arguments of jobs: their JSON is what older versions stored, and mistakes are said at once."""

import dataclasses
from typing import Any

import pytest

from jobs import specs
from jobs.specs import DemoJob, GraspiJob, ImportJob, IndexJob, SimulateJob, TrainJob, UnreadableJob
from morphcore.config import TrainConfig
from store.jobs import Job


def row(kind: str, **args: Any) -> Job:
    values = dict.fromkeys(Job.__dataclass_fields__)
    return Job(**{**values, "id": 7, "kind": kind, "args": args})


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("demo", {"name": "demo", "run": 1}),
        ("simulate", {"twins": "demo"}),
        ("simulate", {"replicates": "demo", "realisations": 3}),
        ("simulate", {"name": "a", "seed": 0, "schedule": "geometric", "frames": None}),
        ("simulate", {"name": "a", "cells": ((0.5, 2.4), (0.5, 3.2)), "realisations": 2}),
        ("import", {"path": "/x.zip", "name": None, "cleanup": True}),
        ("train", {"dataset": "a", "minutes": None, "lr_late_from": None, "roll": False, "run": 3}),
        ("tune", {"dataset": "a", "steps": 9, "objective": "retrieval", "tuning": 2, "run": 5}),
        ("index", {"run": 3, "maps": True, "current": True}),
        ("map", {"run": 3}),
        ("nats", {"run": 3}),
        ("evaluate", {"run": 1, "frames": "/real"}),
        ("graspi", {"frames": (3, 4)}),
    ],
)
def test_a_stored_row_comes_back_as_it_was(kind: str, args: dict[str, Any]):
    spec = specs.of(row(kind, **args))
    assert specs.kind_of(spec) == kind
    assert specs.to_json(spec) == args


def test_only_what_is_given_is_stored_whatever_the_defaults_are():
    assert specs.to_json(SimulateJob(name="a", seed=0)) == {"name": "a", "seed": 0}
    assert specs.to_json(DemoJob()) == {}
    learnt = TrainJob(dataset="a", seed=0).changed(run=4, seed=1)
    assert specs.to_json(learnt) == {"dataset": "a", "run": 4, "seed": 1}
    assert DemoJob() == DemoJob(steps=500)


def test_lists_of_json_are_tuples_here():
    assert specs.of(row("graspi", frames=[3, 4])) == GraspiJob(frames=(3, 4))
    assert specs.of(row("simulate", cells=[[0.5, 2.4]])) == SimulateJob(cells=((0.5, 2.4),))


def test_a_misspelt_or_missing_argument_fails_at_the_call():
    with pytest.raises(TypeError, match="epoch"):
        TrainJob(dataset="a", epoch=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="path"):
        ImportJob()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="mapps"):
        IndexJob(run=1).changed(mapps=True)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (row("dream", run=1), "kind that this version of Morph does not know: dream"),
        (row("map", run=1, colour=2, angle=3), "does not know: angle, colour"),
        (row("index"), r"Job 7 \(index\) does not say its run"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_in_a_sentence(job: Job, words: str):
    with pytest.raises(UnreadableJob, match=words):
        specs.of(job)
    assert specs.readable([job, row("map", run=1)])[0][0].kind == "map"


def test_a_training_can_be_asked_for_every_setting_but_none_that_is_left_open():
    settings = {each.name: each.default for each in dataclasses.fields(TrainConfig)}
    frames = {"height", "width", "periodic", "periodic_y"}  # the data set's
    assert settings.keys() - frames == TrainJob.__dataclass_fields__.keys() - {
        "dataset",
        "run",
        "index",
        "given",
    }
    assert TrainJob(dataset="a", lr=0.1, minutes=None).settings() == {"lr": 0.1}


def test_a_demo_of_a_version_that_counted_minutes_is_readable():
    assert specs.of(row("demo", minutes=0.5, cells=2)) == DemoJob(cells=2)
