"""Times the functions of the emitted package, of array-api-extra and of the library itself. Prints a JSON line for each function, library and size."""

import importlib
import json
import sys
import time
import warnings

import numpy as np

import array_assay_polyfills as ap

try:
    import array_api_extra as xpx
except ImportError:
    xpx = None

warnings.simplefilter("ignore")
ROUNDS = 7
# A measurement lasts at least so long.
ENOUGH = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02


def namespaces():
    """Name, namespace, and how a result is waited for."""
    found = []
    for name, module, wait in (
        ("numpy", "array_api_compat.numpy", lambda x: x),
        ("torch", "array_api_compat.torch", lambda x: x),
        ("jax", "jax.numpy", lambda x: x.block_until_ready()),
        ("dask", "array_api_compat.dask.array", lambda x: x),
    ):
        try:
            xp = importlib.import_module(module)
        except ImportError:
            continue
        if name == "torch":
            importlib.import_module("torch").set_num_threads(1)
        if name == "jax":
            importlib.import_module("jax").config.update("jax_enable_x64", True)
        found.append((name, xp, wait))
    return found


def calls(n):
    """Calls by function: of the package, of array-api-extra (None: it has none), of the library. `v` has the arrays."""
    k = max(n // 2, 1)
    return {
        "isclose": (lambda m, v: m.isclose(v.x, v.y), "isclose", lambda xp, v: xp.isclose(v.x, v.y)),
        "nan_to_num": (lambda m, v: m.nan_to_num(v.nan), "nan_to_num", lambda xp, v: xp.nan_to_num(v.nan)),
        "sinc": (lambda m, v: m.sinc(v.x), "sinc", lambda xp, v: xp.sinc(v.x)),
        "deg2rad": (lambda m, v: m.deg2rad(v.x), "deg2rad", lambda xp, v: xp.deg2rad(v.x)),
        "angle": (lambda m, v: m.angle(v.z), "angle", lambda xp, v: xp.angle(v.z)),
        "nanmin": (lambda m, v: m.nanmin(v.nan), "nanmin", lambda xp, v: xp.nanmin(v.nan)),
        "nanmax": (lambda m, v: m.nanmax(v.nan), "nanmax", lambda xp, v: xp.nanmax(v.nan)),
        "nansum": (lambda m, v: m.nansum(v.nan), "nansum", lambda xp, v: xp.nansum(v.nan)),
        "nanmean": (lambda m, v: m.nanmean(v.nan), "nanmean", lambda xp, v: xp.nanmean(v.nan)),
        "partition": (lambda m, v: m.partition(v.x, k), "partition", lambda xp, v: xp.partition(v.x, k)),
        "argpartition": (lambda m, v: m.argpartition(v.x, k), "argpartition", lambda xp, v: xp.argpartition(v.x, k)),
        "pad": (lambda m, v: m.pad(v.x, 2), "pad", lambda xp, v: xp.pad(v.x, 2)),
        "one_hot": (lambda m, v: m.one_hot(v.small, 8), "one_hot", None),
        "kron": (lambda m, v: m.kron(v.x, v.three), "kron", lambda xp, v: xp.kron(v.x, v.three)),
        "cov": (lambda m, v: m.cov(v.rows), "cov", lambda xp, v: xp.cov(v.rows)),
        "isin": (lambda m, v: m.isin(v.i, v.three_i), "isin", lambda xp, v: xp.isin(v.i, v.three_i)),
        "nunique": (lambda m, v: m.nunique(v.i), "nunique", None),
        "atleast_nd": (lambda m, v: m.atleast_nd(v.x, ndim=2), "atleast_nd", lambda xp, v: xp.atleast_2d(v.x)),
        "at.set": (lambda m, v: m.at(v.x)[:2].set(1.0, copy=True), "at", None),
        "apply_where": (
            lambda m, v: m.apply_where(v.mask, v.x, lambda a: a * 2.0, fill_value=0.0),
            "apply_where",
            lambda xp, v: xp.where(v.mask, v.x * 2.0, 0.0),
        ),
        "median": (lambda m, v: m.median(v.x), None, lambda xp, v: xp.median(v.x)),
        "nanmedian": (lambda m, v: m.nanmedian(v.nan), None, lambda xp, v: xp.nanmedian(v.nan)),
        "quantile": (lambda m, v: m.quantile(v.x, 0.3), None, lambda xp, v: xp.quantile(v.x, 0.3)),
    }


class Arrays:
    """The arguments, of a library and a size."""

    def __init__(self, xp, n):
        rng = np.random.default_rng(1)
        x = rng.random(n)
        nan = np.where(rng.random(n) < 0.1, np.nan, x)
        nan[0] = 0.5
        of = {
            "x": x, "y": x + 1e-9, "nan": nan, "z": x + 1j * rng.random(n), "small": rng.integers(0, 8, n), "three": rng.random(3),
            "rows": rng.random((2, max(n // 2, 2))), "i": rng.integers(0, 100, n), "three_i": np.asarray([1, 5, 7]), "mask": x > 0.5,
        }  # fmt: skip
        for name, value in of.items():
            setattr(self, name, xp.asarray(value))


def compiled(function, v):
    """The call under `jax.jit`, with the arrays as arguments."""
    import jax

    names = list(vars(v))

    def of(values):
        w = object.__new__(Arrays)
        vars(w).update(zip(names, values))
        return function(w)

    call = jax.jit(of)
    values = list(vars(v).values())
    return lambda _: call(values)


def once(function, v, wait):
    start = time.perf_counter()
    wait(function(v))
    return time.perf_counter() - start


def times(functions, v, wait):
    """The best time of each call, in microseconds. The calls take turns, so that other work of the machine slows all of them."""
    best = [float("inf")] * len(functions)
    repeats = []
    for function in functions:
        wait(function(v))
        one = max(once(function, v, wait), 1e-7)
        repeats.append(max(1, min(int(ENOUGH / one), 2000)))
    for _ in range(ROUNDS):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            for _ in range(repeats[i]):
                result = function(v)
            wait(result)
            best[i] = min(best[i], (time.perf_counter() - start) / repeats[i])
    return [1e6 * t for t in best]


def main():
    wanted = sys.argv[1].split(",") if len(sys.argv) > 1 and sys.argv[1] else None
    for name, xp, wait in namespaces():
        if wanted and name not in wanted:
            continue
        for n in (10, 10**3, 10**6):
            v = Arrays(xp, n)
            for function, (call, extra, native) in calls(n).items():
                tries = [("ours", lambda v, call=call: call(ap, v))]
                if xpx is not None and extra is not None:
                    tries.append(("extra", lambda v, call=call: call(xpx, v)))
                if native is not None:
                    tries.append(("native", lambda v, native=native: native(xp, v)))
                working = []
                row = {"function": function, "library": name, "size": n}
                for label, attempt in tries:
                    try:
                        attempt = compiled(attempt, v) if name == "jax" else attempt
                        wait(attempt(v))
                        working.append((label, attempt))
                    except Exception as error:
                        row[f"{label}_error"] = f"{type(error).__name__}: {error}"[:100]
                for (label, attempt), best in zip(working, times([attempt for _, attempt in working], v, wait)):
                    row[label] = best
                    if name == "dask":
                        row[f"{label}_graph"] = len(dict(attempt(v).__dask_graph__()))
                print(json.dumps(row), flush=True)


main()
