"""Approximations are some hundred units in the last place off, and what has no defined accuracy."""

from legal import APPROXIMATIONS, change_elementwise, mapped, np, stand_for, taken

RANDOM = np.random.default_rng(1)


def moved(host):
    if host.dtype.kind not in "f":
        return None
    # Results that special cases name exactly keep their value.
    free = np.isfinite(host) & (np.abs(host) > np.finfo(host.dtype).tiny * 1e4) & (host != np.trunc(host)) & (np.abs(host) < np.finfo(host.dtype).max / 2)
    if not free.any():
        return None
    taken()
    factor = 1 + host.dtype.type(100 * np.finfo(host.dtype).eps) * RANDOM.choice(np.asarray([-1, 1], dtype=host.dtype), host.shape)
    return np.where(free, host * factor, host).astype(host.dtype)


# The length of a hypotenuse beside a zero is exact.
change_elementwise([name for name in APPROXIMATIONS if name != "hypot"], mapped(moved))
stand_for(__name__)
