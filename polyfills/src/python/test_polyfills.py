"""Every function on every library that is there, in cases whose results were computed by the oracle of Array Assay."""

import importlib
import json
import math
import pathlib

import array_assay_polyfills as ap
from array_assay_polyfills import _helpers, _native

CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())


# Dtypes that a library has by name alone: it says so, and few of its functions take them.
BY_NAME_ALONE = {"array_api_compat.torch": ("uint16", "uint32", "uint64")}

# Compositions out of reach of a library, which has the function itself: PyTorch refuses negative steps.
OUT_OF_REACH = {"array_api_compat.torch": ("flip", "fliplr", "flipud", "rot90", "top_k")}


def libraries():
    found = []
    for name in ("array_api_compat.numpy", "array_api_strict", "array_api_compat.torch"):
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
        if name.endswith("torch"):  # The default dtypes of the cases.
            torch = importlib.import_module("torch")
            torch.set_default_dtype(torch.float64)
    return found


def number(item):
    if isinstance(item, str):
        return float(item)
    if isinstance(item, list):
        return complex(number(item[0]), number(item[1]))
    return item


def elements(dtype, data):
    return [number(item) for item in data]


def value(xp, given):
    (kind, content), = given.items()
    if kind == "array":
        dtype = getattr(xp, content["dtype"])
        return xp.reshape(xp.asarray(elements(content["dtype"], content["data"]), dtype=dtype), tuple(content["shape"]))
    if kind == "tuple":
        return tuple(value(xp, item) for item in content)
    if kind == "list":
        return [value(xp, item) for item in content]
    if kind == "dtype":
        return getattr(xp, content)
    if kind == "none":
        return None
    if kind == "str":
        return content
    return number(content)


def flat(xp, x):
    x = xp.reshape(x, (-1,))
    items = [x[i] for i in range(x.shape[0])]
    kind = complex if xp.isdtype(x.dtype, "complex floating") else float if xp.isdtype(x.dtype, "real floating") else int
    return [kind(item) for item in items]


def near(got, want, bound):
    if isinstance(got, complex) or isinstance(want, complex):
        got, want = complex(got), complex(want)
        if not (math.isfinite(want.real) and math.isfinite(want.imag)):
            return all(near(a, b, bound) for a, b in ((got.real, want.real), (got.imag, want.imag)))
        return abs(got - want) <= bound
    if bound == math.inf:
        return True
    if want != want:
        return got != got
    return got == want or abs(got - want) <= bound


def compare(xp, got, expected):
    (kind, content), = expected.items()
    if kind in ("tuple", "list"):
        assert isinstance(got, (tuple, list)) and len(got) == len(content)
        for g, e in zip(got, content):
            compare(xp, g, e)
        return
    assert got.dtype == getattr(xp, content["dtype"])
    assert tuple(got.shape) == tuple(content["shape"])
    if content["data"] is None:
        return
    wanted, bounds = elements(content["dtype"], content["data"]), content["bounds"]
    for i, (g, w) in enumerate(zip(flat(xp, got), wanted)):
        assert near(g, w, number(bounds[i]) if bounds else 0), (i, g, w)


def check(name, composed, xp):
    """Compares every case of a function; `composed`: the polyfill itself, whatever the library has."""
    _helpers.compose_all = composed and name not in OUT_OF_REACH.get(xp.__name__, ())
    for case in CASES[name]:
        if any(f'"{dtype}"' in json.dumps(case) for dtype in BY_NAME_ALONE.get(xp.__name__, ())):
            continue
        args = [value(xp, given) for given in case["args"]]
        kwargs = {key: value(xp, given) for key, given in case["kwargs"].items()}
        namespace = "namespace" if name == "interp" else "xp"
        try:
            compare(xp, getattr(ap, name)(*args, **kwargs, **{namespace: xp}), case["expected"])
        except Exception as error:
            raise AssertionError(f"{name} of {case}") from error


def tests():
    """Every function composed, and those that are delegated as they are called."""
    return [(name, True) for name in sorted(CASES)] + [(name, False) for name in sorted(CASES) if name in _native.NATIVE]


def pytest_generate_tests(metafunc):
    ids = [name if composed else f"{name}-delegated" for name, composed in tests()]
    metafunc.parametrize("name, composed", tests(), ids=ids)
    metafunc.parametrize("xp", libraries(), ids=lambda xp: xp.__name__)


def test_function(name, composed, xp):
    check(name, composed, xp)


def main():
    """Without pytest: every test, and how many there were."""
    done, failed = 0, 0
    for xp in libraries():
        for name, composed in tests():
            try:
                check(name, composed, xp)
                done += 1
            except AssertionError as error:
                failed += 1
                print(f"{xp.__name__} composed={composed}: {error}: {error.__cause__!r}"[:1000])
    print(f"{done} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
