"""Sorting functions leave NaNs where they are."""

from legal import Array, change, np, stand_for, taken


def lines(host, axis):
    return np.moveaxis(host, axis, -1)


def made(old):
    is_sort = old.__name__ == "sort"

    def new(x, /, *, axis=-1, descending=False, stable=True):
        result = old(x, axis=axis, descending=descending, stable=stable)
        if x._array.dtype.kind != "f" or x.ndim == 0 or not np.isnan(x._array).any():
            return result
        taken()
        out = np.array(result._array)
        for index in np.ndindex(*lines(x._array, axis).shape[:-1]):
            given = lines(x._array, axis)[index]
            numbers = np.flatnonzero(~np.isnan(given))
            order = np.argsort(-given[numbers] if descending else given[numbers], kind="stable")
            line = given.copy() if is_sort else np.arange(given.size)
            line[numbers] = given[numbers][order] if is_sort else numbers[order]
            lines(out, axis)[index] = line
        return Array._new(out, device=x.device)

    return new


change(["sort", "argsort"], made)
stand_for(__name__)
