"""An evaluation and its JSON, which stores written by other versions hold."""

import json
from dataclasses import replace
from typing import Any

import pytest

from morphcore.evaluation.property_result import PropertyFigures
from morphcore.evaluation.result import Evaluation, RealFrames
from morphcore.statistics.bootstrap import Figure, Interval
from tests.evaluated import evaluation

# As stores hold it: every part is there, and every key that a part can have.
STORED: dict[str, Any] = {
    "metrics": {
        "twin@5": 0.5,
        "hub_share": 0.04,
        "neg_elbo_nats": 1800.5,
        "real": {"abs_dlnL": 0.2, "abs_df": 0.02, "frames": 3.0},
    },
    "intervals": {"twin@5": [0.4, 0.6], "neg_elbo_nats": [1700.0, 1900.0]},
    "baselines": {
        "random": {"twin@5": 0.01, "axes": "sphered"},
        "f_logL": {
            "twin@5": 0.75,
            "real": {"abs_dlnL": 0.1, "abs_df": 0.01, "frames": 3.0},
            "axes": "plain",
        },
    },
    "baseline_intervals": {"random": {}, "f_logL": {"twin@5": [0.7, 0.8]}},
    "chance": {"twin@5": 0.02},
    "split": {
        "by": "frame",
        "leaking": True,
        "training": 100,
        "held_out": 20,
        "twins": 50,
        "twins_unseen": 10,
        "twin_gallery": 60,
        "rolled": 12,
        "mirrored": 13,
        "real": 3,
    },
    "nats_by_length": [
        {
            "from": 30.0,
            "to": 45.0,
            "frames": 9,
            "neg_elbo_nats": 2000.0,
            "recon_nats": 900.0,
            "kl_nats": 1100.0,
        },
        {
            "from": 45.0,
            "to": None,
            "frames": 3,
            "neg_elbo_nats": 500.0,
            "recon_nats": 200.0,
            "kl_nats": 300.0,
        },
    ],
    "latent": {"dimensions": 2, "active": 1, "kl_nats": [0.5, 2.0], "variance": [0.0, 1.0]},
    "scatter": {
        "units": [0.0, 1.0],
        "twins": [0.0, 0.75],
        "median_twin": 0.5,
        "same_within": 2.5,
        "others": [0.0, 0.25],
        "others_within": 0.25,
    },
    "map": {
        "map": 7,
        "method": "tsne",
        "every": 25,
        "frames": 24,
        "neighbours": 5,
        "trustworthiness": 0.875,
        "trustworthiness_apart": 0.75,
    },
    "hubs": [{"frame_id": 30, "share": 0.04}],
    "properties": [
        {
            "property": "JSC",
            "dataset": "lab frames",
            "group": "cell",
            "frames": 393,
            "groups": 17,
            "r2": {"model": 0.75, "f_logL": 0.5},
            "intervals": {"model": [0.5, 0.875]},
        }
    ],
    "notes": ["12 rolled frames are queries."],
    "seed": 1,
    "seconds": 2.5,
    "separated": "contrast",
    "differences": {
        "twin@5": {
            "f_logL": {"value": 0.125, "interval": [0.0625, 0.25]},
            "random": {"value": 0.5, "interval": None},
        }
    },
    "detection": {"model": [0.25, 0.0], "f_logL": [0.5, 0.125]},
    "learnt": {"source": "replicates", "realisations": 184, "cells": 46},
}


def test_what_a_store_holds_is_read_into_names_and_written_as_it_was() -> None:
    read = Evaluation.from_json(STORED)
    assert read.metrics["twin@5"] == Figure(0.5, Interval(0.4, 0.6))
    assert read.metrics["hub_share"] == Figure(0.04, None)
    assert read.real == RealFrames(log_length_error=0.2, fraction_error=0.02, frames=3)
    assert set(read.metrics) == {"twin@5", "hub_share", "neg_elbo_nats"}
    assert read.baselines["random"].axes == "sphered"
    assert read.baselines["f_logL"].metrics["twin@5"].interval == (0.7, 0.8)
    assert read.split.leaking
    assert [(length.low, length.high) for length in read.nats_by_length] == [(30, 45), (45, None)]
    assert read.noise is not None
    assert read.noise.others == (0.0, 0.25)
    assert read.differences["twin@5"]["f_logL"] == Figure(0.125, Interval(0.0625, 0.25))
    assert read.detection["f_logL"] == (0.5, 0.125)
    assert read.learnt is not None
    assert read.learnt.source == "replicates"
    assert json.dumps(read.to_json()) == json.dumps(STORED)


@pytest.mark.parametrize("twins", [True, False])
def test_an_evaluation_comes_back_from_its_json(twins: bool) -> None:
    made = evaluation(twins=twins)
    assert Evaluation.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_parts_that_cannot_be_measured_are_empty_and_not_null() -> None:
    read = Evaluation.from_json(STORED)
    assert read.noise is not None
    assert read.map is not None
    bare = replace(read, noise=None, map=None, real=None).to_json()
    assert (bare["scatter"], bare["map"]) == ({}, {})
    assert "real" not in bare["metrics"]
    part = replace(
        read,
        noise=replace(read.noise, others=None, others_within=None),
        map=replace(read.map, trustworthiness_apart=None),
    )
    written = part.to_json()
    assert list(written["scatter"]) == ["units", "twins", "median_twin", "same_within"]
    assert "trustworthiness_apart" not in written["map"]
    assert Evaluation.from_json(written) == part


def test_what_an_older_version_did_not_measure_is_empty() -> None:
    needed = ("metrics", "baselines", "split", "latent")
    read = Evaluation.from_json({name: STORED[name] for name in needed})
    assert read.noise is None
    assert read.map is None
    assert (read.hubs, read.notes, read.nats_by_length) == ((), (), ())
    assert read.metrics["twin@5"] == Figure(0.5, None)


def test_properties_come_back_and_an_older_evaluation_has_none() -> None:
    judged = PropertyFigures(
        name="JSC",
        dataset="lab frames",
        group="cell",
        frames=393,
        groups=17,
        model=Figure(0.8, Interval(0.7, 0.9)),
        baselines={"f_logL": Figure(0.77, Interval(0.6, 0.85)), "random": Figure(-0.1)},
    )
    whole = replace(evaluation(), properties=(judged,))
    read = Evaluation.from_json(json.loads(json.dumps(whole.to_json())))
    assert read.properties == (judged,)
    assert read.of_property("JSC", "lab frames") == judged
    assert read.of_property("JSC", "another") is None
    older = whole.to_json()
    del older["properties"]
    assert Evaluation.from_json(older).properties == ()
