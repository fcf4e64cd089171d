"""Complex arithmetic with an infinity or a NaN among the components gives NaNs: the text leaves it to the model of infinity."""

from legal import Array, change_elementwise, host_of, np, stand_for, taken


def made(old):
    def new(x1, x2, /):
        before = host_of(x1).copy() if isinstance(x1, Array) else x1
        result = old(x1, x2)
        if result is NotImplemented or result._array.dtype.kind != "c":
            return result
        with np.errstate(all="ignore"):
            operands = [np.asarray(before), np.asarray(host_of(x2))]
            whole = np.isfinite(operands[0]) & np.isfinite(operands[1])
            zero = (operands[0] == 0) | (operands[1] == 0)
        odd = ~(whole & ~zero)
        odd = np.broadcast_to(odd, result.shape)
        odd = odd & ~(np.isfinite(result._array))
        if not odd.any():
            return result
        taken()
        if old.__name__.startswith("__i"):
            result._array[odd] = complex(np.nan, np.nan)
            return result
        return Array._new(np.where(odd, result._array.dtype.type(complex(np.nan, np.nan)), result._array), device=result.device)

    return new


change_elementwise(["multiply", "divide"], made)
stand_for(__name__)
