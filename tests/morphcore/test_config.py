import dataclasses

import pytest

from morphcore.config import (
    ConfigError,
    Preset,
    ProjectionConfig,
    SimulationConfig,
    TrainConfig,
    train_config,
)
from morphcore.simulation.cells import CELLS, DEMO_CELLS, HELD_OUT_CELLS


def test_the_full_set_has_57_cells_of_which_11_are_held_out() -> None:
    assert len(CELLS) == len(set(CELLS)) == 57
    assert len(HELD_OUT_CELLS) == 11
    assert set(CELLS) >= HELD_OUT_CELLS
    assert len(set(DEMO_CELLS)) == 6


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SimulationConfig(phi=0.1, chi=2.4), "0.35 to 0.65"),
        (lambda: SimulationConfig(phi=0.5, chi=1.9), "2.1 to 4.5"),
        (lambda: SimulationConfig(phi=0.5, chi=2.4, frames=1), "2 to 2,000"),
        (lambda: SimulationConfig(phi=0.5, chi=2.4, frames=50, last_step=20), "do not fit"),
        (lambda: SimulationConfig(phi=0.5, chi=2.4, schedule="now"), "geometric"),
        (lambda: TrainConfig(preset="gan"), "seed"),
        (lambda: TrainConfig(lr=0.0), "above 0"),
        (lambda: TrainConfig(split="both"), "trajectory"),
        (lambda: TrainConfig(held_out_share=1.0), "0.01 to 0.9"),
        (lambda: ProjectionConfig(every=0), "1 to 1,000"),
        (lambda: ProjectionConfig(method="umap"), "tsne"),
    ],
)
def test_what_is_not_accepted_is_said_with_what_is(make, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().lr = 1.0


@pytest.mark.parametrize(("preset", "least"), [("two-level", 64), ("seed", 32)])
def test_frames_too_small_for_a_preset_are_refused(preset: Preset, least: int):
    train_config(preset, height=least, width=least)
    words = f"are 400 x {least - 1} px; {preset} accepts frames from"
    with pytest.raises(ConfigError, match=words):
        train_config(preset, height=least - 1)
