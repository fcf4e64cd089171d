"""Every composition on every library that is there, in cases whose results were computed by the oracle of Array Assay."""

from __future__ import annotations

import json
import pathlib

import pytest

import array_assay_polyfills as ap
from array_assay_polyfills import _composed, _native
from libraries import BY_NAME_ALONE, compare, composed, libraries, short, value

HERE = pathlib.Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text())
REVISIONS = json.loads((HERE / "revisions.json").read_text())

# Compositions out of reach of a library, which has the function itself: PyTorch refuses negative steps, and its sum of two complex numbers
# multiplies one of them by one, so that an infinite part makes the other one NaN.
OUT_OF_REACH = {"torch": ("flip", "fliplr", "flipud", "rot90", "top_k", "nancumsum")}


def check(name, xp, compose):
    """Compares every case of a composition; `compose`: the composition itself, whatever the library has."""
    library = short(xp)
    with composed(compose and name not in OUT_OF_REACH.get(library, ())):
        for case in CASES[name]:
            if any(f'"{dtype}"' in json.dumps(case) for dtype in BY_NAME_ALONE.get(library, ())):
                continue
            args = [value(xp, given) for given in case["args"]]
            kwargs = {key: value(xp, given) for key, given in case["kwargs"].items()}
            try:
                compare(xp, getattr(_composed, name)(*args, **kwargs, xp=xp), case["expected"])
            except Exception as error:
                raise AssertionError(f"{name} of {case}") from error


@pytest.mark.parametrize("xp", libraries(), ids=short)
@pytest.mark.parametrize("name", sorted(CASES))
def test_composition(name, xp):
    check(name, xp, True)


@pytest.mark.parametrize("xp", libraries(), ids=short)
@pytest.mark.parametrize("name", sorted({name for of in _native.NATIVE.values() for name in of} & set(CASES)))
def test_delegation(name, xp):
    if name not in _native.NATIVE.get(short(xp), {}):
        pytest.skip("not delegated for this library")
    check(name, xp, False)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(CASES))
def test_oldest_revision(name):
    """On array-api-strict, which has nothing that came later. It goes back to revision 2022.12."""
    strict = pytest.importorskip("array_api_strict")
    revision = max(REVISIONS[name], "2022.12")
    with strict.ArrayAPIStrictFlags(api_version=revision):
        for case in CASES[name]:
            args = [value(strict, given) for given in case["args"]]
            kwargs = {key: value(strict, given) for key, given in case["kwargs"].items()}
            with composed():
                getattr(_composed, name)(*args, **kwargs, xp=strict)


def test_every_name_is_there():
    for name in ap.__all__:
        assert hasattr(ap, name), name
