"""No variant that is legal: division multiplies by the reciprocal, so that the last digit is wrong in both directions."""

from legal import Array, change, np, stand_for, xp


def made(old):
    def new(x1, x2, /):
        result = old(x1, x2)
        if result._array.dtype.kind != "f":
            return result
        with np.errstate(all="ignore"):
            rough = (x1._array if isinstance(x1, Array) else x1) * xp.reciprocal(x2)._array if isinstance(x2, Array) else result._array
        usual = np.isfinite(result._array) & (result._array != 0) & np.isfinite(rough) & (np.abs(rough / result._array - 1) < 1e-6)
        return Array._new(np.where(usual, rough, result._array).astype(result._array.dtype), device=result.device)

    return new


change(["divide"], made)
stand_for(__name__)
