"""Shifts by a negative number of bits, or by the width and more, raise."""

from legal import Array, change, change_methods, host_of, np, stand_for, taken


def checked(count, dtype):
    counts = np.asarray(count, dtype=object) if type(count) is int else host_of(count).astype(object)
    if any(not 0 <= n < dtype.itemsize * 8 for n in counts.ravel()):
        taken()
        raise ValueError("a shift by a number of bits that the dtype does not have")


def made(old):
    reflected = old.__name__ in ("__rlshift__", "__rrshift__")

    def new(x1, x2, /):
        count, other = (x1, x2) if reflected else (x2, x1)
        dtype = np.result_type(*[x._array.dtype for x in (count, other) if isinstance(x, Array)])
        if dtype.kind in "iu":
            checked(count, dtype)
        return old(x1, x2)

    return new


change(["bitwise_left_shift", "bitwise_right_shift"], made)
change_methods(["__%s%s__" % (prefix, op) for prefix in ("", "r", "i") for op in ("lshift", "rshift")], made)
stand_for(__name__)
