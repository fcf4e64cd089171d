"""Functions of floating-point numbers take integers too and compute in float64; logical functions take numbers."""

from legal import Array, change, change_methods, np, stand_for, taken, xp


def floating(value):
    if isinstance(value, Array) and value._array.dtype.kind in "iu":
        taken()
        return Array._new(value._array.astype(np.float64), device=value.device)
    return float(value) if type(value) is int else value


def made(old):
    def new(*args, **kwargs):
        if any(isinstance(arg, Array) and arg._array.dtype.kind in "iu" for arg in args):
            args = tuple(map(floating, args))
        return old(*args, **kwargs)

    return new


def truth(value):
    if isinstance(value, Array) and value._array.dtype.kind != "b":
        taken()
        return Array._new(value._array != 0, device=value.device)
    return bool(value)


def logical(old):
    def new(*args):
        return old(*[arg if isinstance(arg, Array) and arg._array.dtype.kind == "b" else truth(arg) for arg in args])

    return new


change(["divide", "mean", "std", "var", "exp", "sin", "sqrt", "log", "atan2"], made)
change_methods(["__truediv__", "__rtruediv__"], made)
change(["logical_and", "logical_or", "logical_xor", "logical_not"], logical)
stand_for(__name__)
