"""Every family against its physics: walls, stripes, spacing, rough interfaces; the cells."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, label

from morphcore.config import ConfigError, SimulationConfig
from morphcore.descriptors import measure
from morphcore.frames import binarise
from morphcore.simulation import cahn_hilliard, random_field, variants
from morphcore.simulation.cells import (
    BOTH,
    BOTTOM,
    FAMILIES,
    FIRST_ZOO_CELLS,
    FIRST_ZOO_HELD_OUT_CELLS,
    TOP,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
    ZooCell,
    spread_zoo_cells,
)
from morphcore.types import Trajectory

SPECIAL = {
    "neutral": {},
    "wetting": {"h": 0.3, "walls": 2},
    "anisotropic": {"ratio": 4.0},
    "ohta-kawasaki": {"alpha": 0.03},
    "noisy": {"temperature": 0.2},
    "random-field": {},
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def cell(family: str, phi: float = 0.543, chi: float = 3.4, **special: float) -> ZooCell:
    return ZooCell(family=family, phi=phi, chi=chi, **(special or SPECIAL[family]))


def run(zoo_cell: ZooCell, steps: tuple[int, int] = (20, 100), seed: int = 0) -> Trajectory:
    """Simulate three frames between these steps."""
    config = SimulationConfig(
        phi=zoo_cell.phi, chi=zoo_cell.chi, frames=3, first_step=steps[0], last_step=steps[1]
    )
    return variants.simulate(config, zoo_cell, rng(seed))


# What all have in common


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_seeds_give_equal_frames_and_others_do_not(family):
    first, same, unlike = (run(cell(family), (4, 12), seed) for seed in (3, 3, 4))
    assert np.array_equal(first.frames, same.frames)
    assert not np.array_equal(first.frames[-1], unlike.frames[-1])


def test_the_neutral_film_is_the_thin_film():
    config = SimulationConfig(phi=0.543, chi=3.4, frames=3, last_step=30)
    neutral = variants.simulate(config, cell("neutral"), rng(2))
    thin_film = cahn_hilliard.simulate(config, rng(2))
    assert np.array_equal(neutral.frames, thin_film.frames)
    assert (neutral.family, thin_film.family) == ("neutral", "neutral")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_trajectory_says_what_it_is_and_progress_ends_at_one(family):
    shares: list[float] = []
    zoo_cell = cell(family)
    config = SimulationConfig(phi=zoo_cell.phi, chi=zoo_cell.chi, frames=2, last_step=12)
    made = variants.simulate(config, zoo_cell, rng(), shares.append)
    assert (made.family, made.cell, made.name) == (family, zoo_cell.name, zoo_cell.name)
    assert made.params.items() >= {"phi": 0.543, "chi": 3.4, **SPECIAL[family]}.items()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# One family at a time


@pytest.mark.parametrize(("h", "colour"), [(0.4, True), (-0.4, False)])
@pytest.mark.parametrize("walls", [TOP, BOTH])
def test_a_wall_draws_a_layer_of_its_phase_and_leaves_the_other_behind_it(h, colour, walls):
    made = run(cell("wetting", 0.5, h=h, walls=walls))
    share = (binarise(made.frames[-1]) == colour).mean(axis=1)  # by row, from the top
    assert share[0] > 0.99
    assert share[8:16].min() < 0.2  # depleted
    assert 0.35 < share[40:60].mean() < 0.65
    assert (share[-1] > 0.99) == (walls == BOTH)


def test_a_film_on_its_bottom_wall_is_one_under_its_top_wall_turned_over():
    top, bottom = (cell("wetting", 0.5, h=0.3, walls=walls) for walls in (TOP, BOTTOM))
    assert variants.medium(bottom).wall_potential == variants.medium(top).wall_potential[::-1]
    share = binarise(run(bottom).frames[-1]).mean(axis=1)
    assert share[-1] > 0.99
    assert share[0] < 0.99


@pytest.mark.parametrize(("ratio", "lie"), [(3, True), (1 / 3, False)])
def test_stripes_lie_or_stand(ratio, lie):
    bits = binarise(run(cell("anisotropic", 0.5, ratio=ratio)).frames[-1])
    across_x = (bits != np.roll(bits, 1, axis=1)).mean()  # the mean chord in x is its inverse
    across_y = (bits[1:] != bits[:-1]).mean()
    longer = across_y / across_x if lie else across_x / across_y
    assert longer > 3


def test_bound_ends_stop_coarsening_where_free_ones_go_on():
    def growth(zoo_cell: ZooCell) -> float:
        length = measure.domain_length(binarise(run(zoo_cell, (250, 1000)).frames))
        return float(length[-1] / length[0])

    assert growth(cell("ohta-kawasaki", 0.5, alpha=0.06)) < 1.08
    assert growth(cell("neutral", 0.5)) > 1.25


def test_noise_roughens_interfaces():
    films = cell("neutral", 0.5, 2.8), cell("noisy", 0.5, 2.8, temperature=0.2)
    plain, hot = (binarise(run(film, (20, 40)).frames[-1]) for film in films)

    def roughness(bits: np.ndarray) -> float:
        """Pixels that a blur of 3 px would turn, as a share of those at an interface."""
        smooth = gaussian_filter(bits.astype(float), 3, mode=("reflect", "wrap")) >= 0.5
        edges = (bits != np.roll(bits, 1, axis=1)).sum() + (bits[1:] != bits[:-1]).sum()
        return float((smooth != bits).sum() / edges)

    print(roughness(hot), roughness(plain))
    assert roughness(hot) > 1.8 * roughness(plain)


# Random fields


def covariance(bits: np.ndarray) -> np.ndarray:
    """Two-point covariance at lags up to 15 px in y and 30 px in x, as a share of the variance."""
    field = bits - bits.mean()
    products = [
        (field[dy:] * np.roll(field, dx, axis=1)[: 100 - dy]).mean()
        for dy in range(0, 16, 3)
        for dx in range(0, 31, 3)
    ]
    return np.array(products) / field.var()


def test_a_random_field_has_its_films_fraction_length_and_two_point_content():
    neutral = run(cell("neutral", 0.615), (20, 150), seed=1)
    made = random_field.without_dynamics(neutral.frames, rng(5))
    originals, randomised = binarise(neutral.frames), binarise(made)
    assert np.array_equal(originals.sum(axis=(1, 2)), randomised.sum(axis=(1, 2)))
    lengths = measure.domain_length(originals), measure.domain_length(randomised)
    np.testing.assert_allclose(*lengths, rtol=0.01)
    for original, random in zip(originals, randomised, strict=True):
        differ = covariance(original) - covariance(random)
        assert np.sqrt((differ**2).mean()) < 0.1
        assert abs(np.corrcoef(original.ravel(), random.ravel())[0, 1]) < 0.2  # elsewhere
    assert label(~randomised[-1])[1] < 0.7 * label(~originals[-1])[1]  # droplets hang together


def test_a_random_field_moves_on_as_smoothly_as_its_film():
    neutral = run(cell("neutral", 0.5), (95, 100))
    made = random_field.without_dynamics(neutral.frames, rng(5))
    changes = [(binarise(each[1]) != binarise(each[0])).mean() for each in (neutral.frames, made)]
    assert changes[1] < 4 * changes[0] < 0.1


def test_what_has_not_separated_stays_of_one_colour():
    gray = np.full((2, 100, 400), 200, dtype=np.uint8)
    gray[1, :, ::2] = 210
    shares: list[float] = []
    assert np.array_equal(random_field.without_dynamics(gray, rng(), shares.append), gray)
    assert shares == [0.5, 1.0]


# The cells


@pytest.mark.parametrize(
    ("zoo", "held_out", "family_cells", "family_held"),
    [
        (ZOO_CELLS, ZOO_HELD_OUT_CELLS, 20, 4),
        (FIRST_ZOO_CELLS, FIRST_ZOO_HELD_OUT_CELLS, 10, 1),
    ],
    ids=["of 120", "of 60"],
)
def test_a_zoo_has_as_many_cells_of_each_family_and_holds_out_some_of_each(
    zoo, held_out, family_cells, family_held
):
    assert Counter(each.family for each in zoo) == dict.fromkeys(FAMILIES, family_cells)
    assert len({each.name for each in zoo}) == len(zoo)
    assert set(zoo) > held_out
    assert Counter(each.family for each in held_out) == dict.fromkeys(FAMILIES, family_held)
    for each in held_out:  # training cells on both sides of it, in phi
        rest = [
            other.phi
            for other in set(zoo) - held_out
            if (other.family, other.chi) == (each.family, each.chi)
        ]
        assert min(rest) < each.phi < max(rest)


def test_the_zoo_begins_each_family_with_that_of_before_and_holds_out_at_every_chi():
    for family in FAMILIES:
        old = [each for each in FIRST_ZOO_CELLS if each.family == family]
        assert [each for each in ZOO_CELLS if each.family == family][:10] == old
        held = [each.chi for each in ZOO_HELD_OUT_CELLS if each.family == family]
        assert sorted(held) == [2.6, 2.8, 3.4, 3.8]
    assert FIRST_ZOO_HELD_OUT_CELLS < ZOO_HELD_OUT_CELLS


def test_the_names_of_the_zoo_of_before_are_those_that_stores_hold():
    names = [each.name for each in FIRST_ZOO_CELLS]
    assert names[0] == "neutral-phi0.500-chi2.8"
    assert names[16] == "wetting-phi0.528-chi3.4-h-0.2-xi3-walls2"
    assert names[59] == "random-field-phi0.615-chi3.4"


def test_every_wall_draws_a_phase_in_some_wetting_cells_of_the_zoo():
    walls = Counter((each.walls, each.h > 0) for each in ZOO_CELLS if each.family == "wetting")
    assert set(walls) == {(wall, white) for wall in (TOP, BOTH, BOTTOM) for white in (True, False)}
    held = {each.walls for each in ZOO_HELD_OUT_CELLS if each.family == "wetting"}
    assert {TOP, BOTTOM} <= held


def test_all_families_have_the_same_blends_and_ratios_of_two_to_six():
    blends = {
        family: {
            (zoo_cell.phi, zoo_cell.chi) for zoo_cell in ZOO_CELLS if zoo_cell.family == family
        }
        for family in FAMILIES
    }
    assert len({frozenset(each) for each in blends.values()}) == 1
    ratios = [each.ratio for each in ZOO_CELLS if each.family == "anisotropic"]
    assert all(2 <= max(each, 1 / each) <= 6 for each in ratios)
    assert min(ratios) < 1 < max(ratios)


def test_some_of_the_cells_are_of_all_families():
    assert spread_zoo_cells(120) == ZOO_CELLS
    assert spread_zoo_cells(60, FIRST_ZOO_CELLS) == FIRST_ZOO_CELLS
    for zoo in (ZOO_CELLS, FIRST_ZOO_CELLS):
        assert {each.family for each in spread_zoo_cells(6, zoo)} == set(FAMILIES)
    with pytest.raises(ConfigError, match="0 to 120"):
        spread_zoo_cells(121)
    with pytest.raises(ConfigError, match="0 to 60"):
        spread_zoo_cells(61, FIRST_ZOO_CELLS)


def test_names_tell_physics_apart():
    assert cell("neutral").name == "neutral-phi0.543-chi3.4"
    assert cell("wetting").name == "wetting-phi0.543-chi3.4-h0.3-xi3-walls2"
    assert cell("wetting").name != replace(cell("wetting"), walls=1).name


@pytest.mark.parametrize(
    "family", ["wetting", "anisotropic", "ohta-kawasaki", "noisy", "no such family"]
)
def test_a_cell_without_what_makes_its_family_is_refused(family):
    with pytest.raises(ConfigError, match=family):
        ZooCell(family=family, phi=0.5, chi=3.4)
