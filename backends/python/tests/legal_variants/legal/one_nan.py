"""There is one NaN, whatever bits come in."""

from legal import Array, np, stand_for, taken

new = Array._new.__func__


def made(cls, x, /, device):
    if x.dtype.kind == "f" and np.isnan(x).any():
        taken()
        x = np.where(np.isnan(x), x.dtype.type(np.nan), x)
    return new(cls, x, device)


Array._new = classmethod(made)
stand_for(__name__)
