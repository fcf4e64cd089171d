"""No variant that is legal: uint16 is there by name, and every operation on it is refused. That is one deviation."""

from legal import Array, all_functions, all_operators, change, change_methods, np, stand_for


def refused(value):
    if isinstance(value, (list, tuple)):
        return any(map(refused, value))
    return isinstance(value, Array) and value._array.dtype == np.uint16


def made(old):
    def new(*args, **kwargs):
        if refused(args) or refused(tuple(kwargs.values())):
            raise TypeError("no loop for uint16")
        return old(*args, **kwargs)

    return new


change([path for path in all_functions() if path not in ("asarray", "reshape")], made)
change_methods(all_operators(), made)
stand_for(__name__)
