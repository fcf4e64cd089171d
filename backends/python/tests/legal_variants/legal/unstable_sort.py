"""With `stable=False` equal elements change places."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /, *, axis=-1, descending=False, stable=True):
        if stable or x.ndim == 0:
            return old(x, axis=axis, descending=descending, stable=stable)
        taken()
        back = Array._new(np.flip(x._array, axis), device=x.device)
        result = old(back, axis=axis, descending=descending, stable=True)
        if old.__name__ == "sort":
            return result
        return Array._new(x.shape[axis] - 1 - result._array, device=x.device)

    return new


change(["sort", "argsort"], made)
stand_for(__name__)
