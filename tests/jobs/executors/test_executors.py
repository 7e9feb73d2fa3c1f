"""What executors that need no cluster have in common: the contract of `Executor`."""

import os
from contextlib import closing

import numpy as np
import pytest

from jobs.executors import processes
from jobs.executors.base import Executor, InThisProcess
from jobs.executors.processes import Processes
from morphcore.errors import MorphError
from tests.jobs.executors.functions import Heard, quiet, refuse, scaled


@pytest.fixture(params=[InThisProcess, Processes])
def executor(request: pytest.FixtureRequest) -> Executor:
    made: Executor = request.param()
    return made


def test_results_come_in_the_order_of_the_tasks_and_shares_only_grow(executor: Executor) -> None:
    heard = Heard()
    rows = [np.full(3, float(number)) for number in range(5)]
    found = list(executor.map(scaled, rows, shared=2.0, report=heard))
    np.testing.assert_array_equal(np.array(found)[:, 0], [0, 2, 4, 6, 8])
    done = [sum(shares) for shares in heard.shares]
    assert done == sorted(done)
    assert 0 < done[-1] <= 5  # how much is heard before the last one ends is chance
    assert list(executor.map(scaled, [], shared=2.0, report=quiet)) == []


def test_an_error_of_the_function_is_the_callers(executor: Executor) -> None:
    with pytest.raises(MorphError, match="this is refused"):
        list(executor.map(refuse, ["this"], shared=None, report=quiet))


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with closing(Processes().map(scaled, [np.ones(1)], shared=1.0, report=quiet)) as made:
        next(made)
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ
    assert set(processes.THREADS) >= {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}
