"""What could be a view is a copy, wherever the text leaves it open."""

from legal import Array, all_functions, change, change_methods, np, stand_for, taken


def copied(value):
    if isinstance(value, Array):
        taken()
        return Array._new(np.array(value._array, order="F"), device=value.device)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(copied, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(copied, value))
    return value


def made(old):
    def new(*args, **kwargs):
        result = old(*args, **kwargs)
        return result if kwargs.get("copy") is False else copied(result)

    return new


change([path for path in all_functions() if path not in ("astype", "asarray")], made)
change_methods(["__getitem__", "to_device", "__pos__"], made)
Array.T = property(lambda self, old=Array.T: copied(old.fget(self)))
Array.mT = property(lambda self, old=Array.mT: copied(old.fget(self)))
stand_for(__name__)
