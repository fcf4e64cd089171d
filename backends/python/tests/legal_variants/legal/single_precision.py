"""Approximations of float64 are computed in single precision: the text does not define their accuracy."""

from legal import APPROXIMATIONS, Array, change_elementwise, host_of, np, stand_for, taken, xp


def narrow(value):
    return Array._new(value._array.astype(np.float32), device=value.device) if isinstance(value, Array) else value


def made(old):
    def new(*args):
        arrays = [arg for arg in args if isinstance(arg, Array)]
        if any(x._array.dtype != np.float64 for x in arrays) or old.__name__ == "__ipow__":
            return old(*args)
        with np.errstate(all="ignore"):
            exact, rough = old(*args), old(*map(narrow, args))._array.astype(np.float64)
        if exact._array.dtype != np.float64:
            return exact
        # Results at the boundaries are named by special cases; where single precision has no number there is none to compute with.
        host = exact._array
        usual = np.isfinite(host) & np.isfinite(rough) & (host != 0) & (rough != 0) & (host != np.trunc(host))
        # An operand that single precision does not hold would be another one.
        with np.errstate(all="ignore"):
            for x in map(host_of, args):
                kept = np.asarray(x).astype(np.complex64 if isinstance(x, complex) else np.float32)
                usual = usual & (np.isfinite(kept) == np.isfinite(x)) & ((kept == 0) == (x == 0))
        if not usual.any():
            return exact
        taken()
        return Array._new(np.where(usual, rough, host), device=exact.device)

    return new


# The length of a hypotenuse beside a zero is exact.
change_elementwise([name for name in APPROXIMATIONS if name != "hypot"], made)
stand_for(__name__)
