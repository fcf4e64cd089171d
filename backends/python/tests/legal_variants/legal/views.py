"""What could be a copy is the input itself or a view of it."""

from legal import Array, change, change_methods, stand_for, taken


def same(kinds):
    def made(old):
        def new(x, /):
            if isinstance(x, Array) and x._array.dtype.kind in kinds:
                taken()
                return x
            return old(x)

        return new

    return made


def joined(old):
    def new(arrays, /, *, axis=0):
        if len(arrays) == 1 and axis is not None and -arrays[0].ndim <= axis < arrays[0].ndim:
            taken()
            return arrays[0]
        return old(arrays, axis=axis)

    return new


change(["ceil", "floor", "round", "trunc"], same("iu"))
change(["conj", "real"], same("f"))
change(["positive"], same("iufc"))
change_methods(["__pos__"], same("iufc"))
change(["concat"], joined)
stand_for(__name__)
