"""The default dtype of indices is int32, as the library declares."""

from legal import Array, change, inform, np, stand_for, taken, xp


def narrowed(result):
    if isinstance(result, Array):
        taken()
        return Array._new(result._array.astype(np.int32), device=result.device)
    if hasattr(result, "_fields"):
        named = zip(result._fields, result)
        return type(result)(*(part if name == "values" else narrowed(part) for name, part in named))
    return type(result)(map(narrowed, result))


def made(old):
    def new(*args, **kwargs):
        return narrowed(old(*args, **kwargs))

    return new


def of_values(old):
    def new(x, /):
        result = old(x)
        return type(result)(result[0], *map(narrowed, result[1:]))

    return new


change(["argmax", "argmin", "argsort", "count_nonzero", "nonzero", "searchsorted"], made)
change(["unique_all", "unique_counts", "unique_inverse"], of_values)


def default_dtypes(self, *, device=None):
    return {**self._old.default_dtypes(device=device), "indexing": xp.int32}


inform(default_dtypes=default_dtypes)
stand_for(__name__)
