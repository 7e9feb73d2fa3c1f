"""What the player is told of each frame."""

from analysis.series import Series
from ui.player import component


def test_frames_that_have_not_separated_say_their_contrast() -> None:
    series = Series(
        time_unit="step",
        frame_ids=[1, 2],
        index=[0, 1],
        time=[4, 40],
        unseparated=[True, False],
        fraction=[None, 0.5],
        length=[None, 9.0],
        contrast=[0.008, 0.8],
    )
    assert component.unseparated(series) == ["not yet separated: contrast 0.01 of 1", ""]
