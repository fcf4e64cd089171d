"""Variances are the mean of squares less the square of the mean: the text does not define their accuracy."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /, *, axis=None, correction=0.0, keepdims=False):
        result = old(x, axis=axis, correction=correction, keepdims=keepdims)
        host = x._array
        with np.errstate(all="ignore"):
            mean = np.mean(host, axis=axis, keepdims=keepdims)
            square = np.mean(host * host, axis=axis, keepdims=keepdims)
            n = host.size / max(1, square.size)
            rough = (square - mean * mean) * host.dtype.type(n / (n - correction) if n > correction else np.nan)
            rough = np.maximum(rough, 0) if old.__name__ == "var" else np.sqrt(np.maximum(rough, 0))
        usual = np.isfinite(rough) & np.isfinite(result._array) & (rough != 0)
        if (usual & (rough != result._array)).any():
            taken()
        return Array._new(np.where(usual, rough, result._array).astype(host.dtype), device=x.device)

    return new


change(["var", "std"], made)
stand_for(__name__)
