"""The default dtypes are int32, float32 and complex64, as the library declares; indices are int64."""

from legal import Array, change, inform, np, stand_for, taken, xp

NARROW = {np.dtype("int64"): xp.int32, np.dtype("float64"): xp.float32, np.dtype("complex128"): xp.complex64}


def narrowed(result):
    narrow = NARROW.get(result._array.dtype)
    if narrow is None:
        return result
    taken()
    return Array._new(result._array.astype(narrow._np_dtype), device=result.device)


def created(old):
    def new(*args, **kwargs):
        result = old(*args, **kwargs)
        # What an array says counts.
        given = any(isinstance(arg, Array) for arg in args)
        return result if kwargs.get("dtype") is not None or given else narrowed(result)

    return new


change(["asarray", "arange", "empty", "eye", "full", "linspace", "ones", "zeros", "fft.fftfreq", "fft.rfftfreq"], created)

UPCAST = {np.dtype(n): xp.int32 for n in ("int8", "int16", "int32")} | {np.dtype(n): xp.uint32 for n in ("uint8", "uint16", "uint32")}


def summed(old):
    def new(x, /, *args, **kwargs):
        if kwargs.get("dtype") is None and x._array.dtype in UPCAST:
            taken()
            kwargs["dtype"] = UPCAST[x._array.dtype]
        return old(x, *args, **kwargs)

    return new


change(["sum", "prod", "cumulative_sum", "cumulative_prod", "linalg.trace"], summed)

DEFAULTS = {"real floating": xp.float32, "complex floating": xp.complex64, "integral": xp.int32, "indexing": xp.int64}


def default_dtypes(self, *, device=None):
    return DEFAULTS


inform(default_dtypes=default_dtypes)
stand_for(__name__)
