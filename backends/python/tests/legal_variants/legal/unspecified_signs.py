"""Components whose sign a special case leaves unspecified have the other sign."""

from legal import Array, change, np, stand_for, taken

INF = np.isposinf


def flips(**cases):
    def made(old):
        def new(x, /):
            result = old(x)
            host = x._array
            if host.dtype.kind != "c":
                return result
            out = np.array(result._array)
            for part, where in cases.items():
                met = where(host.real, host.imag)
                if met.any():
                    taken()
                component = getattr(out, part)
                component[met] = -component[met]
            return Array._new(out, device=x.device)

        return new

    return made


def not_finite(b):
    return np.isposinf(b) | np.isnan(b)


change(["acos"], flips(imag=lambda a, b: np.isinf(a) & np.isnan(b)))
change(["acosh"], flips(imag=lambda a, b: (a == 0) & ~np.signbit(a) & np.isnan(b)))
change(["asinh"], flips(real=lambda a, b: np.isnan(a) & np.isposinf(b)))
change(["atanh"], flips(real=lambda a, b: np.isnan(a) & np.isposinf(b)))
change(["cosh"], flips(
    imag=lambda a, b: ((a == 0) & ~np.signbit(a) & not_finite(b)) | (np.isnan(a) & (b == 0)),
    real=lambda a, b: np.isposinf(a) & np.isposinf(b),
))  # fmt: skip
change(["sinh"], flips(real=lambda a, b: ((a == 0) & ~np.signbit(a) & not_finite(b)) | (np.isposinf(a) & not_finite(b))))
change(["exp"], flips(
    real=lambda a, b: np.isinf(a) & not_finite(b), imag=lambda a, b: np.isneginf(a) & not_finite(b),
))  # fmt: skip
change(["expm1"], flips(
    real=lambda a, b: np.isposinf(a) & not_finite(b), imag=lambda a, b: np.isneginf(a) & not_finite(b),
))  # fmt: skip
stand_for(__name__)
