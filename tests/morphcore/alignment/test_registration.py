import numpy as np
import pytest

from morphcore.alignment.registration import best_roll
from tests.factory import blobs

FRAME = blobs(3, phi=0.45, seed=3)[2] > 0


@pytest.mark.parametrize(
    ("pixels", "mirrored"), [(0, False), (1, False), (399, False), (123, True)]
)
def test_a_frame_that_was_moved_is_found_again(pixels: int, mirrored: bool) -> None:
    moved = np.roll(FRAME[:, ::-1] if mirrored else FRAME, pixels, axis=1)
    alignment = best_roll(moved, FRAME)
    assert (alignment.pixels, alignment.mirrored, alignment.agreement) == (pixels, mirrored, 1.0)
    assert (alignment.moved == moved).all()


def test_the_agreement_is_that_of_the_moved_frame_and_no_roll_is_better() -> None:
    frame = blobs(3, phi=0.45, seed=4)[2] > 0
    alignment = best_roll(FRAME, frame)
    assert alignment.agreement == pytest.approx((alignment.moved == FRAME).mean(), abs=1e-9)
    by_hand = max(
        (np.roll(image, pixels, axis=1) == FRAME).mean()
        for image in (frame, frame[:, ::-1])
        for pixels in range(400)
    )
    assert alignment.agreement == pytest.approx(by_hand, abs=1e-9)
