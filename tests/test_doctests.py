"""The examples in docstrings are right, and the functions that people look up have one."""

import doctest
import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

MODULES = (
    "morphcore.descriptors.measure",
    "morphcore.descriptors.topology",
    "morphcore.descriptors.two_point",
    "analysis.alignment",
    "analysis.map_points",
    "analysis.playback_sync",
    "analysis.search",
    "analysis.series",
    "morphcore.frames",
    "wording.numbers",
    "wording.schemes",
)
# Of these, every public function has an example.
COMPLETE = (*MODULES[:3], "wording.numbers")
WITHOUT = {"when"}  # local time: another answer on every machine


def public(name: str) -> dict[str, Callable[..., Any]]:
    """What a module defines for others, by name."""
    module = importlib.import_module(name)
    return {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == name
    }


def examples(name: str, key: str) -> doctest.DocTest | None:
    """The examples of one function; what they call are the module's own, with checked shapes."""
    code = inspect.unwrap(public(name)[key])
    module = importlib.import_module(name)
    tests = doctest.DocTestFinder(recurse=False).find(code, key, globs=dict(vars(module)))
    return tests[0] if tests and tests[0].examples else None


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_right(name: str) -> None:
    runner, report = doctest.DocTestRunner(), []
    tests = [test for key in public(name) if (test := examples(name, key))]
    for test in tests:
        runner.run(test, out=report.append)
    assert tests
    assert "".join(report) == ""


@pytest.mark.parametrize("name", COMPLETE)
def test_every_public_function_has_an_example(name: str) -> None:
    functions = [key for key, value in public(name).items() if inspect.isfunction(value)]
    assert {key for key in functions if examples(name, key) is None} <= WITHOUT
