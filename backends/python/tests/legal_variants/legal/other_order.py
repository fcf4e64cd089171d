"""Sums and products are computed in another order, elements last to first, and not pairwise."""

from legal import Array, change, np, stand_for, taken


def made(whole):
    def of_function(old):
        def new(x, /, *, axis=None, keepdims=False, **kwargs):
            back = np.flip(x._array, axis) if x.ndim else x._array
            if is_float := x._array.dtype.kind in "fc" and x.size > 2:
                taken()
            if not is_float or axis is None or isinstance(axis, tuple) or kwargs:
                return old(Array._new(back, device=x.device), axis=axis, keepdims=keepdims, **kwargs)
            partial = whole(back, axis)
            last = np.take(partial, [-1], axis=axis) if x.shape[axis] else None
            if last is None:
                return old(x, axis=axis, keepdims=keepdims)
            if old.__name__ == "mean":
                last = last / x._array.dtype.type(x.shape[axis])
            last = last if keepdims else np.squeeze(last, axis)
            return Array._new(last.astype(x._array.dtype), device=x.device)

        return new

    return of_function


def running_sum(host, axis):
    return np.add.accumulate(host, axis=axis)


change(["sum", "mean"], made(running_sum))
change(["prod"], made(lambda host, axis: np.multiply.accumulate(host, axis=axis)))
stand_for(__name__)
