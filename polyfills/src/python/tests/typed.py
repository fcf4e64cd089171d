"""A file that uses the package, for mypy and pyright: it is checked, and never run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import array_assay_polyfills as ap


def center(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Results have the type of the first array."""
    middle: NDArray[np.float64] = ap.nanmedian(x, axis=0, keepdims=True)
    return ap.at(x - middle)[0].set(0.0, copy=True)


def spread(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Options are typed, too."""
    low = ap.quantile(x, 0.25, axis=0)
    high = ap.quantile(x, 0.75, axis=0, method="hazen", xp=np)
    padded = ap.pad(high - low, (1, 0), constant_values=1.0)
    return ap.nan_to_num(padded, fill_value=0.0)


def chosen(mask: NDArray[np.bool_], z: NDArray[np.complex128], indices: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Arrays of any dtype are arrays, whatever operators their types have."""
    phases: NDArray[np.complex128] = ap.at(z)[mask].set(0.0)
    codes = ap.one_hot(indices, 3, dtype=np.float64)
    return ap.atleast_nd(phases, ndim=codes.ndim)
