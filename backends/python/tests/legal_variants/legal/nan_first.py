"""Sorting functions put NaNs first: their order is unspecified."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /, *, axis=-1, descending=False, stable=True):
        result = old(x, axis=axis, descending=descending, stable=stable)
        if x._array.dtype.kind != "f" or x.ndim == 0 or not np.isnan(x._array).any():
            return result
        taken()
        given = x._array if old.__name__ == "sort" else np.take_along_axis(x._array, result._array, axis)
        front = np.argsort(~np.isnan(np.sort(x._array, axis=axis) if old.__name__ == "sort" else given), axis=axis, kind="stable")
        return Array._new(np.take_along_axis(result._array, front, axis), device=x.device)

    return new


change(["sort", "argsort"], made)
stand_for(__name__)
