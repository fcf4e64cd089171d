"""`linspace` and `arange` compute their inner elements by another formula."""

from legal import Array, change, np, stand_for, taken


def linspace(old):
    def new(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
        result = old(start, stop, num, dtype=dtype, device=device, endpoint=endpoint)
        host = result._array
        if host.dtype.kind != "f" or num < 3:
            return result
        with np.errstate(all="ignore"):
            part = np.arange(num) / (num - 1 if endpoint else num)
            rough = ((1 - part) * start + part * stop).astype(host.dtype)
        out = np.where(np.isfinite(rough), rough, host)
        out[0] = host[0]
        if endpoint:
            out[-1] = host[-1]
        if (out != host).any():
            taken()
        return Array._new(out, device=result.device)

    return new


def arange(old):
    def new(start, /, stop=None, step=1, *, dtype=None, device=None):
        result = old(start, stop, step, dtype=dtype, device=device)
        host = result._array
        if host.dtype.kind != "f" or host.size < 3 or stop is None:
            return result
        with np.errstate(all="ignore"):
            rough = (host.dtype.type(start) + np.arange(host.size, dtype=host.dtype) * host.dtype.type(step)).astype(host.dtype)
        out = np.where(np.isfinite(rough), rough, host)
        if (out != host).any():
            taken()
        return Array._new(out, device=result.device)

    return new


change(["linspace"], linspace)
change(["arange"], arange)
stand_for(__name__)
