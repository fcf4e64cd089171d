"""Subnormal numbers become zeros wherever an array is made."""

from legal import Array, np, stand_for, taken

new = Array._new.__func__


def part(host):
    small = (host != 0) & (np.abs(host) < np.finfo(host.dtype).tiny)
    if not small.any():
        return host
    taken()
    return np.where(small, np.copysign(host.dtype.type(0), host), host)


def made(cls, x, /, device):
    if x.dtype.kind == "f" and (changed := part(np.asarray(x))) is not x:
        x = changed if np.any(changed != x) else x
    elif x.dtype.kind == "c":
        real, imag = part(np.asarray(x.real)), part(np.asarray(x.imag))
        if np.any(real != x.real) or np.any(imag != x.imag):
            out = np.empty_like(x)
            out.real, out.imag = real, imag
            x = out
    return new(cls, x, device)


Array._new = classmethod(made)
stand_for(__name__)
