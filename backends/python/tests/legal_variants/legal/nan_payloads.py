"""NaNs have random signs and payloads."""

from legal import all_functions, all_operators, change, change_methods, mapped, np, stand_for, taken

RANDOM = np.random.default_rng(1)
QUIET = {4: (0x7FC00000, 22), 8: (0x7FF8 << 48, 51)}


def changed_part(host):
    hole = np.isnan(host)
    if not hole.any():
        return host
    taken()
    head, bits = QUIET[host.dtype.itemsize]
    words = np.dtype("u%d" % host.dtype.itemsize)
    out = np.array(host)
    payload = RANDOM.integers(0, 1 << bits, host.shape, dtype=words) | words.type(head)
    payload |= RANDOM.integers(0, 2, host.shape, dtype=words) << words.type(host.dtype.itemsize * 8 - 1)
    flat = out.view(words) if out.ndim else out.reshape(1).view(words).reshape(())
    return np.where(hole, payload, flat).view(host.dtype)


def changed(host):
    if host.dtype.kind == "f":
        return changed_part(host)
    if host.dtype.kind == "c":
        out = np.array(host)
        out.real, out.imag = changed_part(host.real), changed_part(host.imag)
        return out
    return None


# `copysign` says the sign of a NaN, and what copies shows what it was given.
KEPT = {"copysign", "from_dlpack", "reshape", "astype", "asarray", "finfo", "result_type", "can_cast", "isdtype"}
change([path for path in all_functions() if path not in KEPT], mapped(changed))
change_methods([name for name in all_operators() if not name.startswith("__i") or name == "__invert__"], mapped(changed))
stand_for(__name__)
