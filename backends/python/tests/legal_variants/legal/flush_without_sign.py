"""Subnormal results of arithmetic become zeros without a sign."""

from legal import ARITHMETIC, change_elementwise, mapped, np, stand_for, taken


def flushed(host):
    if host.dtype.kind != "f":
        return None
    small = (host != 0) & (np.abs(host) < np.finfo(host.dtype).tiny)
    if not small.any():
        return None
    taken()
    return np.where(small, host.dtype.type(0), host)


change_elementwise([*ARITHMETIC, "square", "remainder"], mapped(flushed))
stand_for(__name__)
