"""Runs workloads on array-api-strict while it takes one freedom of the standard, such as the order of `unique_values`.

A consumer whose result changes leans on more than the standard promises. That is a question to the consumer or to the
standard, and no fault of a library that takes the freedom.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Sequence

import array_api_strict as xp
import numpy as np
from array_api_strict._array_object import Array

from .tracing import dispatch, expected
from .truth import differs, failure, in_process
from .workload import Workload, arguments, data_of

Function = Callable[..., Any]


def backwards(x: Any) -> Any:
    """The elements in the reversed order."""
    return xp.flip(x, axis=0)


def places_backwards(values: Any, inverse: Any) -> Any:
    """The indices of elements among values whose order is reversed."""
    return (values.shape[0] - 1) - inverse


def unique_values(of: Function) -> Function:
    """The values in another order."""
    return lambda x: backwards(of(x))


def unique_counts(of: Function) -> Function:
    """The values, and with them the counts, in another order."""
    return lambda x: (lambda r: type(r)(backwards(r.values), backwards(r.counts)))(of(x))


def unique_inverse(of: Function) -> Function:
    """The values in another order, and the places accordingly."""
    return lambda x: (lambda r: type(r)(backwards(r.values), places_backwards(r.values, r.inverse_indices)))(of(x))


def unique_all(of: Function) -> Function:
    """The values in another order, and all else accordingly."""

    def take(x: Any) -> Any:
        r = of(x)
        return type(r)(backwards(r.values), backwards(r.indices), places_backwards(r.values, r.inverse_indices), backwards(r.counts))

    return take


def unstable(of: Function) -> Function:
    """Equal elements in the reversed order, where the caller does not ask for a stable sort."""

    def take(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
        if stable:
            return of(x, axis=axis, descending=descending, stable=True)
        order = of(xp.flip(x, axis=axis), axis=axis, descending=descending, stable=True)
        return (x.shape[axis] - 1) - order

    return take


def svd(of: Function) -> Function:
    """Singular vectors with the other sign."""

    def take(x: Any, /, *, full_matrices: bool = True) -> Any:
        r = of(x, full_matrices=full_matrices)
        k = r.S.shape[-1]
        u, vh = np.array(r.U._array), np.array(r.Vh._array)
        u[..., :, :k] *= -1
        vh[..., :k, :] *= -1
        return type(r)(Array._new(u, device=x.device), r.S, Array._new(vh, device=x.device))

    return take


def eigh(of: Function) -> Function:
    """Eigenvectors with the other sign."""
    return lambda x, /: (lambda r: type(r)(r.eigenvalues, -r.eigenvectors))(of(x))


def eigh_order(of: Function) -> Function:
    """Eigenvalues in descending order, and the eigenvectors with them."""
    return lambda x, /: (lambda r: type(r)(xp.flip(r.eigenvalues, axis=-1), xp.flip(r.eigenvectors, axis=-1)))(of(x))


def qr(of: Function) -> Function:
    """The factors with the other sign."""
    return lambda x, /, *, mode="reduced": (lambda r: type(r)(-r.Q, -r.R))(of(x, mode=mode))


def unfilled(of: Function) -> Function:
    """Elements that nobody would want: NaN, the smallest integer, `True`."""

    def take(*args: Any, **kwargs: Any) -> Any:
        x = of(*args, **kwargs)
        kind = x._array.dtype.kind
        x._array[...] = np.nan if kind in "fc" else True if kind == "b" else np.iinfo(x._array.dtype).min
        return x

    return take


def copied(of: Any) -> Any:
    """A copy, where the library usually returns a view."""

    def copy(x: Any) -> Any:
        return Array._new(np.array(x._array), device=x.device)

    if isinstance(of, property):
        return property(lambda x: copy(of.fget(x)))  # type: ignore[misc]
    return lambda *args, **kwargs: copy(of(*args, **kwargs))


VIEWS = ("reshape", "permute_dims", "squeeze", "expand_dims", "flip", "moveaxis", "matrix_transpose",
         "array.__getitem__", "array.T", "array.mT")  # fmt: skip

# The freedoms: functions, and what makes other ones of them.
FREEDOMS: dict[str, tuple[tuple[str, ...], Callable[[Any], Any]]] = {
    "unique_values/order": (("unique_values",), unique_values),
    "unique_counts/order": (("unique_counts",), unique_counts),
    "unique_inverse/order": (("unique_inverse",), unique_inverse),
    "unique_all/order": (("unique_all",), unique_all),
    "argsort/ties": (("argsort",), unstable),
    "linalg.svd/signs": (("linalg.svd",), svd),
    "linalg.eigh/signs": (("linalg.eigh",), eigh),
    "linalg.eigh/order": (("linalg.eigh",), eigh_order),
    "linalg.qr/signs": (("linalg.qr",), qr),
    "empty/elements": (("empty", "empty_like"), unfilled),
    "views/copies": (VIEWS, copied),
}


def install(freedom: str) -> None:
    """Lets array-api-strict take a freedom."""
    paths, make = FREEDOMS[freedom]
    for path in paths:
        module, _, name = path.rpartition(".")
        holder: Any = Array if module == "array" else getattr(xp, module) if module else xp
        setattr(holder, name, make(getattr(holder, name)))


def take(workloads: Sequence[Workload], freedom: str, limit: float) -> None:
    """Prints, for each case of the standard input, what becomes of it. Without a freedom it is the library as it is."""
    known = {f"{each.consumer}/{each.name}": each for each in workloads}
    if freedom:
        install(freedom)
    for line in sys.stdin:
        name, case = json.loads(line)
        answer = in_process(lambda: attempt(known[name], case), limit)
        print(json.dumps({"workload": name, "case": case, **answer}), flush=True)


def attempt(workload: Workload, case: str) -> dict[str, Any]:
    """Runs a workload on array-api-strict."""
    dtype, _, size = case.rpartition("-")
    data = data_of(workload, int(size), dtype)
    reference = expected(workload, data)
    with dispatch(True):
        try:
            results = workload.run(arguments({name: xp.asarray(a.copy()) for name, a in data.items()}, xp))
        except Exception as error:
            return failure(error)
    wrong = [name for name in reference if differs(np.asarray(results[name]), reference[name], name, workload, dtype)]
    return {"verdict": "differs" if wrong else "works", "why": ", ".join(wrong), "lines": []}
