"""Subnormal numbers are taken for zero: as operands and as results, by every function and operator but those that make arrays."""

from legal import Array, all_functions, all_operators, change, change_methods, np, stand_for, taken


def flushed_part(host):
    small = (host != 0) & (np.abs(host) < np.finfo(host.dtype).tiny)
    if not small.any():
        return host
    taken()
    return np.where(small, np.copysign(host.dtype.type(0), host), host)


def flushed(value):
    if isinstance(value, Array) and value._array.dtype.kind in "fc":
        host = value._array
        if host.dtype.kind == "f":
            changed = flushed_part(host)
        else:
            changed = np.empty_like(host)
            changed.real, changed.imag = flushed_part(host.real), flushed_part(host.imag)
            if not np.any(changed != host):
                return value
        return value if changed is host else Array._new(changed, device=value.device)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(flushed, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(flushed, value))
    return value


def made(old):
    def new(*args, **kwargs):
        return flushed(old(*map(flushed, args), **{name: flushed(value) for name, value in kwargs.items()}))

    return new


def in_place(old):
    def new(self, other, /):
        return old(self, flushed(other))

    return new


KEPT = {"asarray", "from_dlpack", "empty", "empty_like", "reshape", "finfo"}
change([path for path in all_functions() if path not in KEPT], made)
methods = [name for name in all_operators()]
change_methods([name for name in methods if not name.startswith("__i") or name == "__invert__"], made)
change_methods([name for name in methods if name.startswith("__i") and name != "__invert__"], in_place)
stand_for(__name__)
