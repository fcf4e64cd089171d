"""`tanh` gives NaN + NaN j where the real component is zero and the imaginary one infinite or NaN, as older versions of C do."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /):
        result = old(x)
        host = x._array
        if host.dtype.kind != "c":
            return result
        met = (host.real == 0) & ~np.isfinite(host.imag)
        if not met.any():
            return result
        taken()
        return Array._new(np.where(met, host.dtype.type(complex(np.nan, np.nan)), result._array), device=x.device)

    return new


change(["tanh"], made)
stand_for(__name__)
