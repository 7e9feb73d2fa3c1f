"""PNG files of what a model made up: the pixels as they are, and a mark that they are synthetic."""

import io

import numpy as np
from PIL import Image

from exports import synthetic_png
from tests.factory import blobs


def test_a_frame_is_saved_pixel_by_pixel_and_says_that_it_is_synthetic():
    bits = blobs(2, phi=0.5, seed=0)[1] > 127
    image = Image.open(io.BytesIO(synthetic_png.frame(bits, made_by="run α")))
    np.testing.assert_array_equal(np.asarray(image) > 127, bits)
    assert image.info["Description"] == "Synthetic: decoded by the model run α, not simulated"


def test_a_strip_holds_both_rows():
    frames = blobs(4, phi=0.5, seed=0)[1:]
    data = synthetic_png.filmstrip([each > 127 for each in frames], frames[::-1], made_by="run α")
    image = np.asarray(Image.open(io.BytesIO(data)))
    assert image.shape == (2 * (18 + 100 + 8), 3 * 400 + 2 * 8)
    np.testing.assert_array_equal(image[18:118, :400], frames[0])
    np.testing.assert_array_equal(image[144:244, :400], frames[2])
    assert (image[:18, :400] < 128).any()  # the row's name
