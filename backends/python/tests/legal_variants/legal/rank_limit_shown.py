"""Arrays have four axes at most; the library has no inspection to say so."""

from legal import Array, np, stand_for, taken, xp

new = Array._new.__func__


def limited(cls, x, /, device):
    if np.ndim(x) > 4:
        taken()
        raise ValueError("arrays of more than 4 axes are not supported")
    return new(cls, x, device)


Array._new = classmethod(limited)
xp.set_array_api_strict_flags(api_version="2022.12")
stand_for(__name__)
