"""Views are read-only."""

from legal import Array, change, change_methods, stand_for, taken


def locked(value):
    if isinstance(value, Array):
        if value._array.base is not None:
            taken()
            value._array.flags.writeable = False
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(map(locked, value))
    return value


def made(old):
    def new(*args, **kwargs):
        result = old(*args, **kwargs)
        return result if kwargs.get("copy") is not None else locked(result)

    return new


change([
    "broadcast_to", "broadcast_arrays", "permute_dims", "flip", "expand_dims", "squeeze", "moveaxis", "meshgrid", "unstack", "real", "imag",
], made)  # fmt: skip
change_methods(["__getitem__"], made)
stand_for(__name__)
