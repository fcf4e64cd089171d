"""`floor_divide` is the floor of the rounded quotient, as the text prefers it."""

from legal import Array, change, np, stand_for, taken, xp


def made(old):
    def new(x1, x2, /):
        result = old(x1, x2)
        if result._array.dtype.kind != "f":
            return result
        with np.errstate(all="ignore"):
            rough = np.floor(xp.divide(x1, x2)._array)
        usual = np.isfinite(rough)
        if (usual & (rough != result._array)).any():
            taken()
        return Array._new(np.where(usual, rough, result._array), device=result.device)

    return new


change(["floor_divide"], made)
stand_for(__name__)
