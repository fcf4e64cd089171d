"""Of zeros of both signs the extremes give the other one, whose order is unspecified."""

from legal import Array, change, change_elementwise, mapped, np, stand_for, taken


def pairwise(old):
    def new(x1, x2, /):
        result = old(x1, x2)
        if result._array.dtype.kind != "f":
            return result
        a, b = (x._array if isinstance(x, Array) else np.asarray(x, dtype=result._array.dtype) for x in (x1, x2))
        mixed = (a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b))
        if not mixed.any():
            return result
        taken()
        return Array._new(np.where(mixed, -result._array, result._array), device=result.device)

    return new


def reduced(old):
    def new(x, /, *, axis=None, keepdims=False):
        result = old(x, axis=axis, keepdims=keepdims)
        host = x._array
        if host.dtype.kind != "f" or not (host == 0).any():
            return result
        some = np.any((host == 0) & np.signbit(host), axis=axis, keepdims=keepdims)
        others = np.any((host == 0) & ~np.signbit(host), axis=axis, keepdims=keepdims)
        mixed = (result._array == 0) & some & others
        if not mixed.any():
            return result
        taken()
        return Array._new(np.where(mixed, -result._array, result._array), device=result.device)

    return new


change(["maximum", "minimum"], pairwise)
change(["max", "min"], reduced)
stand_for(__name__)
