"""What is said of the schemes that simulate."""

from morphcore.simulation.fit import fit
from ui.datasets.simulate_form import PHYSICS
from wording import schemes
from wording.glossary import TERMS


def test_both_batches_are_named_with_their_kappa_and_clock() -> None:
    films = [(2.2, 12.0), (2.8, 12.0), (3.2, 5.0), (4.0, None)]
    assert schemes.settings("first-order", films) == (
        "Simulated by the scheme first order (before 28 November 2026)"
        " · χ 2.2 to 2.8: κ 12 px², 10 units of time a step"
        " · χ 3.2 to 4: κ 5 px², 2 units of time a step"
    )
    assert schemes.settings("bdf2", [(3.4, None)]).endswith("(BDF2) · 1.2 units of time a step")


def test_a_step_is_said_to_be_another_time_only_between_the_batches() -> None:
    assert schemes.clock("bdf2", [2.2, 2.4, 2.4]) is None
    assert schemes.clock("bdf2", []) is None
    assert schemes.clock("bdf2", [3.4, 2.4]) == (
        "A step is not the same time for all of these: 12 units of time at χ 2.4, 1.2 units of time"
        " at χ 3.4; κ is 8 px² for all."
    )
    older = str(schemes.clock("first-order", [2.4, 3.4]))
    assert "10 units of time (κ 12 px²) at χ 2.4, 2 units of time (κ 5 px²) at χ 3.4." in older


def test_data_sets_of_both_schemes_are_named_and_others_not() -> None:
    said = schemes.mixed({"old": "first-order", "new": "bdf2", "own": None, "zoo": "bdf2"})
    assert said is not None
    assert "new and zoo by second order, adaptive (BDF2); old by first order" in said
    assert "own" not in said.split(". ")[0]
    assert "0.8 (χ 2.4) to 0.4 (χ 4)" in said
    assert schemes.mixed({"old": "first-order", "older": "first-order", "own": None}) is None
    assert schemes.mixed({"new": "bdf2", "own": None}) is None


def test_what_is_written_of_chi_kappa_and_steps_has_the_figures_of_the_fits() -> None:
    new, old = ([fit(chi, scheme) for chi in (2.4, 3.4)] for scheme in schemes.NAMES)
    new_clock, old_clock = ([f"{each.time_per_step:g}" for each in fits] for fits in (new, old))
    assert f"{new_clock[0]} units of time below χ = 3 and {new_clock[1]} " in TERMS["chi"].meaning
    assert (
        f"{old_clock[0]} units of time below χ = 3 and {old_clock[1]} " in TERMS["scheme"].meaning
    )
    assert new[0].kappa == new[1].kappa
    kappas = f"{new[0].kappa:g} for all χ", f"{old[0].kappa:g} below χ = 3 and {old[1].kappa:g} "
    assert all(words in TERMS["kappa"].meaning for words in kappas)
    for words in (f"{new_clock[0]} units", f"{new_clock[1]} from", f"{new[0].kappa:g} px²"):
        assert words in PHYSICS
