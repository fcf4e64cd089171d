"""`argmax` and `argmin` do not see NaNs: the text says nothing of them there."""

from legal import Array, change, np, stand_for, taken


def made(old):
    least = old.__name__ == "argmax"

    def new(x, /, *, axis=None, keepdims=False):
        host = x._array
        if host.dtype.kind == "f" and np.isnan(host).any():
            taken()
            host = np.where(np.isnan(host), host.dtype.type(-np.inf if least else np.inf), host)
            return old(Array._new(host, device=x.device), axis=axis, keepdims=keepdims)
        return old(x, axis=axis, keepdims=keepdims)

    return new


change(["argmax", "argmin"], made)
stand_for(__name__)
