"""Exceptions are of a class of the library's own: the text's classes are advice."""

from legal import Array, all_functions, change, change_methods, stand_for, taken


class Refused(RuntimeError):
    pass


def made(old):
    def new(*args, **kwargs):
        try:
            return old(*args, **kwargs)
        except Exception as error:
            taken()
            raise Refused(str(error)) from None

    return new


change(all_functions(), made)
change_methods([n for n, m in Array.__dict__.items() if n.startswith("__") and callable(m) and n not in ("__new__", "__class__")], made)
stand_for(__name__)
