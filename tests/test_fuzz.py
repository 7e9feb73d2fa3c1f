"""Some thousands of hostile inputs: only errors with a name, none slow, none large."""

import logging
import warnings
from collections.abc import Iterator

import pytest

from benchmarks.fuzz import readers, structures
from benchmarks.fuzz.tally import Tally


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(("source", "count"), [(structures, 1500), (readers, 1000)])
def test_hostile_inputs_lead_to_named_errors_alone(source, count: int) -> None:
    tally = Tally()
    source.run(tally, count, seed=0)
    assert tally.inputs >= count * 0.95  # hypothesis ends where a kind has no more values
    assert tally.accepted > count / 20
    assert tally.named.total() > count / 20
    assert not tally.unnamed, tally.examples
    assert (tally.slow, tally.large) == (0, 0), tally.examples


def test_an_error_without_a_name_is_counted_with_its_place() -> None:
    tally = Tally()
    tally.count(lambda: 1 / 0 > 1, "an input")
    ((place, count),) = tally.unnamed.items()
    assert place.startswith("ZeroDivisionError at test_fuzz.py:")
    assert (tally.inputs, count) == (1, 1)
    assert "an input" in tally.examples[place]
