"""Subnormal results of arithmetic become zeros; subnormal operands are kept."""

from legal import APPROXIMATIONS, ARITHMETIC, change_elementwise, mapped, np, stand_for, taken


def flushed(host):
    if host.dtype.kind != "f":
        return None
    small = (host != 0) & (np.abs(host) < np.finfo(host.dtype).tiny)
    if not small.any():
        return None
    taken()
    return np.where(small, np.copysign(host.dtype.type(0), host), host)


change_elementwise([*ARITHMETIC, *APPROXIMATIONS, "sqrt", "reciprocal", "square", "remainder"], mapped(flushed))
stand_for(__name__)
