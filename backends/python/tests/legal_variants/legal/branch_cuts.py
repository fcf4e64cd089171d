"""On their branch cuts complex functions give the value of the other side: the text's cuts are provisional and advice."""

from legal import Array, change, np, stand_for, taken


def made(on_cut):
    def of_function(old):
        def new(x, /):
            result = old(x)
            host = np.asarray(x._array)
            if host.dtype.kind != "c":
                return result
            cut = np.isfinite(host) & on_cut(host.real, host.imag)
            if not cut.any():
                return result
            taken()
            other = np.array(host)
            # The sign of the zero that says from which side the cut is met.
            flip = on_cut.flip
            part = getattr(other, flip)
            part[...] = -part
            return Array._new(np.where(cut, old(Array._new(other, device=x.device))._array, result._array), device=x.device)

        return new

    return of_function


def cut(flip):
    def named(function):
        function.flip = flip
        return function

    return named


@cut("imag")
def negative_real(a, b):
    return (a < 0) & (b == 0)


@cut("imag")
def below_minus_one(a, b):
    return (a < -1) & (b == 0)


@cut("imag")
def outside_real(a, b):
    return (np.abs(a) > 1) & (b == 0)


@cut("imag")
def below_one(a, b):
    return (a < 1) & (a != 0) & (a > -1) & (b == 0)


@cut("real")
def outside_imaginary(a, b):
    return (np.abs(b) > 1) & (a == 0)


change(["sqrt", "log", "log2", "log10"], made(negative_real))
change(["log1p"], made(below_minus_one))
change(["asin", "acos", "atanh"], made(outside_real))
change(["acosh"], made(below_one))
change(["atan", "asinh"], made(outside_imaginary))
stand_for(__name__)
