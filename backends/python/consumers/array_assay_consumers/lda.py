"""scikit-learn's LinearDiscriminantAnalysis in depth: solvers, methods, devices, and how long it takes on which library."""

from __future__ import annotations

import importlib
import json
import re
import statistics
import time
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, Callable, Iterator

import array_api_compat
import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils._array_api import move_estimator_to

from .tracing import traced
from .truth import host, in_process, into, namespace_of
from .workload import Workload

SOLVERS = ("svd", "lsqr", "eigen")
METHODS = ("predict", "predict_proba", "transform")
CLASSES = 3
FEATURES = 300


def data(samples: int, features: int, dtype: str = "float64") -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Samples of three classes whose means differ in the first feature, of shape (samples, features), and int64 of shape (samples,)."""
    rng = np.random.default_rng(0)
    y = np.arange(samples) % CLASSES
    X = rng.standard_normal(size=(samples, features), dtype=np.dtype(dtype))
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


#: This share of the predictions may differ: samples that lie between two classes as far as their dtype can tell.
BOUNDARY = 1e-4


@dataclass(frozen=True)
class Took:
    """How long work took: the seconds that passed, and those that the process was computing. The second number hardly depends on what else
    the machine does."""

    seconds: float
    computing: float


def clocked(work: Callable[[], Any]) -> tuple[Took, Any]:
    """How long work took, and what it returned."""
    start, computing = time.perf_counter(), time.process_time()
    result = work()
    return Took(time.perf_counter() - start, time.process_time() - computing), result


def seconds(arrays: tuple[Any, Any], dispatch: bool, wait: Callable[[Any], Any]) -> tuple[dict[str, Took], Any]:
    """How long `fit` takes, and each method on as many samples. With that, the predictions."""
    X, y = arrays

    def fit() -> Any:
        fitted = LinearDiscriminantAnalysis().fit(X, y)
        wait(fitted.coef_)
        return fitted

    with sklearn.config_context(array_api_dispatch=dispatch):
        spent, fitted = clocked(fit)
        took, predicted = {"fit": spent}, None
        for method in METHODS:
            took[method], result = clocked(lambda method=method: wait(getattr(fitted, method)(X)))  # type: ignore[misc]
            predicted = result if method == "predict" else predicted
    return took, predicted


def timed(modules: list[str], samples: int, turns: int, dtype: str) -> Iterator[dict[str, Any]]:
    """Times NumPy with and without scikit-learn's array API dispatch, and each library with it. Beside each of these but the first it times
    the calls of the traced programs. Each ratio is one of the times of computing, to NumPy without dispatch in the same turn."""
    programs = programs_of(samples, dtype)
    X, y = data(samples, FEATURES, dtype)
    kinds: list[tuple[str, Callable[[], tuple[dict[str, Took], Any]]]] = [("numpy", lambda: seconds((X, y), False, lambda x: x))]
    for module in ["numpy", *(each for each in modules if each != "numpy")]:
        xp = importlib.import_module(module)
        wait = getattr(xp, "block_until_ready", lambda x: x)
        arrays = (X, y) if module == "numpy" else (into(xp, X), into(xp, y))
        kinds.append((f"{module}, dispatched", partial(seconds, arrays, True, wait)))
        kinds.append((f"{module}, replay", partial(replayed, programs, namespace_of(xp, {"X": arrays[0]}), arrays, wait)))
    # The first turn warms up.
    rounds: list[dict[str, dict[str, Took]]] = []
    for _ in range(turns + 1):
        rounds.append({})
        expected: Any = None
        for name, work in kinds:
            rounds[-1][name], predicted = work()
            predicted = np.asarray(predicted)
            expected = predicted if expected is None else expected
            if np.mean(predicted != expected) > BOUNDARY:
                raise ValueError(f"time {name}: its predictions are not those of NumPy")
    for name, _ in kinds:
        for step in ("fit", *METHODS):
            ratios = sorted(turn[name][step].computing / turn["numpy"][step].computing for turn in rounds[1:])
            yield {
                "library": name,
                "step": step,
                "seconds": statistics.median(turn[name][step].seconds for turn in rounds[1:]),
                "computing": statistics.median(turn[name][step].computing for turn in rounds[1:]),
                "ratio": statistics.median(ratios),
                "least": ratios[0],
                "most": ratios[-1],
            }


# Replays

Programs = dict[str, tuple[list[str], str]]


def programs_of(samples: int, dtype: str) -> Programs:
    """For `fit` and each method, the statements of its trace for so many samples, and the register of its result.

    A trace knows the number of samples where the consumer made a float of it. So two small traces are compared, and have to
    be the same but for that number and its reciprocal.
    """
    small, other = (in_process(partial(traced_programs, n, dtype), 600.0) for n in (2 * FEATURES, 3 * FEATURES))
    if "programs" not in small or small != other:
        raise ValueError(f"trace the estimator: its program depends on the number of samples: {small.get('why', '')}")
    number, reciprocal = repr(float(samples)), repr(1.0 / samples)
    said = {step: ([line.replace("N.0", number).replace("1/N", reciprocal) for line in lines], result)
            for step, (lines, result) in small["programs"].items()}  # fmt: skip
    fit = said["fit"][0]
    if any(lines[: len(fit)] != fit for lines, _ in said.values()):
        raise ValueError("trace the estimator: a method does not begin with `fit`")
    return {step: (lines if step == "fit" else lines[len(fit) :], result) for step, (lines, result) in said.items()}


def traced_programs(samples: int, dtype: str) -> dict[str, Any]:
    """The traced programs of an estimator, in which `N.0` stands for the number of samples, and `1/N` for its reciprocal."""
    from . import helpers, patches

    patches.install()
    helpers.install()
    X, y = data(samples, FEATURES, dtype)
    number = re.compile(rf"(?<![\w.]){samples}\.0(?![\w.])|(?<![\w.]){re.escape(repr(1.0 / samples))}(?![\w.])")
    programs = {}
    for step in ("fit", *METHODS):

        def run(a: Any, step: str = step) -> dict[str, Any]:
            fitted = LinearDiscriminantAnalysis().fit(a.X, a.y)
            return {"r": fitted.coef_ if step == "fit" else getattr(fitted, step)(a.X)}

        trace = traced(Workload("scikit-learn", step, "", lambda n: {}, run), {"X": X, "y": y}, "eager")
        if trace.cut:
            raise ValueError(trace.cut)
        named = [number.sub(lambda found: "N.0" if found[0].endswith(".0") else "1/N", line.text) for line in trace.lines]
        programs[step] = [named, trace.returns["r"]]
    return {"programs": programs}


class Names(dict[str, Any]):
    """The names of a program: its registers, Python's conversions, and the functions and dtypes of a namespace."""

    def __init__(self, xp: ModuleType, arrays: tuple[Any, Any]) -> None:
        super().__init__(X=arrays[0], y=arrays[1], device=None, bool=bool, int=int, float=float, list=list, slice=slice, nan=np.nan, inf=np.inf)
        self.xp = xp

    def beside(self) -> Names:
        """The same names, for a program that adds its own."""
        names = Names(self.xp, (self["X"], self["y"]))
        names.update(self)
        return names

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self.xp, name)
        except AttributeError:
            raise KeyError(name) from None


def replayed(programs: Programs, xp: ModuleType, arrays: tuple[Any, Any], wait: Callable[[Any], Any]) -> tuple[dict[str, Took], Any]:
    """How long the calls of the programs take, made one after the other on a library. With that, the predictions."""
    names = Names(xp, arrays)
    took: dict[str, Took] = {}
    predicted = None
    for step, (lines, result) in programs.items():
        code = compile("\n".join(lines), f"<{step}>", "exec")
        # `fit` leaves the registers that each method begins with.
        registers = names if step == "fit" else names.beside()

        def calls(code: Any = code, registers: Names = registers, result: str = result) -> None:
            exec(code, {}, registers)  # noqa: S102  # The text comes from the tracer.
            wait(registers[result])

        took[step], _ = clocked(calls)
        predicted = registers[result] if step == "predict" else predicted
    return took, predicted


def run(modules: list[str], out: str | None, samples: int, turns: int, dtype: str) -> None:
    """Prints a JSON line for each thing that was tried, or for each step that was timed if there are samples."""
    for line in timed(modules, samples, turns, dtype) if samples else describe(modules[0], out):
        print(json.dumps(line), flush=True)
