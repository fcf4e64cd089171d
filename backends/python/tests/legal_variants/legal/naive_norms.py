"""Norms and absolute values are roots of sums of squares, which overflow and underflow early."""

from legal import Array, change, change_methods, np, stand_for, taken


def kept(result, rough):
    rough = np.asarray(rough).astype(result._array.dtype)
    if (rough != result._array).any():
        taken()
    return Array._new(np.where(np.isnan(rough) | ~np.isfinite(result._array), result._array, rough), device=result.device)


def absolute(old):
    def new(x, /):
        result, host = old(x), x._array
        if host.dtype.kind != "c":
            return result
        with np.errstate(all="ignore"):
            return kept(result, np.where((host.real == 0) | (host.imag == 0), result._array, np.sqrt(host.real * host.real + host.imag * host.imag)))

    return new


def norm(old):
    def new(x, /, *, axis=None, keepdims=False, ord=2):
        result, host = old(x, axis=axis, keepdims=keepdims, ord=ord), x._array
        if ord != 2:
            return result
        with np.errstate(all="ignore"):
            squares = host.real * host.real + host.imag * host.imag
            return kept(result, np.sqrt(np.sum(squares, axis=axis, keepdims=keepdims, dtype=squares.dtype)))

    return new


def frobenius(old):
    def new(x, /, *, keepdims=False, ord="fro"):
        result, host = old(x, keepdims=keepdims, ord=ord), x._array
        if ord != "fro":
            return result
        with np.errstate(all="ignore"):
            squares = host.real * host.real + host.imag * host.imag
            return kept(result, np.sqrt(np.sum(squares, axis=(-2, -1), keepdims=keepdims, dtype=squares.dtype)))

    return new


change(["abs"], absolute)
change_methods(["__abs__"], absolute)
change(["linalg.vector_norm"], norm)
change(["linalg.matrix_norm"], frobenius)
stand_for(__name__)
