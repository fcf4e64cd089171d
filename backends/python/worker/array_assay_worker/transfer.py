"""Moves arrays into the library and out of it. For each dtype, it chooses at the start the paths that carry most."""

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

# What the paths have to carry, from the strictest demand on: NaN payloads; arrays of rank 0 and without elements.
DEMANDS = ((True, True), (False, True), (False, False))


class Paths(NamedTuple):
    """An import path, an export path that reads its arrays, and the arrays that the import path made."""

    make: ImportPath
    read: ExportPath
    made: list[Array]


class Transfer:
    """The chosen paths, and the types of the arrays that the import paths make.

    `make(shape, makes[dtype], buffer, offset)` creates an array from the bytes of `buffer` that begin at `offset`. It
    raises `Missing` if the library lacks the dtype, and `Transport` if no import path carries it. `read(array)` returns
    the dtype's name, the shape and the bytes in C order. It raises `NotStandard`, `Unfit`, `Transport`, and whatever
    the library raises.
    """

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        numpy = usable_numpy()
        self.own_export: ExportPath | None = None
        self.together: Callable[[list[Array]], list[HostArray]] | None = None
        # The arrays that were computed together. The keys are the `id`s of the library's arrays.
        self.computed: dict[int, HostArray] = {}
        self.imports = import_paths(namespace, numpy)
        self.exports = self.export_paths(numpy)

        # For each dtype: the chosen import path, the export paths in the order of the attempts, and why import paths
        # were rejected.
        self.makers: dict[str, ImportPath] = {}
        self.readers: dict[str, tuple[ExportPath, ...]] = {}
        self.rejections: dict[str, str] = {}
        # The types of the library's arrays, the commonest first. Then an array as an example.
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
        # NumPy's own type takes the arguments of `make` without a function in between. The array uses the bytes of a
        # batch in place, writable and aligned. It is made faster than an array that owns its memory.
        self.make: Callable[[Shape, Any, bytearray, int], Array]
        self.makes: dict[str, object]
        self.read: Callable[[Any], WireArray]
        if numpy is not None and self.is_numpy:
            self.make, self.makes, self.read = numpy.ndarray, numpy_dtypes(numpy), self.read_numpy
        else:
            self.make, self.makes, self.read = self.make_any, dict(zip(DTYPES, DTYPES)), self.read_any

    def export_paths(self, numpy: ModuleType | None) -> list[ExportPath]:
        """All export paths, the preferred first: those through NumPy, and then the one that reads element by
        element."""
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

    # The choice of paths

    def choose(self, name: str) -> None:
        """Chooses the first paths that carry every trial array of a dtype. If there are none, those that carry most."""
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
        """The first paths that carry all arrays bit for bit. If there are none, `rejections` says why."""
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
        """The first paths among those that carry most arrays. They have to carry the first array.

        The harness finds out which arrays are lost.
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
        """Whether there is an array, and its dtype has that name."""
        return array is not None and attempt(lambda: self.namespace.name_of(array.dtype)) == name

    def find_array_type(self) -> None:
        """Finds the type of an array that the library itself makes. It is needed if no import path carries anything."""
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
        """Computes all arrays among the values together, if the library can. Shared parts are computed only once.

        Call `forget_computed` after they have been read.
        """
        if self.together is None or len(values) < 2:
            return
        arrays: list[Any] = [value for value in values if isinstance(value, self.array_types)]
        if len(arrays) > 1:
            try:
                self.computed.update(zip(map(id, arrays), self.together(arrays)))
            except Exception:  # One of them raised. It raises again when it is read alone.
                self.computed.clear()

    def forget_computed(self) -> None:
        """Forgets the arrays that `compute` kept and nobody read."""
        if self.computed:
            self.computed.clear()

    def read_numpy(self, array: HostArray) -> WireArray:
        """`read` for NumPy's arrays."""
        name = self.namespace.dtype_names[array.dtype]
        if name is None:
            raise NotStandard(f"array of dtype {array.dtype}, shape {array.shape}")
        return name, array.shape, array.tobytes()

    def make_any(self, shape: Shape, name: str, buffer: bytearray, offset: int) -> Array:
        """`make` for any library."""
        try:
            make = self.makers[name]
        except KeyError:
            if name not in self.namespace.dtypes:
                raise Missing(name) from None
            raise Transport(f"cannot create an array of dtype {name}: {self.rejections.get(name)}") from None
        size = math.prod(shape) * LAYOUTS[name].size
        return make(name, shape, bytes(buffer[offset : offset + size]))

    def read_any(self, array: Array) -> WireArray:
        """`read` for any library. It tries the export paths one after another."""
        name = self.namespace.name_of(array.dtype)
        if name is None:
            raise NotStandard(f"array of dtype {shown(array.dtype, 80)}, shape {shown(array.shape, 80)}")
        failures: list[Exception] = []
        for read in self.readers[name]:
            if failures and read is elements_export and 0 in array.shape:
                break  # It would find no elements, and so no fault.
            try:
                shape, data = read(array, name)
                return name, shape, data
            except (NotStandard, Unfit):
                raise
            except Exception as error:
                failures.append(error)
                if read is self.own_export and isinstance(array, self.array_types):
                    break  # A lazy library raises while it computes, and that is the outcome.
        # The first export path has carried other arrays of this dtype, so this exception is about this array.
        first = failures[0]
        if name in self.makers and not isinstance(first, Transport):
            raise first
        raise Transport(f"cannot hand an array of dtype {name} back: {summary(first, 500)}") from first


def arrays_of(name: str) -> str:
    """The question that is asked while the paths of a dtype are chosen."""
    return f"arrays of {name}"


def usable_numpy() -> ModuleType | None:
    """NumPy, if it is installed and has everything that the worker needs."""
    numpy = optional_import("numpy")
    needed = ("ndarray", "asarray", "dtype")
    return numpy if numpy is not None and all(hasattr(numpy, name) for name in needed) else None
