"""How arrays get into the library and out of it: for each dtype the paths that carry most, chosen at the start."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from .arrays import Array, ExportPath, HostArray, ImportPath, Shape
from .attempts import attempt, optional_import
from .dtypes import DTYPES, LAYOUTS
from .errors import Missing, NotStandard, Transport, Unfit
from .export_paths import elements_export, numpy_export, numpy_exports
from .import_paths import import_paths, numpy_dtypes
from .messages import WireArray
from .namespace import Namespace
from .own_builtins import use_own_builtins
from .questions import ask, is_left_out
from .text import shown, summary
from .trial_arrays import TrialArray, single_elements, whole_arrays

use_own_builtins(globals())

# What the paths have to carry, the most first: NaN payloads; arrays of rank 0 and arrays without elements.
DEMANDS = ((True, True), (False, True), (False, False))


class Paths(NamedTuple):
    """An import path, an export path that reads its arrays, and arrays that it made."""

    make: ImportPath
    read: ExportPath
    made: list[Array]


class Transfer:
    """The chosen paths, and the types of the arrays that the import paths make.

    `make(shape, makes[dtype], buffer, offset)` creates an array from the bytes of `buffer` that begin at `offset`; it
    raises `Missing` where the library lacks the dtype and `Transport` where no import path carries it. `read(array)`
    returns the dtype's name, the shape and the bytes in C order; it raises `NotStandard`, `Unfit`, `Transport` and
    whatever the library raises.
    """

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        numpy = usable_numpy()
        self.own_export: ExportPath | None = None
        self.together: Callable[[list[Array]], list[HostArray]] | None = None
        # What was computed together, by the `id` of the library's array.
        self.computed: dict[int, HostArray] = {}
        self.imports = import_paths(namespace, numpy)
        self.exports = self.export_paths(numpy)

        # By dtype: the chosen import path, the export paths in the order in which they are tried, and why
        # import paths were rejected.
        self.makers: dict[str, ImportPath] = {}
        self.readers: dict[str, tuple[ExportPath, ...]] = {}
        self.rejections: dict[str, str] = {}
        # The types of the library's arrays, the commonest first, and some array.
        self.array_types: tuple[type, ...] = ()
        self.sample: Any = None
        for name in namespace.dtypes:
            self.readers[name] = tuple(self.exports)
            if is_left_out(arrays_of(name)):
                self.rejections[name] = "the first array of it ended or blocked the process"
            ask(arrays_of(name), lambda name=name: self.choose(name))  # type: ignore[misc]
        if not self.array_types:
            ask("an array", self.find_array_type)
        self.array_type = self.array_types[0] if self.array_types else None
        self.is_numpy = numpy is not None and list(self.array_types) == [numpy.ndarray]
        # NumPy's own type takes the arguments of `make` without a function in between. On the bytes of a batch it is
        # writable and aligned, and it is made faster than an array that owns its memory.
        self.make: Callable[[Shape, Any, bytearray, int], Array]
        self.makes: dict[str, object]
        self.read: Callable[[Any], WireArray]
        if numpy is not None and self.is_numpy:
            self.make, self.makes, self.read = numpy.ndarray, numpy_dtypes(numpy), self.read_numpy
        else:
            self.make, self.makes, self.read = self.make_any, dict(zip(DTYPES, DTYPES)), self.read_any

    def export_paths(self, numpy: ModuleType | None) -> list[ExportPath]:
        """All export paths, the preferred first: those through NumPy, then the one element by element."""
        paths: list[ExportPath] = []
        if numpy is not None:
            settings, evaluated = self.namespace.settings, self.namespace.evaluated
            if "out" in settings:
                self.own_export = numpy_export(numpy, evaluated("x", settings["out"], numpy), self.computed)
                paths.append(self.own_export)
            if "together" in settings:
                self.together = evaluated("xs", settings["together"], numpy)
            paths += numpy_exports(numpy)
        return [*paths, elements_export]

    # The choice

    def choose(self, name: str) -> None:
        """Chooses for a dtype the first paths that carry every trial array, or else those that carry most."""
        for payload, edges in DEMANDS:
            chosen = self.lossless_paths(name, list(whole_arrays(name, payload, edges)))
            if chosen is not None:
                break
        else:
            chosen = self.best_paths(name, list(single_elements(name)))
        if chosen is None:
            return
        self.makers[name] = chosen.make
        self.readers[name] = (chosen.read, *(other for other in self.exports if other is not chosen.read))
        for array in chosen.made:
            if type(array) not in self.array_types:
                self.array_types += (type(array),)
                self.sample = array if self.sample is None else self.sample

    def lossless_paths(self, name: str, arrays: list[TrialArray]) -> Paths | None:
        """The first paths that carry all arrays bit for bit. Where there are none, `rejections` says why."""
        for make in self.imports:
            try:
                made = [make(name, shape, data) for shape, data in arrays]
            except Exception as error:
                self.rejections[name] = summary(error, 200)
                continue
            if self.namespace.name_of(made[0].dtype) != name:
                self.rejections[name] = f"it gives dtype {shown(made[0].dtype, 60)} instead"
                continue
            for read in self.exports:
                try:
                    exact = all(read(array, name) == given for array, given in zip(made, arrays))
                except Exception as error:
                    self.rejections[name] = summary(error, 200)
                    continue
                if exact:
                    return Paths(make, read, made)
                self.rejections[name] = "what is read back differs"
        return None

    def best_paths(self, name: str, arrays: list[TrialArray]) -> Paths | None:
        """The first of the paths that carry most arrays, among them the first array.

        The harness finds out what is lost.
        """
        most, best = 0, None
        for make in self.imports:
            made = [attempt(make, name, shape, data) for shape, data in arrays]
            if not self.is_of(made[0], name):
                continue
            for read in self.exports:
                carried = [
                    array is not None and attempt(read, array, name) == given for array, given in zip(made, arrays)
                ]
                if carried[0] and sum(carried) > most:
                    most, best = sum(carried), Paths(make, read, [array for array in made if array is not None])
        return best

    def is_of(self, array: Array | None, name: str) -> bool:
        """Whether there is an array, of the dtype of that name."""
        return array is not None and attempt(lambda: self.namespace.name_of(array.dtype)) == name

    def find_array_type(self) -> None:
        """Where no import path carries anything: the type of what the library itself makes."""
        library = self.namespace.module
        makers: list[Callable[[], Any]] = [
            lambda: library.asarray([1.0]),
            lambda: library.zeros(1),
            lambda: library.ones((1,)),
        ]
        for make in makers:
            try:
                self.sample = make()
                self.array_types = (type(self.sample),)
                return
            except Exception:
                continue

    # Arrays in and out

    def compute(self, values: Sequence[object]) -> None:
        """Computes all arrays among the values together, where the library can: what they share is then computed once.

        `forget_computed` has to follow when they are read.
        """
        if self.together is None or len(values) < 2:
            return
        arrays: list[Any] = [value for value in values if isinstance(value, self.array_types)]
        if len(arrays) > 1:
            try:
                self.computed.update(zip(map(id, arrays), self.together(arrays)))
            except Exception:  # One of them raised: when they are read one by one, it raises again, alone.
                self.computed.clear()

    def forget_computed(self) -> None:
        """Forgets what `compute` kept and nobody read."""
        if self.computed:
            self.computed.clear()

    def read_numpy(self, array: HostArray) -> WireArray:
        """`read` of NumPy's arrays."""
        name = self.namespace.dtype_names[array.dtype]
        if name is None:
            raise NotStandard(f"array of dtype {array.dtype}, shape {array.shape}")
        return name, array.shape, array.tobytes()

    def make_any(self, shape: Shape, name: str, buffer: bytearray, offset: int) -> Array:
        """`make` of any library."""
        try:
            make = self.makers[name]
        except KeyError:
            if name not in self.namespace.dtypes:
                raise Missing(name) from None
            raise Transport(f"cannot create an array of dtype {name}: {self.rejections.get(name)}") from None
        size = math.prod(shape) * LAYOUTS[name].size
        return make(name, shape, bytes(buffer[offset : offset + size]))

    def read_any(self, array: Array) -> WireArray:
        """`read` of any library: the export paths are tried one after the other."""
        name = self.namespace.name_of(array.dtype)
        if name is None:
            raise NotStandard(f"array of dtype {shown(array.dtype, 80)}, shape {shown(array.shape, 80)}")
        failures: list[Exception] = []
        for read in self.readers[name]:
            if failures and read is elements_export and 0 in array.shape:
                break  # It would find nothing to read, and so no fault.
            try:
                shape, data = read(array, name)
                return name, shape, data
            except (NotStandard, Unfit):
                raise
            except Exception as error:
                failures.append(error)
                if read is self.own_export and isinstance(array, self.array_types):
                    break  # What a lazy library raises while it computes is the outcome.
        # The first export path has carried other arrays of this dtype: what the library raises is about this array.
        first = failures[0]
        if name in self.makers and not isinstance(first, Transport):
            raise first
        raise Transport(f"cannot hand an array of dtype {name} back: {summary(first, 500)}") from first


def arrays_of(name: str) -> str:
    """The question by which the paths of a dtype are chosen."""
    return f"arrays of {name}"


def usable_numpy() -> ModuleType | None:
    """NumPy, where it is installed and has what the worker needs of it."""
    numpy = optional_import("numpy")
    needed = ("ndarray", "asarray", "dtype")
    return numpy if numpy is not None and all(hasattr(numpy, name) for name in needed) else None
