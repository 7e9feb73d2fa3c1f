"""Sentences on where pictures land, of landings and steps made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import latent_space
from analysis.interpolation import InterpolationStep
from analysis.latent_space import LatentSpace
from analysis.re_encoding import Landing
from morphcore.types import Neighbour
from tests.factory import Made
from wording import re_encoding

OF_STORED = np.linspace(0.5, 1.5, 101, dtype=np.float32)
IN_Z = Landing("z", 0.8, OF_STORED)
AT_END = Landing("embedding", 0.8, OF_STORED)


def step(landing: Landing = IN_Z, *, far: bool = False, copy: bool = False) -> InterpolationStep:
    return InterpolationStep(landing, Neighbour(1, 0.5, 1.0), far, copy)


@pytest.fixture
def space(made: Made) -> LatentSpace:
    space = latent_space.load_latent_space(made.path, made.run_id)
    return replace(space, other_trajectory_distances=np.full(9, 5.0, dtype=np.float32))


def test_a_landing_is_told_beside_those_of_stored_frames():
    text = re_encoding.sentence(Landing("embedding", 1.3, OF_STORED))
    assert "lands 1.3 away;" in text
    assert "stored frames' z land 1 away (median of 101)" in text
    assert "95 %" not in text
    assert "away in z" in re_encoding.sentence(IN_Z)
    assert "reconstructions of stored frames" in re_encoding.sentence(
        Landing("reconstruction", 1.3, OF_STORED)
    )


def test_a_picture_that_went_astray_is_said_to():
    astray = Landing("z", 1.49, OF_STORED)
    assert "farther off than 95 % of them" in re_encoding.sentence(astray)
    assert re_encoding.short(astray) == (
        "lands 1.49 away in z (95 % of those of stored frames' z within 1.45)"
    )
    assert re_encoding.short(IN_Z) == "lands 0.8 away in z"


def test_a_way_that_holds_what_was_asked_stays_within_the_data(space: LatentSpace):
    text = re_encoding.verdict(space, [step(AT_END), step(), step(AT_END)])
    assert "stays within the data" in text
    assert "does not hold" not in text
    assert "near-cop" not in text


def test_a_way_whose_pictures_land_elsewhere_does_not_stay_within_the_data(space: LatentSpace):
    astray = replace(AT_END, distance=1.49)
    text = re_encoding.verdict(space, [step(AT_END), step(), step(astray)])
    assert "does not hold what was asked**: picture 3, encoded again, lands farther off" in text
    assert "stays within" not in text
    several = re_encoding.verdict(space, [step(astray), step(), step(astray)])
    assert "2 of 3 pictures, encoded again, land farther off" in several


def test_far_pictures_and_near_copies_are_said(space: LatentSpace):
    text = re_encoding.verdict(space, [step(AT_END), step(far=True), step(AT_END, copy=True)])
    assert "The way leaves the data**: picture 2 is farther" in text
    assert "Picture 3 is a near-copy of the one before" in text
    copies = [step(AT_END), step(copy=True), step(AT_END, copy=True)]
    assert "2 of 3 pictures are near-copies" in re_encoding.verdict(space, copies)


def test_with_one_trajectory_it_is_not_known_whether_the_way_leaves_the_data(space: LatentSpace):
    alone = replace(space, other_trajectory_distances=np.empty(0, dtype=np.float32))
    text = re_encoding.verdict(alone, [step(AT_END), step(AT_END)])
    assert "With one trajectory only" in text
    assert "stays within" not in text


def test_where_pictures_of_z_are_unlike_their_frames_the_verdict_says_so(space: LatentSpace):
    near = replace(space, other_trajectory_distances=np.full(9, 0.2, dtype=np.float32))
    steps = [step(AT_END), step(AT_END)]
    assert "is coarse" in re_encoding.verdict(near, steps)
    assert "is coarse" not in re_encoding.verdict(space, steps)
