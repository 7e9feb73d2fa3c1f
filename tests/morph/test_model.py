from pathlib import Path

import numpy as np
import pytest

import morph
from morphcore import frames as framing
from morphcore.frames import FrameError
from morphcore.models.geometry import GeometryError
from morphcore.training.checkpoint import CheckpointError
from store import latents, trajectories
from store.db import checkpoints_folder, open_store
from tests.factory import Made


def stored(made: Made) -> tuple[np.ndarray, np.ndarray]:
    """Bits and embedding of all stored frames."""
    with open_store(made.path) as db:
        known = latents.of_checkpoint(db, made.checkpoint_id)
        return trajectories.packed(db, known.frame_ids).one_size.bits(), known.mean


def test_frames_are_embedded_as_the_store_has_them(interface: Made) -> None:
    bits, embedding = stored(interface)
    model = morph.Store(interface.path).model()
    ours = model.embed(bits, periodic=True)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, embedding, rtol=1e-4, atol=1e-4 * np.abs(embedding).max())
    np.testing.assert_array_equal(model.encode(bits, periodic=True).mean, ours)
    assert not np.allclose(model.embed(bits), ours)  # without the seam it is another film


def test_booleans_shares_and_gray_levels_are_the_same_frames(interface: Made) -> None:
    bits, _ = stored(interface)
    model = morph.Store(interface.path).model()
    want = model.embed(bits[:2])
    for same in (bits[:2].astype(float), bits[:2].astype(np.uint8) * 255, list(bits[:2])):
        np.testing.assert_array_equal(model.embed(same), want)
    np.testing.assert_array_equal(model.embed(bits[1]), want[1:])


def test_a_stack_is_read_as_one_whatever_single_frames_hold(interface: Made) -> None:
    """Of levels from 0 to 255, a frame of 0 and 1 alone is black, and not black and white."""
    bits, _ = stored(interface)
    gray = bits[:2].astype(np.uint8) * 255
    gray[1] = bits[1]
    model = morph.Store(interface.path).model()
    black = np.zeros((1, *bits.shape[1:]))
    np.testing.assert_array_equal(model.embed(gray)[1:], model.embed(black))


def test_frames_of_several_sizes_keep_their_order(interface: Made) -> None:
    bits, _ = stored(interface)
    model = morph.Store(interface.path).model()
    cut = bits[1][:, :200]
    ours = model.embed([bits[2], cut, bits[3]])
    for row, frame in enumerate((bits[2], cut, bits[3])):
        np.testing.assert_allclose(ours[row], model.embed(frame)[0], rtol=1e-4, atol=1e-4)


def test_a_trajectory_has_its_own_edges(interface: Made) -> None:
    film = morph.simulate(phi=0.5, chi=3.2, frames=3, last_step=40)
    model = morph.Store(interface.path).model()
    bits = framing.binarise(film.array)
    np.testing.assert_array_equal(model.embed(film), model.embed(bits, periodic=True))


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((2, 3, 100, 400)), r"\[n h w\]"),
        (np.zeros((0, 100, 400)), r"\[n h w\]"),
        (np.full((100, 400), "a"), r"\[n h w\]"),
        (np.full((100, 400), np.nan), "not numbers"),
        (np.full((100, 400), -1.0), "0 to 255"),
        ([], "one at least"),
    ],
)
def test_what_is_no_frames_is_said(interface: Made, frames: object, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        morph.Store(interface.path).model().embed(frames)  # type: ignore[arg-type]


def test_frames_that_are_too_small_are_said(interface: Made) -> None:
    with pytest.raises(GeometryError, match="64 x 64"):
        morph.Store(interface.path).model().embed(np.zeros((1, 32, 400)))


@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_a_model_of_a_file_embeds_as_that_of_the_store(interface: Made, ending: str) -> None:
    bits, _ = stored(interface)
    model = morph.Store(interface.path).model()
    file = model.file
    if ending == ".safetensors":
        file = Path("alone.safetensors")
        model.write_safetensors(file)
        with pytest.raises(morph.MorphError, match="exists already"):
            model.write_safetensors(file)
    alone = morph.load_model(file)
    assert alone.config == model.config
    np.testing.assert_array_equal(alone.embed(bits), model.embed(bits))


def test_a_file_that_is_no_model_is_said(interface: Made, tmp_path: Path) -> None:
    file = tmp_path / "note.pt"
    file.write_text("not a model")
    with pytest.raises(CheckpointError, match="no model file"):
        morph.load_model(file)
    (checkpoints_folder(interface.path) / "run-1.pt").write_text("not a model")
    with pytest.raises(CheckpointError, match="changed or cut short"):
        morph.Store(interface.path).model().embed(np.zeros((1, 100, 400)))
