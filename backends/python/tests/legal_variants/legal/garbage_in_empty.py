"""`empty` holds what no one would guess."""

from legal import change, mapped, np, stand_for, taken


def garbage(host):
    taken()
    out = np.array(host)
    out[...] = np.nan if host.dtype.kind in "fc" else 1
    return out


change(["empty", "empty_like"], mapped(garbage))
stand_for(__name__)
