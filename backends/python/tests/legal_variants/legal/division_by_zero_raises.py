"""Division of integers by zero raises, as do negative powers of integers and of divisions that overflow."""

from legal import Array, change, change_methods, host_of, np, stand_for, taken


def integers(value):
    if isinstance(value, Array):
        return value._array if value._array.dtype.kind in "iu" else None
    return np.asarray(value, dtype=object) if type(value) is int else None


def made(bad):
    def of_function(old):
        reflected = old.__name__.startswith("__r")

        def new(x1, x2, /):
            a, b = map(integers, (x2, x1) if reflected else (x1, x2))
            if a is not None and b is not None and any(bad(int(n)) for n in b.ravel()):
                taken()
                raise ZeroDivisionError("an integer division by zero, or a negative power of integers")
            return old(x1, x2)

        return new

    return of_function


change(["floor_divide", "remainder"], made(lambda n: n == 0))
change_methods(["__%s%s__" % (p, op) for p in ("", "r", "i") for op in ("floordiv", "mod")], made(lambda n: n == 0))
change(["pow"], made(lambda n: n < 0))
change_methods(["__%spow__" % p for p in ("", "r", "i")], made(lambda n: n < 0))
stand_for(__name__)
