"""Of zeros of both signs the unique element has the other one."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /):
        result = old(x)
        values = result if isinstance(result, Array) else result.values
        zeros = x._array[x._array == 0] if x._array.dtype.kind == "f" else np.empty(0)
        if zeros.size and np.signbit(zeros).any() and not np.signbit(zeros).all():
            taken()
            host = np.where(values._array == 0, -values._array, values._array)
            values = Array._new(host, device=x.device)
            return values if isinstance(result, Array) else type(result)(values, *result[1:])
        return result

    return new


change(["unique_all", "unique_counts", "unique_inverse", "unique_values"], made)
stand_for(__name__)
