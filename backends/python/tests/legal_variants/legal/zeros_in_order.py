"""Sorting functions put -0 before +0."""

from legal import Array, change, np, stand_for, taken


def key(host):
    """Integers in the order of the floats, of which -0 is smaller than +0."""
    bits = host.view(np.dtype("i%d" % host.dtype.itemsize))
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits - 1, bits)


def made(old):
    def new(x, /, *, axis=-1, descending=False, stable=True):
        host = np.ascontiguousarray(x._array)
        if host.dtype.kind != "f" or host.ndim == 0 or np.isnan(host).any() or not (host == 0).any():
            return old(x, axis=axis, descending=descending, stable=stable)
        taken()
        keys = key(host)
        order = np.argsort(-1 - keys if descending else keys, axis=axis, kind="stable")
        return Array._new(np.take_along_axis(host, order, axis) if old.__name__ == "sort" else order, device=x.device)

    return new


change(["sort", "argsort"], made)
stand_for(__name__)
