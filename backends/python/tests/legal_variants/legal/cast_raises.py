"""Casts of NaN, infinities and numbers out of range to integers raise; so do casts of integers out of range."""

from legal import change, np, stand_for, taken


def made(old):
    def new(x, dtype, /, *, copy=True, **kwargs):
        target = dtype._np_dtype
        if target.kind in "iu" and x._array.dtype.kind in "iuf":
            info = np.iinfo(target)
            host = x._array
            if host.dtype.kind == "f":
                whole = np.trunc(host.astype(np.longdouble))
                bad = ~np.isfinite(host) | (whole < np.longdouble(info.min)) | (whole > np.longdouble(info.max))
            else:
                bad = np.asarray([not info.min <= int(e) <= info.max for e in host.ravel()], dtype=bool)
            if bad.any():
                taken()
                raise ValueError("a number that the integer dtype %s does not hold" % target)
        if target.kind in "f" and x._array.dtype.kind == "f" and target.itemsize < x._array.dtype.itemsize:
            finite = np.isfinite(x._array)
            with np.errstate(all="ignore"):
                if (np.isinf(x._array.astype(target)) & finite).any():
                    taken()
        return old(x, dtype, copy=copy, **kwargs)

    return new


change(["astype"], made)
stand_for(__name__)
