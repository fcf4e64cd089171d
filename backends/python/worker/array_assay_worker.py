"""The Python worker of Array Assay: runs programs on an array library and hands back what came out.

    python array_assay_worker.py --module numpy [--name NAME] [--append-path DIR] [--cwd] [--settings JSON]

It speaks protocol 1 (backends/protocol/README.md) on the standard input and output that it was started with. It decides
nothing about right or wrong, calls what the library itself names, and asks nothing of the interpreter but the library:
MessagePack comes from DIR, behind everything of the user's.

Exit status: 0 after `stop` or the end of the input, 2 on bad usage or a frame that it cannot read, 3 where the library or
MessagePack cannot be imported.
"""

import sys

# Nothing may be imported from the worker's own folder, neither by the worker nor by the library.
if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

import argparse
import builtins
import functools
import gc
import importlib
import inspect
import itertools
import linecache
import locale
import math
import operator
import os
import platform
import re
import signal
import struct
import time
import warnings

# The functions below have built-in functions of their own: a library that replaces some in the module breaks itself alone.
__builtins__ = dict(vars(builtins))

PROTOCOL = 1
FLUSH_SECONDS = 0.05
COLLECT_BATCHES = 2048
MAX_MESSAGE = 2_000
MAX_TRACEBACK = 8_000
MAX_REPR = 2_000
MAX_DEPTH = 16
PROCESS = os.getpid()

DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64", "complex64", "complex128",
)  # fmt: skip
EXTENSIONS = ("linalg", "fft")
# Where the standard's name is missing: one missing name is no reason to recognise no mask.
OTHER_NAMES = {"bool": "bool_"}
# What tells the default dtype of a kind where the library does not say it.
DEFAULTS = {"real floating": 1.5, "complex floating": 1.5j, "integral": 3}
# The letters of the struct module for one component, and the number of components.
LAYOUT = {
    "bool": ("?", 1), "int8": ("b", 1), "int16": ("h", 1), "int32": ("i", 1), "int64": ("q", 1),
    "uint8": ("B", 1), "uint16": ("H", 1), "uint32": ("I", 1), "uint64": ("Q", 1),
    "float32": ("f", 1), "float64": ("d", 1), "complex64": ("f", 2), "complex128": ("d", 2),
}  # fmt: skip


# Where an object lies differs from run to run, and what is recorded may not.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")


class Missing(Exception):
    """The library has no such name."""

    def __init__(self, name):
        self.name = name


class NotStandard(Exception):
    """An array that is none of the standard's; the argument says what it is."""


class Unfit(Exception):
    """An array with an element that its dtype cannot hold: which it is, by its place in C order, and the element as text."""

    def __init__(self, dtype, shape, at, element):
        super().__init__("an array of dtype %s with the element %s" % (dtype, element))
        self.dtype, self.shape, self.at, self.element = dtype, shape, at, element


class Unresolved(Exception):
    """The library raised when it was asked for a name; the cause is what it raised."""


class Transport(Exception):
    """The worker cannot make an array or hand one back. It is no word of the library's, and says nothing about a call."""

    __module__ = "builtins"  # It is shown by its name alone.


# ---------------------------------------------------------------------------------------------------------------------
# The wire


def take_streams():
    """Takes the standard input and output away from the library: its own prints go to stderr, also those from C."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    try:  # Larger pipes, where the system has them: a batch then never waits for its reader.
        import fcntl

        for pipe in (source, sink):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 18)
    except (ImportError, AttributeError, OSError):
        pass
    return os.fdopen(source, "rb", buffering=1 << 18), sink


def read_frame(stream):
    """The next frame's body, or None at the end of the stream."""
    header = stream.read(4)
    if not header:
        return None
    length = int.from_bytes(header, "little")
    body = stream.read(length)
    if len(header) < 4 or len(body) < length:
        raise EOFError("the stream ended inside a frame")
    return body


def write_frame(sink, body):
    if os.getpid() != PROCESS:  # A library forked, and this is the copy: it has nothing to say.
        os._exit(0)
    data = len(body).to_bytes(4, "little") + body
    written = os.write(sink, data)
    while written < len(data):
        data = data[written:]
        written = os.write(sink, data)


def text(value, limit):
    """A string that surely encodes, of at most `limit` characters."""
    if len(value) > limit:
        value = value[: limit - 4] + " ..."
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value, limit=MAX_REPR):
    """The representation of an object of the library, whatever its `__repr__` does."""
    try:
        return text(ADDRESS.sub("", repr(value)), limit)
    except Exception as error:
        return "<%s whose repr raised %s>" % (type(value).__qualname__, type(error).__name__)


def type_name(kind):
    """A type's name as one would import it."""
    return kind.__qualname__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)


def scalar_type_name(kind):
    """The name of a type of scalar objects with an array's attributes; of one that is a Python number as well, it says so."""
    number = next((base.__name__ for base in (float, complex) if issubclass(kind, base)), None)
    return text(type_name(kind), 200) + (" (a Python %s)" % number if number else "")


# ---------------------------------------------------------------------------------------------------------------------
# Exceptions


def describe(error):
    """The wire form of an exception."""
    try:
        message = text(ADDRESS.sub("", str(error)), MAX_MESSAGE)
    except Exception:
        message = "<the message could not be formatted>"
    try:
        trace = "".join(trace_lines(error))
    except Exception:
        trace = ""
    if len(trace) > MAX_TRACEBACK:
        trace = "... " + trace[4 - MAX_TRACEBACK :]
    bases = [text(type_name(base), 200) for base in type(error).__mro__[1:-1]]
    return {"type": text(type_name(type(error)), 200), "bases": bases, "message": message, "traceback": text(trace, MAX_TRACEBACK)}


def trace_lines(error, depth=0):
    """The traceback below the worker's own frames. (The traceback module looks at every file each time: too slow.)"""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < 4:
        yield from trace_lines(cause, depth + 1)
        yield "%s.%s\n\n" % (type(cause).__name__, " It led to" if error.__cause__ else " While it was handled")
    trace = error.__traceback__
    frames = []
    while trace is not None:
        frames.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    frames = list(itertools.dropwhile(lambda frame: frame[0].co_filename == __file__, frames))
    if len(frames) > 40:
        yield "  (%d frames left out)\n" % (len(frames) - 40)
    for code, line in frames[-40:]:
        yield '  File "%s", line %d, in %s\n' % (code.co_filename, line, code.co_name)
        source = linecache.getline(code.co_filename, line).strip()
        if source:
            yield "    %s\n" % source


# ---------------------------------------------------------------------------------------------------------------------
# Doors: how arrays get into the library and out of it, bit for bit


def numpy_dtypes(np):
    return {name: np.dtype(name) for name in DTYPES}


def numpy_array(np, dtypes, name, shape, data):
    """A NumPy array that owns its memory."""
    return np.ndarray(shape, dtypes[name], data).copy()


