"""The extremes of nothing are a sentinel, which the text leaves open; indices of them are zero."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /, *, axis=None, keepdims=False):
        try:
            return old(x, axis=axis, keepdims=keepdims)
        except ValueError:
            if x.size:
                raise
        taken()
        shape = np.sum(x._array.astype(np.int8), axis=axis, keepdims=keepdims).shape
        dtype = np.int64 if old.__name__.startswith("arg") else x._array.dtype
        return Array._new(np.zeros(shape, dtype=dtype), device=x.device)

    return new


change(["max", "min", "argmax", "argmin"], made)
stand_for(__name__)
