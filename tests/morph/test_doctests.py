"""The examples of the interface are right, against a small real store; every call has one."""

import doctest
import importlib
import inspect

import pytest

import morph

MODULES = (
    "morph",
    *(
        f"morph.{name}"
        for name in (
            "annealing.environment",
            "frames",
            "model",
            "simulation",
            "store",
            "stored_model",
            "transformer",
        )
    ),
)
# Shown by the example of their class or of another call, or in need of an optional package.
WITHOUT = {
    "Store.datasets",
    "Store.runs",
    "Store.picture",
    "Model.write_onnx",
    "Model.write_safetensors",
    "StoredModel.latents_xarray",
}


def examples(name: str) -> list[doctest.DocTest]:
    module = importlib.import_module(name)
    found = doctest.DocTestFinder().find(module, name, globs=dict(vars(module)))
    return [each for each in found if each.examples]


@pytest.mark.usefixtures("interface")
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_right(name: str) -> None:
    runner, report = doctest.DocTestRunner(), []
    tests = examples(name)
    for test in tests:
        runner.run(test, out=report.append)
    assert tests
    assert "".join(report) == ""


def test_every_call_has_an_example() -> None:
    shown = {test.name.removeprefix(f"{name}.") for name in MODULES for test in examples(name)}
    calls: set[str] = set()
    for public in morph.__all__:
        value = getattr(morph, public)
        if inspect.isfunction(value):
            calls.add(public)
        elif value.__module__.startswith("morph."):
            calls |= {
                f"{public}.{name}"
                for name, each in vars(value).items()
                if inspect.isfunction(each) and not name.startswith("_")
            }
    assert {"Model.embed", "StoredModel.compare", "simulate"} <= calls
    assert calls - shown == WITHOUT
