"""Complex numbers are divided by the formula of textbooks, which loses digits and overflows early."""

from legal import Array, change_elementwise, host_of, np, stand_for, taken


def made(old):
    reflected = old.__name__.startswith("__r")
    in_place = old.__name__.startswith("__i")

    def new(x1, x2, /):
        before = host_of(x1).copy() if isinstance(x1, Array) else x1
        result = old(x1, x2)
        if result is NotImplemented or result._array.dtype.kind != "c":
            return result
        dtype = result._array.dtype
        operands = [np.asarray(before).astype(dtype), np.asarray(host_of(x2)).astype(dtype)]
        n, d = reversed(operands) if reflected else operands
        with np.errstate(all="ignore"):
            scale = d.real * d.real + d.imag * d.imag
            rough = np.empty(result.shape, dtype=dtype)
            rough.real = (n.real * d.real + n.imag * d.imag) / scale
            rough.imag = (n.imag * d.real - n.real * d.imag) / scale
        usual = np.isfinite(n) & np.isfinite(d) & (n != 0) & (d != 0)
        if (usual & (rough != result._array)).any():
            taken()
        changed = np.where(usual, rough, result._array)
        if in_place:
            x1._array[...] = changed
            return x1
        return Array._new(changed, device=result.device)

    return new


change_elementwise(["divide"], made)
stand_for(__name__)
