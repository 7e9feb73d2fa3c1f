"""What becomes of a stack's own numbers: known answers, and questions instead of wrong guesses."""

from typing import Any

import numpy as np
import pytest

from morphcore import frames as framing
from morphcore.readers.interpretation.interpret import Interpretation, interpret
from morphcore.readers.names.filenames import Kind
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import UnreadableFrame
from tests.morphcore.readers.patterns import WHITE, film, films, soft, stack

FILMS = films()
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=FILMS.shape)


def read(
    values: np.ndarray,
    kind: Kind = "npy",
    options: ImportOptions = DEFAULT_OPTIONS,
    **facts: Any,
) -> tuple[Interpretation, np.ndarray]:
    """Interpret an array: the interpretation, and the binary frames of its first window."""
    given = stack(values, **facts)
    found, _ = interpret(given, kind, options)
    _, gray = next(found.frames(given.values))
    return found, framing.binarise(gray, found.scale.threshold)


def asked(found: Interpretation) -> list[str]:
    return [question.option for question in found.questions]


@pytest.mark.parametrize(
    "values",
    [
        FILMS,
        FILMS.astype(np.uint8),
        FILMS.astype(np.uint8) + np.uint8(1),  # labels 1 and 2
        FILMS.astype(np.uint8) * np.uint8(255),
        (200 + FILMS * 3500).astype(np.uint16),  # 12 bits of a camera in 16
        (FILMS * 32767).astype(np.int16),
        FILMS.astype(np.float32) * 100,  # per cent
        (40 + FILMS * 50).astype(np.uint8),  # a dim picture
        FILMS * 2.0 - 1,  # an order parameter
        FILMS * 1.04 - 0.02,  # a solver's overshoot
        (FILMS * 65535).astype(np.uint16),
        # the same with noise, so that there are many values
        np.clip(500 + FILMS * 1500 + NOISE * 100, 0, 4095).astype(np.uint16),
        np.clip(40 + FILMS * 50 + NOISE * 5, 0, 255).astype(np.uint8),
        np.clip(60 + FILMS * 150 + NOISE * 8, 0, 255).astype(np.uint8),
        np.clip(150 + FILMS * 90 + NOISE * 5, 0, 255).astype(np.uint8),
        np.clip(2 + FILMS * 95 + NOISE, 0, 100),
        (FILMS * 2.0 - 1) * 0.98 + NOISE * 0.02,
        FILMS * 1.0 + NOISE * 0.01,
        FILMS * 24.0 - 12 + NOISE,  # heights on both sides of their mean
        FILMS * 5e-9 + NOISE * 1e-10,
    ],
)
def test_two_phases_are_found_in_any_range_of_values(values: np.ndarray) -> None:
    found, bits = read(values)
    assert not found.questions
    assert (bits == FILMS).mean() > 0.999
    assert not found.warnings


def test_the_threshold_is_exact_in_the_values_own_numbers() -> None:
    values = np.arange(64 * 64, dtype=np.uint16).reshape(1, 64, 64)
    for options in (
        ImportOptions(threshold=1234.0),
        ImportOptions(threshold=1234.0, swap=True),
        ImportOptions(threshold=1234.0, value_range=(100.0, 3000.0)),
        ImportOptions(value_range=(0.0, 4095.0)),
        ImportOptions(threshold=4095.0),
    ):
        found, bits = read(values, options=options)
        cut = options.threshold or 2047.5
        assert (bits == ((values >= cut) != options.swap)).all()
        assert found.scale.cut == cut
    assert found.scale.white == "values of at least 4095"


def test_a_known_scale_keeps_its_gray_levels() -> None:
    levels = np.stack([np.arange(256).repeat(16).reshape(64, 64)] * 2)
    for values in (
        levels.astype(np.uint8),
        levels.astype(np.int64),
        levels.astype(np.float32),
        levels / 255,
        levels.astype(np.uint16) * np.uint16(257),
    ):
        given = stack(values)
        found, _ = interpret(given, "npy", DEFAULT_OPTIONS)
        _, gray = next(found.frames(given.values))
        assert (gray == levels).all()
        assert found.scale.threshold == 0.5
    turned, _ = interpret(given, "npy", ImportOptions(swap=True))
    assert (next(turned.frames(given.values))[1] == 255 - levels).all()
    assert turned.scale.threshold == 0.5


