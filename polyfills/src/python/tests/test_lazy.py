"""Which functions can be traced by JAX, and which keep Dask's graphs lazy."""

from __future__ import annotations

import json
import pathlib

import pytest

from array_assay_polyfills import _composed
from array_assay_polyfills._tracing import jitted
from array_assay_polyfills.testing import _without_compute
from libraries import compare, libraries, value

CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())

SHAPE = "the shape of the result depends on the elements"

# What cannot be traced, and why.
NOT_TRACED = dict.fromkeys(("argwhere", "bincount", "flatnonzero", "intersect1d", "setdiff1d", "setxor1d", "union1d", "nunique", "repeat"), SHAPE)

# What is not lazy on Dask, or does not run there at all, and why. Where the shape of the result depends on the elements, it is unknown until
# they are computed, and the function is lazy nevertheless.
NOT_LAZY = {
    "argwhere": "Dask stacks no arrays of unknown length",
    "bincount": "the length of the result is that of an element",
    "diff": "Dask's own function computes what comes before or after",
    "repeat": "Dask's own function needs an axis",
    "roll": "Dask's own function takes no empty tuple of axes",
    "searchsorted": "Dask's own function takes neither a sorter nor a Python scalar",
}


def attempts(name, xp, wrapped):
    """The outcome of some cases, because compilations take long: None, or the error."""
    for case in CASES[name][:: max(len(CASES[name]) // 3, 1)]:
        args = [value(xp, given) for given in case["args"]]
        kwargs = {key: value(xp, given) for key, given in case["kwargs"].items()}
        try:
            compare(xp, wrapped(*args, **kwargs, xp=xp), case["expected"])
            yield None
        except Exception as error:
            yield error


@pytest.mark.parametrize("name", sorted(CASES))
def test_traced(name):
    pytest.importorskip("jax")
    (xp,) = libraries("jax.numpy")
    outcomes = [error for error in attempts(name, xp, jitted(getattr(_composed, name))) if error is not None]
    assert bool(outcomes) == (name in NOT_TRACED), outcomes[:1]


@pytest.mark.parametrize("name", sorted(CASES))
def test_lazy(name):
    pytest.importorskip("dask")
    (xp,) = libraries("array_api_compat.dask.array")
    outcomes = [error for error in attempts(name, xp, _without_compute(getattr(_composed, name), 0)) if error is not None]
    assert bool(outcomes) == (name in NOT_LAZY), outcomes[:1]
