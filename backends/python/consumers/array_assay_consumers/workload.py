"""Workloads: uses of consumers on made-up data."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Callable

import numpy as np

Data = dict[str, "np.ndarray[Any, Any]"]


@dataclass(frozen=True)
class Workload:
    """One use of a consumer.

    `data(n)` makes the arrays for `n` samples. `run(a)` gets them as attributes of `a`, with the namespace as `a.xp`,
    and returns results by name.
    """

    consumer: str
    name: str
    says: str
    data: Callable[[int], Data]
    run: Callable[[Any], dict[str, Any]]
    # Results whose columns have a free sign.
    free_signs: tuple[str, ...] = ()
    # The relative tolerance for float64 and float32.
    rtol: tuple[float, float] = (1e-6, 2e-3)
    # The consumer's public functions and methods that it calls, by dotted path. `claims` says what the consumer says of them.
    calls: tuple[str, ...] = ()


@dataclass
class Workloads:
    """The workloads of a file, in order."""

    all: list[Workload] = field(default_factory=list)

    def add(self, workload: Workload) -> None:
        """Adds a workload."""
        self.all.append(workload)


# The names of the cases: number of samples, and dtype of the floating-point inputs.
SIZES = (20, 48)
DTYPES = ("float64", "float32")


def data_of(workload: Workload, size: int, dtype: str) -> Data:
    """The arrays of a case. Floating-point elements have three decimals, so that files show them whole."""
    arrays = workload.data(size)
    return {name: np.round(a, 3).astype(dtype) if a.dtype.kind == "f" else a for name, a in arrays.items()}


def arguments(arrays: dict[str, Any], xp: Any) -> SimpleNamespace:
    """What `run` gets."""
    return SimpleNamespace(xp=xp, **arrays)


def random(seed: int) -> np.random.RandomState:
    """A generator whose stream no version of NumPy changes."""
    return np.random.RandomState(seed)