def test_one_colour_in_all_frames_is_asked_about_and_stored_only_when_asked_for() -> None:
    flat = 0.3 + NOISE * 0.002  # a mixture that has not separated
    found, bits = read(flat)
    assert asked(found) == ["threshold"]
    assert "runs from" in found.questions[0].message or "run from" in found.questions[0].message
    anyway, bits = read(flat, options=ImportOptions(threshold="half"))
    assert not anyway.questions
    assert not bits.any()
    assert "of one colour" in anyway.warnings[0]
    _, bits = read(flat, options=ImportOptions(threshold="otsu"))
    assert bits.mean() == pytest.approx(0.5, abs=0.05)
    scaled, _ = read(flat, options=ImportOptions(value_range=(0.29, 0.31)))
    assert not scaled.questions


def test_more_than_two_labels_are_asked_about() -> None:
    phases = FILMS.astype(np.uint8) + np.roll(FILMS, 9, axis=2)
    found, _ = read(phases)
    assert asked(found) == ["threshold"]
    assert "0, 1, 2" in found.questions[0].message
    decided, bits = read(phases, options=ImportOptions(threshold=1.5))
    assert not decided.questions
    assert (bits == (phases == 2)).all()


def test_frames_that_have_not_separated_are_counted() -> None:
    values = np.concatenate([np.full((2, *FILMS.shape[1:]), 0.3), FILMS * 1.0])
    found, _ = read(values)
    assert not found.questions
    assert found.warnings == ("2 of 5 frames are of one colour at the threshold of 0.5.",)


def test_a_hot_pixel_does_not_darken_a_trajectory() -> None:
    values = np.clip(500 + FILMS * 1500 + NOISE * 100, 0, 4095).astype(np.uint16)
    values[0, 0, 0] = 30_000
    found, bits = read(values, "pages")
    assert (bits == FILMS).mean() > 0.999
    assert any("outliers" in sentence for sentence in found.done)


def test_nan_borders_are_cut_off_and_single_ones_filled() -> None:
    values = FILMS.astype(np.float32)
    border = values.copy()
    border[:, :, :3] = np.nan
    border[:, -2:] = np.nan
    found, bits = read(border)
    assert (bits == FILMS[:, :-2, 3:]).all()
    assert found.done == (
        "Cut off 3 pixels at the left and 2 at the bottom without numbers (NaN).",
    )
    holes = values.copy()
    holes[1, 5, 7] = np.nan
    found, bits = read(holes)
    assert (bits != FILMS).sum() <= 1
    assert "filled" in found.done[0]
    holes[1, 5:50, 5:50] = np.nan
    with pytest.raises(UnreadableFrame, match="not numbers"):
        read(holes)
    values[2, 3, 3] = np.inf
    with pytest.raises(UnreadableFrame, match=r"infinite values \(frame 2\)"):
        read(values)


def test_what_a_file_says_of_its_axes_is_followed() -> None:
    lying = np.swapaxes(FILMS[:, ::-1], 1, 2)  # [time, x, y] with y upwards
    found, bits = read(lying, axes="xy", y_up=True)
    assert (bits == FILMS).all()
    assert not found.questions
    assert len(found.done) == 2


def test_a_film_on_its_side_is_asked_about() -> None:
    lying = np.swapaxes(FILMS, 1, 2)
    for kind in ("npy", "picture"):
        found, _ = read(lying, kind)
        assert asked(found) == ["axes"]
        _, bits = read(lying, kind, ImportOptions(axes="txy"))
        assert (bits == FILMS).all()
        kept, bits = read(lying, kind, ImportOptions(axes="tyx"))
        assert not kept.questions
        assert (bits == lying).all()
    upright = films(height=120, width=90)
    assert asked(read(upright, "npy")[0]) == ["axes"]  # an array has no up and down of its own
    assert asked(read(upright, "picture")[0]) == []
    beside, bits = read(FILMS, "picture", ImportOptions(axes="txy"))  # not meant for this one
    assert (bits == FILMS).all()
    assert beside.done == ("Not turned, since it is wider than high.",)


def test_flips_are_applied_to_what_is_shown() -> None:
    _, bits = read(FILMS, options=ImportOptions(flip="y"), y_up=True)
    assert (bits == FILMS).all()
    _, bits = read(FILMS, options=ImportOptions(flip="xy"))
    assert (bits == FILMS[:, ::-1, ::-1]).all()


def test_pixels_that_are_not_square_are_made_so() -> None:
    given = film(3, 60, 240).astype(np.uint8)[None]
    found, bits = read(np.repeat(given, 2, axis=1), pixel_size=(4.0, 2.0), length_unit="nm")
    assert found.size == (120, 480)
    assert (found.pixel_size, found.length_unit) == (2.0, "nm")
    assert (bits == np.repeat(np.repeat(given, 2, axis=1), 2, axis=2)).all()
    assert "made square" in found.done[0]
    found, _ = read(given, options=ImportOptions(pixel_size=(5.0, 5.0), length_unit="um"))
    assert (found.size, found.pixel_size, found.length_unit) == ((60, 240), 5.0, "um")
    assert read(given)[0].pixel_size is None


