"""The straight way between two frames of a space: its ends, its middle, and when it leaves it."""

import numpy as np

from analysis import interpolation, latent_space
from tests.factory import Made


def test_it_begins_and_ends_at_the_frames_and_is_straight(made: Made):
    space = latent_space.load_latent_space(made.path, made.run_id)
    a, b = space.latents.mean[5], space.latents.mean[110]
    steps = interpolation.straight(space, a, b, 5)
    assert [each.nearest.frame_id for each in (steps[0], steps[-1])] == [6, 111]
    assert steps[0].nearest.distance == 0
    np.testing.assert_allclose(steps[2].z, (a + b) / 2, rtol=1e-6)


def test_a_step_far_from_all_frames_is_said_to_be(made: Made):
    space = latent_space.load_latent_space(made.path, made.run_id)
    near = space.latents.mean[5]
    far = near + 100 * np.float32(space.outlier_distance)
    steps = interpolation.straight(space, near, far, 4)
    assert [each.far for each in steps] == [False, True, True, True]
