"""The unique elements come in random order, and with them indices and counts."""

from legal import Array, change, np, stand_for, taken

RANDOM = np.random.default_rng(1)


def order_of(n):
    return RANDOM.permutation(n)


def made(old):
    def new(x, /):
        result = old(x)
        values = result._array if isinstance(result, Array) else result.values._array
        order = order_of(values.size)
        if values.size > 1:
            taken()
        if isinstance(result, Array):
            return Array._new(values[order], device=x.device)
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        changed = {}
        for name, part in zip(result._fields, result):
            host = part._array
            changed[name] = Array._new(place[host] if name == "inverse_indices" else host[order], device=x.device)
        return type(result)(**changed)

    return new


change(["unique_all", "unique_counts", "unique_inverse", "unique_values"], made)
stand_for(__name__)