def elements_of(name, data):
    """The elements as Python numbers."""
    letter, components = LAYOUT[name]
    numbers = struct.unpack("<%d%s" % (len(data) // struct.calcsize("<" + letter), letter), data)
    if components == 2:
        return [complex(*pair) for pair in zip(numbers[::2], numbers[1::2])]
    return list(numbers)


def nested(flat, shape):
    """A flat list as nested ones."""
    if not shape:
        return flat[0]
    for size in reversed(shape[1:]):
        flat = [flat[i : i + size] for i in range(0, len(flat), size)]
    return flat


def lists_door(xp, dtypes):
    """Through Python numbers: for libraries that know nothing of NumPy."""

    def make(name, shape, data):
        dtype = dtypes[name]
        if 0 in shape:
            return xp.zeros(tuple(shape), dtype=dtype)
        flat = elements_of(name, data)
        if len(shape) > 1 and hasattr(xp, "reshape"):
            return xp.reshape(xp.asarray(flat, dtype=dtype), tuple(shape))
        return xp.asarray(nested(flat, shape), dtype=dtype)

    return make


def elements_out(array, name):
    """Element by element, by indexing and Python's own conversions."""
    shape = tuple(map(int, array.shape))
    if any(n < 0 for n in shape):  # What a lazy library promises of a call that it should have refused.
        raise NotStandard("array that says shape %s" % (shape,))
    letter, components = LAYOUT[name]
    convert = bool if name == "bool" else {"f": float, "d": float}.get(letter, int)
    pack = struct.Struct("<" + letter * components).pack
    data = bytearray()
    for at, index in enumerate(itertools.product(*map(range, shape))):
        element = array[index] if index else array
        element = complex(element) if components == 2 else convert(element)
        try:
            data += pack(element.real, element.imag) if components == 2 else pack(element)
        except (struct.error, OverflowError):
            raise Unfit(name, shape, at, shown(element, 200)) from None
    return shape, bytes(data)


def numpy_out(np, dtypes, convert, computed=None):
    """Through a NumPy array that `convert` makes, unless it is among those computed together."""

    def read(array, name):
        host = computed.pop(id(array), None) if computed else None
        if host is None:
            host = convert(array)
        if isinstance(host, np.generic):
            host = np.asarray(host)
        if type(host) is not np.ndarray or host.dtype != dtypes[name]:
            raise Transport("NumPy made %s of an array of dtype %s" % (getattr(host, "dtype", type(host)), name))
        shape = array.shape
        if all(type(n) is int for n in shape) and tuple(shape) != host.shape:
            raise NotStandard("array that says shape %s and holds %s" % (tuple(shape), host.shape))
        return host.shape, host.tobytes()

    return read


def patterns(name, payload, edges):
    """Arrays that a door must carry: with NaN payloads, of rank 0 and without elements where these are asked for."""
    letter, components = LAYOUT[name]
    size = struct.calcsize("<" + letter)
    if name == "bool":
        words = [0, 1, 1, 0, 0, 1]
    elif letter == "f":
        words = [0x3FC00000, 0x80000000, 0x7F800000, 0x00000001, 0xC0490FDB, 0xFFC0BEEF if payload else 0x7F7FFFFF]
    elif letter == "d":
        words = [0x3FF8 << 48, 1 << 63, 0x7FF0 << 48, 1, 0xC00921FB54442D18, 0xFFF800000000BEEF if payload else 0x7FE << 52]
    else:
        words = [0, 1, (1 << 8 * size) - 1, 1 << 8 * size - 1, (1 << 8 * size - 1) - 1, 0x5A]
    data = b"".join(word.to_bytes(size, "little") for word in (words * components)[: 6 * components])
    yield (6,), data
    if edges:
        yield (2, 3), data
        yield (), data[: size * components]
        yield (0,), b""
        yield (2, 0), b""


def plain_and_hard(name):
    """Arrays one by one that a lossy door may carry or not: first one of plain elements, then one of each hard element, then shapes."""
    letter, components = LAYOUT[name]
    size = struct.calcsize("<" + letter) * components
    plain = struct.pack("<" + letter, 1) * components
    yield (2,), plain * 2
    for payload in (False, True):
        _, data = next(patterns(name, payload, False))
        yield from [((1,), data[at : at + size]) for at in range(0, len(data), size)]
    yield (2, 3), plain * 6
    yield (), plain
    yield (0,), b""
    yield (2, 0), b""


# ---------------------------------------------------------------------------------------------------------------------
# The library


class DtypeNames(dict):
    """Names of the standard's dtypes by dtype object; None for others. Found by `==`, then remembered."""

    def __init__(self, dtypes):
        super().__init__()
        self.dtypes = dtypes

    def find(self, dtype):
        for name, standard in self.dtypes.items():
            if equal(standard, dtype):
                return name
        return None

    def __missing__(self, dtype):
        name = self[dtype] = self.find(dtype)
        return name


def equal(a, b):
    try:
        return bool(a == b)
    except Exception:
        return False


def attempt(function, *args):
    """What a function gives, or None where it raises."""
    try:
        return function(*args)
    except Exception:
        return None


def optional_import(name):
    try:
        return importlib.import_module(name)
    except Exception:
        return None


class Library:
    """The module under test: its names, its dtypes and devices, and the doors of its arrays."""

    def __init__(self, xp, path, name, settings=None):
        self.xp = xp
        self.path = path
        self.name = name
        self.settings = settings or {}
        self.modules = {first: importlib.import_module(module) for first, module in self.settings.get("modules", {}).items()}
        self.functions = Functions(self)
        self.dtypes = {}
        for dtype in DTYPES:
            for spelling in (dtype, OTHER_NAMES.get(dtype)):
                try:
                    self.dtypes[dtype] = getattr(self.xp, spelling)
                    break
                except Exception:
                    continue
        self.names = DtypeNames(self.dtypes)
        self.info = self.call_info()
        self.choose_doors()
        self.find_devices()
        self.dtype_type, self.device_types = self.find_types()

    def call_info(self):
        try:
            return self.xp.__array_namespace_info__()
        except Exception:
            return None

    # Whether the harness knows the value `unfit`.
    host_reads_unfit = False

    # Doors

    # What computes several arrays at once, and what was computed so, by the arrays' ids.
    together, computed = None, None

    def compute(self, values):
        """Computes all arrays among the values together, where the library can: what they share is then computed once."""
        arrays = [value for value in values if isinstance(value, self.array_types)]
        if len(arrays) > 1:
            try:
                self.computed.update(zip(map(id, arrays), self.together(arrays)))
            except Exception:  # Of one of them: read one by one, each shows its own.
                self.computed.clear()

    def choose_doors(self):
        """Chooses for each dtype the first door that carries every pattern there and back, bit for bit, or else as much as possible."""
        np = optional_import("numpy")
        xp = self.xp
        into, out, self.own_out = [], [], None
        if np is not None and all(hasattr(np, attribute) for attribute in ("ndarray", "asarray", "dtype")):
            hosts = numpy_dtypes(np)
            make = functools.partial(numpy_array, np, hosts)
            named = {"xp": xp, "np": np}
            self.computed = {}
            if "into" in self.settings:
                own = eval("lambda host, dtype: " + self.settings["into"], named)
                into.append(lambda name, shape, data: own(make(name, shape, data), self.dtypes[name]))
            if "out" in self.settings:
                self.own_out = numpy_out(np, hosts, eval("lambda x: " + self.settings["out"], named), self.computed)
                out.append(self.own_out)
            if "together" in self.settings:
                self.together = eval("lambda xs: " + self.settings["together"], named)
            into.append(lambda name, shape, data: xp.asarray(make(name, shape, data)))
            into.append(lambda name, shape, data: xp.asarray(make(name, shape, data), dtype=self.dtypes[name]))
            into.append(lambda name, shape, data: xp.from_dlpack(make(name, shape, data)))
            out.append(numpy_out(np, hosts, np.asarray))
            if hasattr(np, "from_dlpack"):
                out.append(numpy_out(np, hosts, np.from_dlpack))
                out.append(numpy_out(np, hosts, lambda array: np.from_dlpack(array, device="cpu")))
        into.append(lists_door(xp, self.dtypes))
        out.append(elements_out)

        self.array_types, self.sample = (), None
        self.makers, self.readers, self.no_door = {}, {}, {}
        for name in self.dtypes:
            self.readers[name] = tuple(out)
            for demands in ((True, True), (False, True), (False, False)):
                if self.try_doors(name, into, out, list(patterns(name, *demands))):
                    break
            else:
                self.try_lossy_doors(name, into, out, list(plain_and_hard(name)))
        if not self.array_types:
            self.find_array_type()
        self.array_type = self.array_types[0] if self.array_types else None
        self.is_numpy = np is not None and self.array_types == (np.ndarray,)
        # `make(shape, makes[dtype], buffer, offset)` is an array. NumPy's own type takes these without a function in between;
        # on the bytes of a batch it is writable, aligned, and made faster than an array that owns its memory.
        if self.is_numpy:
            self.make, self.makes, self.read = np.ndarray, numpy_dtypes(np), self.numpy_read
        else:
            self.make, self.makes, self.read = self.general_make, dict(zip(DTYPES, DTYPES)), self.general_read

    def try_doors(self, name, into, out, arrays):
        for make in into:
            try:
                made = [make(name, shape, data) for shape, data in arrays]
            except Exception as error:
                self.no_door[name] = "%s: %s" % (type(error).__name__, text(str(error), 200))
                continue
            if self.name_of(made[0].dtype) != name:
                self.no_door[name] = "it gives dtype %s instead" % shown(made[0].dtype, 60)
                continue
            for read in out:
                try:
                    exact = all(read(array, name) == (shape, data) for array, (shape, data) in zip(made, arrays))
                except Exception as error:
                    self.no_door[name] = "%s: %s" % (type(error).__name__, text(str(error), 200))
                    continue
                if not exact:
                    self.no_door[name] = "what is read back differs"
                    continue
                self.take_door(name, make, read, out, made)
                return True
        return False

    def try_lossy_doors(self, name, into, out, arrays):
        """Where no door carries everything: the first of those that carry most, plain elements at least. The harness finds out what is lost."""
        most, best = 0, None
        for make in into:
            made = [attempt(make, name, shape, data) for shape, data in arrays]
            if made[0] is None or attempt(lambda: self.name_of(made[0].dtype)) != name:
                continue
            for read in out:
                carried = [array is not None and attempt(read, array, name) == given for array, given in zip(made, arrays)]
                if carried[0] and sum(carried) > most:
                    most, best = sum(carried), (make, read, out, [array for array in made if array is not None])
        if best:
            self.take_door(name, *best)

    def take_door(self, name, make, read, out, made):
        self.makers[name] = make
        self.readers[name] = (read,) + tuple(other for other in out if other is not read)
        for array in made:
            if type(array) not in self.array_types:
                self.array_types += (type(array),)
                self.sample = array if self.sample is None else self.sample

    def find_array_type(self):
        """Where no door carries anything: what the library itself makes."""
        for make in (lambda: self.xp.asarray([1.0]), lambda: self.xp.zeros(1), lambda: self.xp.ones((1,))):
            try:
                self.sample = make()
                self.array_types = (type(self.sample),)
                return
            except Exception:
                continue

    def numpy_read(self, array):
        name = self.names[array.dtype]
        if name is None:
            raise NotStandard("array of dtype %s, shape %s" % (array.dtype, array.shape))
        return name, array.shape, array.tobytes()

    def general_make(self, shape, name, buffer, offset):
        try:
            make = self.makers[name]
        except KeyError:
            if name not in self.dtypes:
                raise Missing(name) from None
            raise Transport("cannot create an array of dtype %s: %s" % (name, self.no_door.get(name))) from None
        letter, components = LAYOUT[name]
        size = math.prod(shape) * struct.calcsize("<" + letter) * components
        return make(name, shape, bytes(buffer[offset : offset + size]))

    def general_read(self, array):
        name = self.name_of(array.dtype)
        if name is None:
            raise NotStandard("array of dtype %s, shape %s" % (shown(array.dtype, 80), shown(array.shape, 80)))
        first = None
        for read in self.readers[name]:
            if first is not None and read is elements_out and 0 in array.shape:
                break  # Of no elements none would be asked for.
            try:
                shape, data = read(array, name)
                return name, shape, data
            except (NotStandard, Unfit):
                raise
            except Exception as error:
                first = first or error
                if read is self.own_out and isinstance(array, self.array_types):
                    break  # What a lazy library raises when it computes is the outcome.
        # The first way out has carried other arrays of this dtype: what the library raises there is about this array.
        if name in self.makers and not isinstance(first, Transport):
            raise first
        raise Transport("cannot hand an array of dtype %s back: %s: %s" % (name, type(first).__name__, text(str(first), 500))) from first

    def name_of(self, dtype):
        """The standard's name of a dtype object, or None."""
        try:
            return self.names[dtype]
        except TypeError:  # It is not hashable.
            return self.names.find(dtype)

    # Devices, dtypes

    def find_devices(self):
        """Devices by name, the default first."""
        found = []
        for ask in (
            lambda: [self.info.default_device()],
            lambda: list(self.info.devices()),
            lambda: [self.sample.device],
        ):
            try:
                found += ask()
            except Exception:
                continue
        self.devices = {}
        for device in found:
            if device is not None:
                name = text(ADDRESS.sub("", str(device)), 200)
                quoted = re.fullmatch(r"[\w.]+\('(.+)'\)", name)  # array_api_strict.Device('device1')
                self.devices.setdefault(quoted[1] if quoted else name, device)

    def find_types(self):
        """The type that all dtype objects share, and the types of the devices."""
        kinds = [type(dtype) for dtype in self.dtypes.values()]
        for name in self.makers:
            try:
                shape, data = next(patterns(name, False, False))
                kinds.append(type(self.make(shape, self.makes[name], bytearray(data), 0).dtype))
            except Exception:
                continue
        kinds = [kind for kind in kinds if not issubclass(kind, (type, str))]
        shared = [kind for kind in kinds[0].__mro__ if all(issubclass(k, kind) for k in kinds)] if kinds else []
        dtype_type = tuple(kind for kind in shared[:1] if kind is not object)
        devices = {type(device) for device in self.devices.values()}
        return dtype_type, tuple(kind for kind in devices if not issubclass(kind, (str, int)))

    # Identity

    def identity(self, wanted):
        version, also = self.versions()
        implementation = platform.python_implementation()
        language = "Python %s" % platform.python_version()
        functions = {}
        for path in wanted:
            try:
                functions[path] = {"signature": self.functions.signature(path)}
            except Exception:
                continue
        return {
            "protocol": PROTOCOL,
            "name": self.name,
            "version": version,
            "language": language if implementation == "CPython" else "%s (%s)" % (language, implementation),
            "platform": "%s %s" % (platform.system(), platform.machine()),
            "devices": list(self.devices),
            "dtypes": list(self.dtypes),
            "default_dtypes": {**self.observed_defaults(), **self.default_dtypes()},
            "revisions": self.revisions(),
            "extensions": [name for name in EXTENSIONS if self.has(name)],
            "capabilities": self.capabilities(),
            "functions": functions,
            "reads_blocks": self.is_numpy,
            "also": also,
            "shapes": self.settings.get("shapes", []),
            "layouts": self.settings.get("layouts", {}),
        }

    def has(self, name):
        try:
            getattr(self.xp, name)
        except Exception:
            return name in self.modules
        return True

    def versions(self):
        """The library's version, and those of what lies between."""
        prefix = "array_api_compat."
        if self.path.startswith(prefix):
            wrapped = optional_import(self.path[len(prefix) :].split(".")[0])
            wrapper = optional_import("array_api_compat")
            return self.version_of(wrapped), {"array-api-compat": self.version_of(wrapper)}
        version = self.version_of(self.xp)
        if version == "unknown":
            version = self.version_of(optional_import(self.path.split(".")[0]))
        if not self.modules:
            return version, {}
        # The modules that stand for extensions are what is tested, beside a namespace of another library.
        standing = {}
        for module in self.settings["modules"].values():
            own = self.version_of(sys.modules.get(module))
            standing[module] = own if own != "unknown" else self.version_of(optional_import(module.split(".")[0]))
        return next(iter(standing.values())), {self.path: version, **standing}

    @staticmethod
    def version_of(module):
        version = getattr(module, "__version__", None)
        if version is None and module is not None:
            try:
                from importlib import metadata

                version = metadata.version(module.__name__)
            except Exception:
                pass
        return "unknown" if version is None else text(str(version), 100)

    def revisions(self):
        version = getattr(self.xp, "__array_api_version__", None)
        return [version] if isinstance(version, str) else []

    def default_dtypes(self):
        try:
            named = {kind: self.name_of(dtype) for kind, dtype in self.info.default_dtypes().items()}
            return {str(kind): name for kind, name in named.items() if name is not None}
        except Exception:
            return {}

    def observed_defaults(self):
        """The dtypes that Python numbers take."""
        observed = {}
        for kind, number in DEFAULTS.items():
            try:
                observed[kind] = self.name_of(self.xp.asarray(number).dtype)
            except Exception:
                continue
        return {kind: name for kind, name in observed.items() if name is not None}

    def capabilities(self):
        try:
            said = {str(name): has for name, has in self.info.capabilities().items() if type(has) is bool}
        except Exception:
            said = {}
        return {**said, **dict.fromkeys(self.settings.get("lacks", ()), False)}

    # Values

    def encode(self, value, depth=0):
        """The wire form of a value."""
        kind = type(value)
        if kind is self.array_type:
            return self.encode_array(value)
        plain = PLAIN.get(kind)
        if plain is not None:
            return plain(self, value, depth)
        if isinstance(value, self.array_types):
            return self.encode_array(value)
        if self.is_dtype(value):
            return {"dtype": [name for name, dtype in self.dtypes.items() if equal(dtype, value)]}
        if isinstance(value, self.device_types):
            return {"device": [name for name, device in self.devices.items() if equal(device, value)]}
        if is_array_like(value):
            encoded = self.encode_array(value)
            if "array" in encoded:
                return {"array_scalar": {"type": scalar_type_name(kind), "array": encoded["array"]}}
            if not isinstance(value, (int, float, complex)):  # A Python number of another library's is one.
                return encoded
        for base, encode in BASES:
            if isinstance(value, base):
                return encode(self, value, depth)
        return {"opaque": shown(value)}

    def encode_array(self, array):
        try:
            return {"array": self.read(array)}
        except NotStandard as error:
            return {"opaque": text(str(error), MAX_REPR)}
        except Unfit as error:
            if not self.host_reads_unfit:
                return {"opaque": text(str(error), MAX_REPR)}
            return {"unfit": {"dtype": error.dtype, "shape": error.shape, "at": error.at, "element": error.element}}

    def is_dtype(self, value):
        if isinstance(value, self.dtype_type):
            return True
        return isinstance(value, type) and any(dtype is value for dtype in self.dtypes.values())


def is_array_like(value):
    """Whether an object that is no array carries an array's attributes."""
    kind = type(value)
    try:
        return all(hasattr(kind, name) for name in ("dtype", "shape", "ndim", "__array_namespace__"))
    except Exception:
        return False


# ---------------------------------------------------------------------------------------------------------------------
# Values


def float_hex(value):
    """As `float.hex`, which forgets the sign of a NaN."""
    value = float(value)
    if value != value:
        return "-nan" if math.copysign(1.0, value) < 0 else "nan"
    return value.hex()


def encode_int(library, value, depth):
    value = int(value)
    if -(1 << 127) <= value < 1 << 127:
        return {"scalar": {"int": str(value)}}
    return {"opaque": "an integer of %d bits" % value.bit_length()}


def encode_complex(library, value, depth):
    value = complex(value)
    return {"scalar": {"complex": [float_hex(value.real), float_hex(value.imag)]}}


def encode_str(library, value, depth):
    # Strings are devices in some libraries (NumPy's "cpu").
    if value in library.devices:
        names = [name for name, device in library.devices.items() if equal(device, value)]
        if names:
            return {"device": names}
    return {"str": text(str(value), 1 << 20)}


def field_names(value):
    """The fields of a named tuple, or of a struct sequence (torch.return_types); None for a plain tuple."""
    kind = type(value)
    names = getattr(kind, "_fields", None) or (getattr(kind, "__match_args__", None) if kind is not tuple else None)
    if names and len(names) == len(value) and all(isinstance(name, str) for name in names):
        return names
    return None


def encode_tuple(library, value, depth):
    if depth >= MAX_DEPTH:
        return {"opaque": shown(value)}
    items = [library.encode(item, depth + 1) for item in value]
    names = field_names(value)
    if names:
        return {"named_tuple": list(zip(names, items))}
    return {"tuple": items}


def encode_list(library, value, depth):
    if depth >= MAX_DEPTH:
        return {"opaque": shown(value)}
    return {"list": [library.encode(item, depth + 1) for item in value]}


def encode_dict(library, value, depth):
    if depth >= MAX_DEPTH or not all(isinstance(key, str) for key in value):
        return {"opaque": shown(value)}
    return {"dict": [[text(key, MAX_REPR), library.encode(item, depth + 1)] for key, item in value.items()]}


BASES = (
    (bool, lambda library, value, depth: {"scalar": {"bool": bool(value)}}),
    (int, encode_int),
    (float, lambda library, value, depth: {"scalar": {"float": float_hex(value)}}),
    (complex, encode_complex),
    (str, encode_str),
    (tuple, encode_tuple),
    (list, encode_list),
    (dict, encode_dict),
    (type(None), lambda library, value, depth: "none"),
)
PLAIN = dict(BASES)


def decode_scalar(library, scalar):
    ((kind, value),) = scalar.items()
    if kind == "bool":
        return value
    if kind == "int":
        return int(value)
    if kind == "float":
        return float.fromhex(value)
    return complex(*map(float.fromhex, value))


def decode_dtype(library, name):
    try:
        return library.dtypes[name]
    except KeyError:
        raise Missing(name) from None


CONSTANTS = {
    "scalar": decode_scalar,
    "str": lambda library, value: value,
    "dtype": decode_dtype,
    "device": lambda library, name: library.devices.get(name, name),
    "slice": lambda library, ends: slice(ends.get("start"), ends.get("stop"), ends.get("step")),
}
NAMED_CONSTANTS = {"none": None, "ellipsis": ...}


# ---------------------------------------------------------------------------------------------------------------------
# Functions


class Constant:
    """A constant of the library as a function without arguments."""

    def __init__(self, value):
        self.value = value

    def __call__(self):
        return self.value


class Functions(dict):
    """What steps call, by path; resolved once.

    `add`, `linalg.svd`: a name of the library. `operator.add`, `builtins.float`: a function of Python's own module.
    `method.to_device`, `attribute.shape`: of the first argument.
    """

    def __init__(self, library):
        super().__init__()
        self.library = library

    def __missing__(self, path):
        function = self[path] = self.resolve(path)
        return function

    def resolve(self, path):
        first, _, rest = path.partition(".")
        if first == "operator" and rest:
            return lookup(operator, rest, path)
        if first == "builtins" and rest:
            return lookup(builtins, rest, path)
        if first == "method" and rest:
            return lambda x, /, *args, **kwargs: attribute(x, rest, path)(*args, **kwargs)
        if first == "attribute" and rest:
            return lambda x, /: attribute(x, rest, path)
        module = self.library.modules.get(first) if rest else None
        function = lookup(module, rest, path) if module else lookup(self.library.xp, path, path)
        # Where dtypes are classes they are callable, too.
        return function if callable(function) and not self.library.is_dtype(function) else Constant(function)

    def signature(self, path):
        """The parameters of what `path` names, or None where Python cannot tell. Raises where it does not exist."""
        first, _, rest = path.partition(".")
        sample = self.library.sample
        if first == "attribute" and rest:
            if not hasattr(type(sample), rest):  # A property may raise for this very array.
                attribute(sample, rest, path)
            return None
        function = attribute(sample, rest, path) if first == "method" and rest else self.resolve(path)
        if isinstance(function, Constant):
            return None
        try:
            parameters = inspect.signature(function).parameters.values()
        except Exception:
            return None
        described = []
        for parameter in parameters:
            default = None if parameter.default is parameter.empty else shown(parameter.default, 200)
            kind = parameter.kind.name.lower()
            described.append({"name": parameter.name, "kind": kind, "default": default})
        return described


def lookup(root, names, path):
    """The attribute `a.b.c` of `root`."""
    found = root
    for name in names.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise Missing(path) from None
    return found


def attribute(x, name, path):
    """An attribute of an object. One that exists and raises is not missing."""
    try:
        return getattr(x, name)
    except AttributeError:
        if hasattr(type(x), name):
            raise
        raise Missing(path) from None


# ---------------------------------------------------------------------------------------------------------------------
# Programs


# So many plans are kept.
MAX_PLANS = 5_000


class Plans(dict):
    """Functions that run programs, by the bytes of the programs' plans on the wire and whether they run blocks.

    A plan is a program without its inputs: many programs share one. Of a block, programs that differ in the elements of their
    inputs alone, it pays to make Python code. That of a plan of two inputs and two steps is

        def plan(c0, c1, c2, make, makes, answer, failed, stacked):
            def run(buffer, inputs):
                [(d0, s0, o0), (d1, s1, o1)] = inputs
                a0 = stacked(make(s0, makes[d0], buffer, o0))
                a1 = stacked(make(s1, makes[d1], buffer, o1))
                results = []
                for r0, r1 in zip(a0, a1):
                    at = None
                    try:
                        at = 0
                        r2 = c0(r0, r1, c1)
                        at = 1
                        r3 = c2(r2)
                        results.append((r3))
                    except BaseException as error:
                        results.append(failed(error, at, locals(), ("r3",), 2 + at))
                return answer(results)
            return run

    with functions and constants for c0 to c2. Plans that differ in these alone share the compiled code. Single programs are
    run as they came: many plans of theirs come up only a few times, and to make code of one takes longer than to run it.
    """

    def __init__(self, library, writer, unpack):
        super().__init__()
        self.library = library
        self.writer = writer
        self.unpack = unpack
        self.compiled = {}

    def __missing__(self, key):
        raw, block = key
        plan = self.unpack(raw)
        if len(self) >= MAX_PLANS:
            self.clear()
        run = self[key] = self.compile(plan) if block else self.interpret(plan)
        return run

    def interpret(self, plan):
        """The function of a plan of single programs."""
        library, writer, returns = self.library, self.writer, plan["returns"]
        make, makes, answer = library.make, library.makes, writer.answer
        made_by = tuple([register - plan["inputs"] if register >= plan["inputs"] else None for register in returns])
        steps = [self.prepared(step) for step in plan["steps"]]

        def run(buffer, inputs):
            registers, at = [], None
            try:
                for dtype, shape, offset in inputs:
                    registers.append(make(shape, makes[dtype], buffer, offset))
                for at, (function, args, kwargs, places, others) in enumerate(steps):
                    args = args.copy()
                    for place, register in places:
                        args[place] = registers[register]
                    if others:
                        kwargs = kwargs.copy()
                        for place, argument in others:
                            (kwargs if type(place) is str else args)[place] = value_of(library, argument, registers)
                    registers.append(function(*args, **kwargs))
                at = None
                return answer(*[registers[register] for register in returns], steps=made_by)
            except BaseException as error:
                return writer.failed(error, at, dict(enumerate(registers)), returns)

        return run

    def prepared(self, step):
        """A step as far as it is the same in each run: its function and its arguments; where registers take a positional one's
        place, and what else is made anew, by position or name."""
        args, kwargs, places, others = [], {}, [], []
        try:
            function = self.function(step["function"])
            for place, argument in enumerate(step.get("args", ())):
                if type(argument) is dict and "register" in argument:
                    places.append((place, argument["register"]))
                    args.append(None)
                elif is_constant(argument):
                    args.append(value_of(self.library, argument, ()))
                else:
                    others.append((place, argument))
                    args.append(None)
            for name, argument in step.get("kwargs", ()):
                if is_constant(argument):
                    kwargs[name] = value_of(self.library, argument, ())
                else:
                    others.append((name, argument))
                    kwargs[name] = None
        except (Missing, Unresolved) as error:
            return raiser(error.__cause__ or error), [], {}, (), ()
        return function, args, kwargs, places, others

    def compile(self, plan):
        """The function of a plan of blocks as Python code."""
        writer = self.writer
        constants = []
        steps = [self.step(step, constants) for step in plan["steps"]]
        inputs, returns = plan["inputs"], tuple(["r%d" % register for register in plan["returns"]])
        lone = len(steps) == 1 and returns == ("r%d" % inputs,)
        form = inputs, tuple(map(code_of_step, steps)), returns, code_of_arguments(steps[0]) if lone else None
        make = self.compiled.get(form)
        if make is None:
            if len(self.compiled) >= 1_000:
                self.compiled.clear()
            names = {"starmap": itertools.starmap, "repeat": itertools.repeat}
            # As code of this file, so that tracebacks leave it out.
            exec(compile(code_of(len(constants), *form), __file__, "exec"), names)
            make = self.compiled[form] = names["plan"]
        answer = writer.joined_single if len(returns) == 1 else writer.joined
        return make(*constants, self.library.make, self.library.makes, answer, writer.failed_run, stacked)

    def step(self, step, constants):
        """A step as indices: the constant that is its function, positional and keyword arguments."""
        known = len(constants)
        try:
            function = constant(constants, self.function(step["function"]))
            positional = [self.argument(argument, constants) for argument in step.get("args", ())]
            keywords = [(name, self.argument(argument, constants)) for name, argument in step.get("kwargs", ())]
            return function, positional, keywords
        except (Missing, Unresolved) as error:
            del constants[known:]
            return constant(constants, raiser(error.__cause__ or error)), (), ()

    def function(self, path):
        """The function of a path. What the library raises while it is looked up is the outcome of the step."""
        try:
            return self.library.functions[path]
        except Missing:
            raise
        except Exception as error:
            raise Unresolved(path) from error

    def argument(self, argument, constants):
        """An argument: `("r", register)`, `("c", constant)`, or the items of a tuple or list."""
        if type(argument) is dict:
            ((kind, value),) = argument.items()
            if kind == "register":
                return "r", value
            if kind in ("tuple", "list") and not is_constant(argument):
                return kind, [self.argument(item, constants) for item in value]
        return "c", constant(constants, value_of(self.library, argument, ()))


def value_of(library, argument, registers):
    """The value of an argument as it came."""
    if type(argument) is str:
        return NAMED_CONSTANTS[argument]
    ((kind, value),) = argument.items()
    if kind == "register":
        return registers[value]
    if kind == "tuple":
        return tuple([value_of(library, item, registers) for item in value])
    if kind == "list":
        return [value_of(library, item, registers) for item in value]
    return CONSTANTS[kind](library, value)


def code_of_step(step):
    """A step as Python code."""
    function, positional, keywords = step
    parts = ["c%d(" % function] + ["%s, " % code_of_argument(argument) for argument in positional]
    if keywords:
        parts.append("**{%s}" % ", ".join(["%r: %s" % (name, code_of_argument(argument)) for name, argument in keywords]))
    return "".join(parts) + ")"


def code_of_argument(argument):
    kind, value = argument
    if kind in "rc":
        return "%s%d" % argument
    items = "".join(["%s, " % code_of_argument(item) for item in value])
    return "[%s]" % items if kind == "list" else "(%s)" % items


def code_of_arguments(step):
    """As Python code, iterables of a step's arguments in all runs of a block; None if they are not that simple."""
    _, positional, keywords = step
    kinds = {kind for kind, _ in positional}
    if keywords or "r" not in kinds or not kinds <= {"r", "c"}:
        return None
    return ", ".join(["a%d" % value if kind == "r" else "repeat(c%d)" % value for kind, value in positional])


def code_of(constants, inputs, calls, returns, arguments):
    """The code of a block's plan, as `Plans` shows it. `arguments`: of one that makes one call and returns its result alone."""
    parts = {
        "constants": "".join("c%d, " % n for n in range(constants)),
        "inputs": ", ".join("(d%d, s%d, o%d)" % (n, n, n) for n in range(inputs)),
        "arrays": "\n        ".join("a%d = stacked(make(s%d, makes[d%d], buffer, o%d))" % (n, n, n, n) for n in range(inputs)),
    }
    if arguments:
        return LONE_CALL_CODE % dict(parts, arguments=arguments)
    steps = []
    for at, call in enumerate(calls):
        steps += ["at = %d" % at, "r%d = %s" % (inputs + at, call)]
    parts["stacks"] = "".join("a%d, " % n for n in range(inputs))
    parts["registers"] = "".join("r%d, " % n for n in range(inputs))
    parts["steps"] = "\n                ".join(steps)
    parts["returns"], parts["names"], parts["count"] = ", ".join(returns), returns, inputs
    return BLOCK_CODE % parts


# What a library raises is an outcome, SystemExit and KeyboardInterrupt too.
BLOCK_CODE = """
def plan(%(constants)smake, makes, answer, failed, stacked):
    def run(buffer, inputs):
        [%(inputs)s] = inputs
        %(arrays)s
        results = []
        for %(registers)s in zip(%(stacks)s):
            at = None
            try:
                %(steps)s
                results.append((%(returns)s))
            except BaseException as error:
                results.append(failed(error, at, locals(), %(names)r, %(count)d + at))
        return answer(results)
    return run
"""
# The loop is the list's own. One that a call ends by raising has kept the results before it, and goes on behind it.
LONE_CALL_CODE = """
def plan(%(constants)smake, makes, answer, failed, stacked):
    def run(buffer, inputs):
        [%(inputs)s] = inputs
        %(arrays)s
        results, calls = [], starmap(c0, zip(%(arguments)s))
        while True:
            try:
                results.extend(calls)
                break
            except BaseException as error:
                results.append(failed(error, 0, {}, (), 0))
        return answer(results)
    return run
"""


def stacked(array):
    """The arrays along the first axis of one of NumPy's."""
    if array.ndim > 1:
        return array
    # Iteration would give scalars.
    return [array[run, ...] for run in range(len(array))]


def is_constant(argument):
    """Whether an argument is the same object in every run of its plan."""
    if isinstance(argument, str):
        return True
    ((kind, value),) = argument.items()
    return all(map(is_constant, value)) if kind == "tuple" else kind not in ("register", "list")


def constant(constants, value):
    """The index of a constant."""
    constants.append(value)
    return len(constants) - 1


def raiser(error):
    def function():
        raise error.with_traceback(None)

    return function


class FailedRun:
    """The outcome of a program of a block that gave no values."""

    def __init__(self, outcome):
        self.outcome = outcome


# What stands before the number of values of an outcome.
VALUES_HEAD = b"\x81\xa6values\xdd"
DTYPE_OF, SHAPE_OF = operator.attrgetter("dtype"), operator.attrgetter("shape")


# Of wire forms, so many are kept of each sort.
MAX_KEPT = 10_000


def kept(cache, key, value):
    """The value, which a cache of bounded size has from now on."""
    if len(cache) >= MAX_KEPT:
        cache.clear()
    cache[key] = value
    return value


class Writer:
    """Outcomes in their wire form."""

    def __init__(self, library, pack):
        self.library = library
        self.pack = pack
        # The wire form of an array, but for its bytes, by dtype and shape; the same of a scalar object of NumPy's, by type.
        self.heads = {}
        self.scalar_heads = {}
        # The same of a register's values in all runs of a block, by dtype (or type), shape and number of runs.
        self.part_heads = {}
        # The wire forms of values that are the same wherever they come up.
        self.packed = {}
        self.lasting = (bool, str, type, *library.dtype_type)
        self.answer = self.values_numpy if library.is_numpy else self.values

    def values(self, *values, steps=()):
        """The outcome of a program that ran. `steps`: for each value the step that made it, None for an input."""
        encoded = []
        library = self.library
        if library.together and len(values) > 1:
            library.compute(values)
        try:
            for value in values:
                encoded.append(library.encode(value))
        except Transport as error:
            return self.failure(error, None, encoded)
        except BaseException as error:  # The library's own, when it computed what the step had promised.
            return self.failure(error, next(iter(steps[len(encoded) :]), None), encoded)
        finally:
            if library.computed:
                library.computed.clear()
        return self.pack({"values": encoded})

    def failed(self, error, step, registers, returns):
        """The outcome where a step, or without one the making of an input, raised."""
        values = []
        try:
            for name in returns if step is not None else ():
                values.append(self.library.encode(registers[name]))
        except BaseException:  # What was not made or cannot be handed back; nothing behind it is handed back either.
            pass
        return self.failure(error, step, values)

    def failure(self, error, step, values):
        if isinstance(error, Missing):
            outcome = {"missing": {"name": error.name, "step": step, "values": values}}
        else:
            outcome = {"raised": {"exception": describe(error), "step": step, "values": values}}
        error.__traceback__ = None  # It would keep the registers where the library keeps the exception.
        return self.pack(outcome)

    def values_numpy(self, *values, steps=()):
        """As `values`, the commonest outcomes of all made without MessagePack."""
        array_type, heads, scalar_heads = self.library.array_type, self.heads, self.scalar_heads
        parts = [VALUES_HEAD, len(values).to_bytes(4, "big")]
        try:
            for value in values:
                kind = type(value)
                head = heads.get((value.dtype, value.shape)) if kind is array_type else scalar_heads.get(kind)
                if head is None:
                    parts.append(self.packed_value(kind, value))
                else:
                    parts += head, value.tobytes()
        except BaseException:  # Of which value, and what comes before it, is said there.
            return self.values(*values, steps=steps)
        return b"".join(parts)

    def packed_value(self, kind, value):
        """The wire form of a value. That of one that will not change is kept, and of one with elements what stands before them."""
        if issubclass(kind, self.lasting):
            packed = self.packed.get((kind, value))
            if packed is None:
                packed = kept(self.packed, (kind, value), self.pack(self.library.encode(value)))
            return packed
        packed = self.pack(self.library.encode(value))
        is_array = kind is self.library.array_type
        if (is_array or kind.__module__ == "numpy" and is_array_like(value)) and self.library.name_of(value.dtype) is not None:
            head = packed[: len(packed) - value.nbytes]
            if is_array:
                kept(self.heads, (value.dtype, value.shape), head)
            else:
                self.scalar_heads[kind] = head
        return packed

    def joined_single(self, results):
        """The outcomes of a block whose programs return one register: one outcome where their arrays are alike."""
        part = self.part(results)
        if part is not None:
            return [b"".join((b"\x81\xa6joined\x82\xa4runs", self.pack(len(results)), b"\xa6values\x91", part))]
        return [result.outcome if type(result) is FailedRun else self.answer(result) for result in results]

    def joined(self, results):
        """The outcomes of a block whose programs return several registers."""
        if FailedRun not in map(type, results):
            parts = [self.part(values) for values in zip(*results)]
            if None not in parts:
                head = b"\x81\xa6joined\x82\xa4runs", self.pack(len(results)), b"\xa6values\xdd", len(parts).to_bytes(4, "big")
                return [b"".join((*head, *parts))]
        return [result.outcome if type(result) is FailedRun else self.answer(*result) for result in results]

    def part(self, values):
        """The wire form of a register's values in all runs of a block, along a first axis; None if they are no arrays alike."""
        first, runs = values[0], len(values)
        kind = type(first)
        if list(map(type, values)).count(kind) != runs:
            return None
        if kind is self.library.array_type:
            dtype, shape = first.dtype, first.shape
            if list(map(DTYPE_OF, values)).count(dtype) != runs or list(map(SHAPE_OF, values)).count(shape) != runs:
                return None
        elif kind.__module__ == "numpy" and is_array_like(first):
            dtype, shape = kind, ()
        else:
            return None
        try:
            head = self.part_heads[dtype, shape, runs]
        except KeyError:
            head = self.part_head(first, shape, runs)
            if head is None:
                return None
            kept(self.part_heads, (dtype, shape, runs), head)
        try:
            return b"".join((head, *values))
        except (BufferError, TypeError, ValueError):  # Some are not laid out in the order of their elements.
            return b"".join((head, *map(kind.tobytes, values)))

    def part_head(self, first, shape, runs):
        """What stands before the bytes of a register's values in all runs; None if they are arrays of a foreign dtype."""
        encoded = self.library.encode(first)
        ((kind, value),) = encoded.items()
        if kind not in ("array", "array_scalar"):
            return None
        dtype, _, data = value if kind == "array" else value["array"]
        room = bytes(runs * len(data))
        array = dtype, (runs, *shape), room
        packed = self.pack({kind: array if kind == "array" else dict(value, array=array)})
        return packed[: len(packed) - len(room)]

    def failed_run(self, error, step, registers, returns, made):
        """As `failed`, of a program of a block: registers from `made` on may be those of the program before."""
        returns = tuple(itertools.takewhile(lambda name: int(name[1:]) < made, returns))
        return FailedRun(self.failed(error, step, registers, returns))

    def frame(self, identifier, first, outcomes):
        return b"".join((
            b"\x81\xa8outcomes\x83\xa2id", self.pack(identifier), b"\xa5first", self.pack(first),
            b"\xa8outcomes\xdd", len(outcomes).to_bytes(4, "big"), *outcomes,
        ))  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# The process


class Surroundings:
    """What of the process a library may change and leave behind. It is put back before each batch, so that what one function
    does to it shows in no other."""

    def __init__(self):
        self.filters = list(warnings.filters)
        self.builtins = dict(vars(builtins))
        self.locale = locale.setlocale(locale.LC_ALL)
        self.recursion = sys.getrecursionlimit()
        self.folder = os.getcwd()
        # The plain function: the one of the module makes an enumeration's member of each result.
        self.handler_of = getattr(optional_import("_signal"), "getsignal", signal.getsignal)
        self.handlers = {number: self.handler_of(number) for number in signal.valid_signals()}
        self.float_environment = float_environment()

    def restore(self):
        for put_back in (
            self.restore_builtins, self.restore_warnings, self.restore_signals, self.restore_others, self.float_environment, quieten_numpy,
        ):  # fmt: skip
            try:
                put_back()
            except Exception as error:
                complain("cannot put back what the library changed: %s: %s" % (type(error).__name__, error))

    def restore_builtins(self):
        present = vars(builtins)
        if present == self.builtins:
            return
        for name, value in self.builtins.items():
            if present.get(name) is not value:
                present[name] = value

    def restore_warnings(self):
        if warnings.filters != self.filters:
            warnings.filters[:] = self.filters
            warnings.simplefilter("ignore")  # It is the first already: this makes the change known.

    def restore_signals(self):
        for number, handler in self.handlers.items():
            if handler is not None and self.handler_of(number) != handler:
                signal.signal(number, handler)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def restore_others(self):
        if locale.setlocale(locale.LC_ALL) != self.locale:
            locale.setlocale(locale.LC_ALL, self.locale)
        if sys.getrecursionlimit() != self.recursion:
            sys.setrecursionlimit(self.recursion)
        os.chdir(self.folder)


def float_environment():
    """A function that puts the present floating-point environment back: rounding, traps, what becomes of subnormal numbers."""
    ctypes = optional_import("ctypes")
    try:
        library = ctypes.CDLL(None)
        saved = ctypes.create_string_buffer(512)  # An fenv_t takes 32 bytes or fewer wherever it is known.
        if library.fegetenv(saved) == 0:
            return lambda: library.fesetenv(saved)
    except Exception:
        pass
    return lambda: None


def serve(library, stream, sink, msgpack):
    """Answers frames until `stop` or the end of the stream."""
    surroundings = Surroundings()
    unpack = functools.partial(msgpack.unpackb, raw=False, use_list=False, strict_map_key=False)
    writer = Writer(library, msgpack.Packer(use_bin_type=True, autoreset=True).pack)
    plans = Plans(library, writer, unpack)
    now = time.monotonic
    batches = 0
    while True:
        body = read_frame(stream)
        if body is None:
            return
        frame = unpack(body)
        if frame == "stop":
            return
        if "batch" in frame:
            surroundings.restore()
            batch = frame["batch"]
            identifier, raws, buffer = batch["id"], batch["plans"], bytearray(batch["data"])
            first, done, outcomes, due = 0, 0, [], now() + FLUSH_SECONDS
            for plan, inputs, *runs in batch["programs"]:
                if runs:
                    outcomes += plans[raws[plan], True](buffer, inputs)
                    done += runs[0]
                else:
                    outcomes.append(plans[raws[plan], False](buffer, inputs))
                    done += 1
                if now() >= due:
                    write_frame(sink, writer.frame(identifier, first, outcomes))
                    first, outcomes, due = done, [], now() + FLUSH_SECONDS
            if outcomes or first == 0:
                write_frame(sink, writer.frame(identifier, first, outcomes))
            batches += 1
            if batches % COLLECT_BATCHES == 0:
                gc.collect()
        elif "hello" in frame:
            library.host_reads_unfit = "unfit" in frame["hello"].get("reads", ())
            write_frame(sink, writer.pack({"identity": library.identity(frame["hello"].get("functions", ()))}))
        else:
            raise ValueError("a frame of kind %s" % shown(frame, 80))


def main():
    parser = argparse.ArgumentParser(prog="array_assay_worker.py")
    parser.add_argument("--module", required=True, help="the array library, such as numpy")
    parser.add_argument("--name", help="the name that it reports (default: the module's)")
    parser.add_argument("--append-path", help="a folder that holds msgpack, behind everything of the user's")
    parser.add_argument("--cwd", action="store_true", help="import from the working directory too, as `python -m` does")
    parser.add_argument("--settings", type=settings, default={}, help="the keys of its entry in libraries.yaml, as JSON")
    options = parser.parse_args()

    stream, sink = take_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The harness ends its workers itself.
    warnings.simplefilter("ignore")
    if options.cwd:
        sys.path.insert(0, os.getcwd())
    if options.append_path:
        sys.path.append(options.append_path)
    for wanted in ("msgpack", options.module):
        try:
            importlib.import_module(wanted)
        except BaseException as error:
            message = text(" ".join(str(error).split()), 500)
            complain("cannot import `%s` in %s: %s: %s" % (wanted, sys.executable, type(error).__name__, message))
            return 3
    warnings.simplefilter("ignore")  # Some libraries set filters of their own when they are imported.
    quieten_numpy()
    library = Library(sys.modules[options.module], options.module, options.name or options.module, options.settings)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        serve(library, stream, sink, sys.modules["msgpack"])
    except BrokenPipeError:  # The harness is gone.
        return 0
    except Exception as error:  # Of a frame: what a program raises is its outcome.
        complain("cannot read or answer a frame: %s: %s" % (type(error).__name__, error))
        return 2
    return 0


def settings(text):
    return importlib.import_module("json").loads(text)


def quieten_numpy():
    """Floating-point errors give values, as the standard has it; NumPy's warnings about them, which nobody reads here, cost
    several times the call."""
    numpy = sys.modules.get("numpy")
    if hasattr(numpy, "seterr"):
        numpy.seterr(all="ignore")


def complain(message):
    os.write(2, ("array-assay worker: %s\n" % message).encode("utf-8", "replace"))


if __name__ == "__main__":
    status = main()
    # Without the interpreter's teardown: a library that crashes there has answered already.
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass
    os._exit(status)
