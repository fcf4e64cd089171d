"""scikit-learn's LinearDiscriminantAnalysis in depth: solvers, methods, devices, and how long it takes on which library."""

from __future__ import annotations

import importlib
import json
import statistics
import time
from types import ModuleType
from typing import Any, Callable, Iterator

import array_api_compat
import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils._array_api import move_estimator_to

from .truth import host, into, namespace_of

SOLVERS = ("svd", "lsqr", "eigen")
METHODS = ("predict", "predict_proba", "transform")
CLASSES = 3
FEATURES = 300


def data(samples: int, features: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Samples of three classes whose means differ in the first feature: float64 of shape (samples, features), and int64 of shape (samples,)."""
    rng = np.random.default_rng(0)
    y = np.arange(samples) % CLASSES
    X = rng.normal(size=(samples, features))
    X[:, 0] += y
    return X, y


def describe(module: str, out: str | None) -> Iterator[dict[str, str]]:
    """What each solver and method does on the library, and on another of its devices after the estimator was moved there."""
    xp = importlib.import_module(module)
    X, y = data(60, 4)
    for solver in SOLVERS:
        for method in ("fit", *METHODS):
            if method == "transform" and solver == "lsqr":
                continue
            yield {"what": f"{solver}, {method}", "said": said(lambda: same_as_numpy(xp, X, y, solver, method, out))}
    devices = list(namespace_of(xp, {"X": into(xp, X)}).__array_namespace_info__().devices())
    for device in devices[1:]:
        for moved in (False, True):
            way = f"svd, fit on {devices[0]}, {'moved, ' if moved else ''}predict on {device}"
            yield {"what": way, "said": said(lambda: on_another(xp, X, y, device, out, moved))}


def said(work: Callable[[], str]) -> str:
    """What the work returns, or the exception that it raises as text."""
    try:
        return work()
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        return f"{type(error).__name__}: {first}"


def close(got: Any, expected: Any, out: str | None) -> str:
    """Whether the result of the library is NumPy's."""
    ours, theirs = host(got, out), np.asarray(expected)
    return "works" if np.allclose(np.abs(ours), np.abs(theirs), rtol=1e-6, atol=1e-8) else "another result"


def same_as_numpy(xp: ModuleType, X: np.ndarray[Any, Any], y: np.ndarray[Any, Any], solver: str, method: str, out: str | None) -> str:
    """Fits on the library, calls a method, and compares with NumPy. Components have a free sign."""
    with sklearn.config_context(array_api_dispatch=False):
        expected = LinearDiscriminantAnalysis(solver=solver).fit(X, y)
        result = expected.coef_ if method == "fit" else getattr(expected, method)(X)
    with sklearn.config_context(array_api_dispatch=True):
        array = into(xp, X)
        fitted = LinearDiscriminantAnalysis(solver=solver).fit(array, into(xp, y))
        got = fitted.coef_ if method == "fit" else getattr(fitted, method)(array)
    return close(got, result, out)


def on_another(xp: ModuleType, X: np.ndarray[Any, Any], y: np.ndarray[Any, Any], device: Any, out: str | None, moved: bool) -> str:
    """Fits on the default device, and predicts on another one."""
    with sklearn.config_context(array_api_dispatch=True):
        array = into(xp, X)
        fitted = LinearDiscriminantAnalysis().fit(array, into(xp, y))
        here = host(fitted.predict(array), out)
        there = array_api_compat.to_device(array, device)
        if moved:
            fitted = move_estimator_to(fitted, namespace_of(xp, {"X": array}), device)
        got = fitted.predict(there)
        if array_api_compat.device(got) != device:
            return f"answers on {array_api_compat.device(got)}"
        return close(array_api_compat.to_device(got, array_api_compat.device(array)), here, out)


def seconds(arrays: tuple[Any, Any], dispatch: bool, wait: Callable[[Any], Any]) -> dict[str, float]:
    """The seconds of `fit`, and of each method on as many samples."""
    X, y = arrays
    with sklearn.config_context(array_api_dispatch=dispatch):
        start = time.perf_counter()
        fitted = LinearDiscriminantAnalysis().fit(X, y)
        wait(fitted.coef_)
        took = {"fit": time.perf_counter() - start}
        for method in METHODS:
            start = time.perf_counter()
            wait(getattr(fitted, method)(X))
            took[method] = time.perf_counter() - start
    return took


def timed(modules: list[str], samples: int, turns: int) -> Iterator[dict[str, Any]]:
    """Times NumPy with and without scikit-learn's array API dispatch, and each library with it. Each ratio is to NumPy without it in the same turn."""
    X, y = data(samples, FEATURES)
    kinds: list[tuple[str, tuple[Any, Any], bool, Callable[[Any], Any]]] = [
        ("numpy", (X, y), False, lambda x: x),
        ("numpy, dispatched", (X, y), True, lambda x: x),
    ]
    for module in modules:
        xp = importlib.import_module(module)
        wait = getattr(xp, "block_until_ready", lambda x: x)
        kinds.append((f"{module}, dispatched", (into(xp, X), into(xp, y)), True, wait))
    # The first turn warms up.
    rounds = [[seconds(arrays, dispatch, wait) for _, arrays, dispatch, wait in kinds] for _ in range(turns + 1)][1:]
    for at, (name, *_) in enumerate(kinds):
        for step in ("fit", *METHODS):
            ratios = sorted(turn[at][step] / turn[0][step] for turn in rounds)
            median = statistics.median(turn[at][step] for turn in rounds)
            yield {"library": name, "step": step, "seconds": median, "ratio": statistics.median(ratios), "least": ratios[0], "most": ratios[-1]}


def run(modules: list[str], out: str | None, samples: int, turns: int) -> None:
    """Prints a JSON line for each thing that was tried, or for each step that was timed if there are samples."""
    for line in timed(modules, samples, turns) if samples else describe(modules[0], out):
        print(json.dumps(line), flush=True)
