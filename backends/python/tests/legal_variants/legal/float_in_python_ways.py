"""`floor_divide` of infinities and by infinities gives what Python gives, as the notes of the text allow."""

from legal import Array, change_elementwise, host_of, np, stand_for, taken


def made(old):
    reflected = old.__name__.startswith("__r")
    in_place = old.__name__.startswith("__i")

    def new(x1, x2, /):
        before = (host_of(x1).copy(), x2) if in_place else (x1, x2)
        result = old(x1, x2)
        if result is NotImplemented or result._array.dtype.kind != "f":
            return result
        dtype = result._array.dtype
        a, b = (np.asarray(host_of(x), dtype=dtype) for x in (reversed(before) if reflected else before))
        to_nan = np.isinf(a) & np.isfinite(b) & (b != 0)
        to_minus_one = np.isfinite(a) & (a != 0) & np.isinf(b) & ((a > 0) != (b > 0))
        if not (to_nan | to_minus_one).any():
            return result
        taken()
        changed = np.where(to_nan, dtype.type(np.nan), np.where(to_minus_one, dtype.type(-1), result._array))
        if in_place:
            x1._array[...] = changed
            return x1
        return Array._new(changed, device=result.device)

    return new


change_elementwise(["floor_divide"], made)
stand_for(__name__)