@pytest.mark.parametrize("sides", [(1e-300, 1e300), (1.0, 1e6), (2.0**40, 1.0)])
def test_pixels_that_would_make_a_huge_picture_square_are_refused(
    sides: tuple[float, float],
) -> None:
    given = film(3, 60, 240).astype(np.uint8)[None]
    with pytest.raises(UnreadableFrame, match="cannot be made square"):
        read(given, options=ImportOptions(pixel_size=sides))


def test_a_picture_that_is_too_large_is_cut_into_windows_only_when_asked_for() -> None:
    large = np.tile(film(1, 60, 240), (2, 10)).astype(np.uint8)[None]  # 120 x 2,400
    found, _ = read(large)
    assert asked(found) == ["window"]
    given = stack(large)
    found, _ = interpret(given, "picture", ImportOptions(window=(60, 512)))
    assert not found.questions
    assert [window.label for window in found.windows][:5] == [
        *(f"window 1,{column}" for column in range(1, 5)),
        "window 2,1",
    ]
    for window, gray in found.frames(given.values):
        assert gray.shape == (1, 60, 512)
        assert (gray[0] == 255 * window.of(large[0])).all()
    assert "352 pixels at the right are left over" in found.done[0]
    with pytest.raises(UnreadableFrame, match="at least 16 x 16"):
        read(FILMS[:, :12].astype(np.uint8))


def test_walls_and_periodic_edges() -> None:
    assert read(FILMS)[0].periodic == (False, False)
    assert read(FILMS, periodic=(True, False))[0].periodic == (True, False)
    both = ImportOptions(periodic="xy")
    assert read(FILMS, options=both)[0].periodic == (True, True)
    cropped = ImportOptions(periodic="xy", crop=(2, 0, 0, 0))
    assert read(FILMS, options=cropped)[0].periodic == (False, True)
    narrow = ImportOptions(periodic="xy", window=(60, 100))
    assert read(FILMS, options=narrow)[0].periodic == (False, True)


def colours(position: np.ndarray) -> np.ndarray:
    """Blue, white, red: a diverging map."""
    red, blue = np.clip(2 * position, 0, 1), np.clip(2 - 2 * position, 0, 1)
    picture = np.stack([red, np.minimum(red, blue), blue], axis=-1) * 255
    return picture.astype(np.uint8)


def test_a_diverging_map_is_followed_only_when_asked_for() -> None:
    field = np.stack([soft(bits) for bits in FILMS])
    pictures = colours(field)
    found, _ = read(pictures, "picture")
    assert asked(found) == ["colours"]
    assert "from blue over white to red" in found.questions[0].message
    for swap in (False, True):
        options = ImportOptions(colours="map", swap=swap)
        found, bits = read(pictures, "picture", options)
        assert not found.questions
        assert bits.mean(axis=(1, 2)) == pytest.approx(
            [1 - share if swap else share for share in WHITE], abs=0.01
        )
    assert "red is black, blue is white" in found.done[0]
    red, bits = read(pictures, "picture", ImportOptions(colours="red", threshold=200.0))
    assert not red.questions
    assert (bits == (pictures[..., 0] >= 200)).all()


def test_an_even_trajectory_is_rejected() -> None:
    with pytest.raises(UnreadableFrame, match="one and the same even gray"):
        read(np.full((3, 20, 20), 7.0))


def test_counts_about_the_middle_of_16_bits_are_divided_by_their_own_range() -> None:
    counts = np.rint(32_000 + 800 * np.stack([soft(bits) for bits in films()])).astype(np.uint16)
    choice, values = interpret(stack(counts), "pages", DEFAULT_OPTIONS)
    assert choice.scale.cut == pytest.approx((values.low + values.high) / 2)


@pytest.mark.parametrize("mark", [-999.0, -1e30, 1e20])
def test_a_mark_of_missing_values_is_no_phase_but_asked_about(mark: float) -> None:
    values = FILMS + NOISE * 0.01
    values[:, 4:8, 6:12] = mark
    found, _ = interpret(stack(values), "npy", DEFAULT_OPTIONS)
    assert asked(found) == ["value_range"]
    assert f"The value {mark:g} " in found.questions[0].message
    taken, bits = read(values, options=ImportOptions(value_range=(0.0, 1.0)))
    assert asked(taken) == []
    there = np.ones(FILMS.shape, dtype=bool)
    there[:, 4:8, 6:12] = False
    assert np.array_equal(bits[there], FILMS[there] > 0)
