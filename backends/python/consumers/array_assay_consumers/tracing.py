"""Runs a workload on array-api-strict and records its trace."""

from __future__ import annotations

import contextlib
import re
import warnings
from typing import Any, Iterator

import array_api_strict
import numpy as np

from .recorder import RECORDER, Trace
from .workload import Data, Workload, arguments

# A workload breaks the standard at most in so many places before the trace is given up.
MOST_BREACHES = 40


@contextlib.contextmanager
def dispatch(on: bool) -> Iterator[None]:
    """scikit-learn takes other arrays than NumPy's only if it is told to."""
    import sklearn

    with warnings.catch_warnings(), sklearn.config_context(array_api_dispatch=on):
        warnings.simplefilter("ignore")
        yield


def expected(workload: Workload, data: Data) -> dict[str, np.ndarray[Any, Any]]:
    """What the consumer gives for NumPy's arrays, without any dispatch."""
    with dispatch(False):
        results = workload.run(arguments({name: a.copy() for name, a in data.items()}, np))
    return {name: np.asarray(value) for name, value in results.items()}


def traced(workload: Workload, data: Data, face: str) -> Trace:
    """The trace of a workload. A call that the standard does not allow is answered by NumPy, and noted."""
    lenient: frozenset[int] = frozenset()
    for _ in range(MOST_BREACHES):
        error = attempt(workload, data, face, lenient)
        if error is None:
            return RECORDER.trace
        raised = RECORDER.raised
        if raised is None or raised[1] in lenient or not is_due_to(error, raised[0]):
            break
        lenient |= {raised[1]}
    RECORDER.trace.cut = steady(f"{type(error).__name__}: {error}").split("\n")[0][:200]
    return RECORDER.trace


def steady(message: str) -> str:
    """A message that is the same in each process and on each machine."""
    # A module's text has the path of its file.
    message = re.sub(r"<module '([\w.]+)' from '[^']*'>", r"\1", message)
    # A set has any order.
    return re.sub(r"\{([^{}]*)\}", lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", message)


def is_due_to(error: BaseException | None, cause: BaseException) -> bool:
    """Whether an exception is another one, or was raised while that was handled."""
    while error is not None:
        if error is cause:
            return True
        error = error.__cause__ or error.__context__
    return False


def attempt(workload: Workload, data: Data, face: str, lenient: frozenset[int]) -> BaseException | None:
    """Records one run, and returns the exception that ended it."""
    arrays = {name: array_api_strict.asarray(a.copy()) for name, a in data.items()}
    RECORDER.start()
    RECORDER.face, RECORDER.lenient = face, lenient
    for name, array in arrays.items():
        RECORDER.add_input(array, name)
    with dispatch(True):
        RECORDER.active = True
        try:
            results = workload.run(arguments(arrays, array_api_strict))
        except Exception as error:
            return error
        finally:
            RECORDER.active = False
    RECORDER.trace.returns = {name: returned(value) for name, value in results.items()}
    return None


def returned(value: Any) -> str:
    """Where a result comes from."""
    if isinstance(value, RECORDER.array_type):
        return RECORDER.names.get(id(value), "host")
    if isinstance(value, (float, np.floating)) and float(value) in RECORDER.results:
        return RECORDER.results[float(value)]
    return "host" if isinstance(value, np.ndarray) else "python"
