"""Process state that a library changes is put back, so that neither other functions nor the worker see the change."""

from __future__ import annotations

import builtins
import importlib
import os
import pkgutil
import signal
import sys
import types
import unittest
import warnings
from collections.abc import Iterator
from unittest import mock

import array_assay_worker
from array_assay_worker.own_builtins import OWN_BUILTINS
from array_assay_worker.surroundings import Surroundings

from .arrays import float64
from .conversation import X, call, worker

# Modules with types for mypy, and the one that every module uses before it has built-in functions of its own.
WITHOUT_CALLS = {"array_assay_worker.arrays", "array_assay_worker.messages", "array_assay_worker.own_builtins"}


def functions_of(module: types.ModuleType) -> Iterator[types.FunctionType]:
    """The functions and methods that a module defines, without those that `typing` makes."""
    for value in vars(module).values():
        for function in vars(value).values() if isinstance(value, type) else (value,):
            if isinstance(function, types.FunctionType) and function.__code__.co_filename == module.__file__:
                yield function


class OwnBuiltins(unittest.TestCase):
    """Built-in functions of the worker's own."""

    def test_every_function_of_the_worker_uses_them(self) -> None:
        checked = 0
        for module in pkgutil.iter_modules(array_assay_worker.__path__, "array_assay_worker."):
            if module.name in WITHOUT_CALLS:
                continue
            for function in functions_of(importlib.import_module(module.name)):
                own = getattr(function, "__builtins__", None) is OWN_BUILTINS
                self.assertTrue(own, f"{module.name}: {function.__qualname__}")
                checked += 1
        self.assertGreater(checked, 100)

    def test_a_library_that_replaces_one_breaks_only_itself(self) -> None:
        def broken(*args: object) -> None:
            raise AssertionError("the worker uses the library's function")

        library = worker().library
        replaced = {
            name: getattr(builtins, name) for name in ("len", "isinstance", "zip", "enumerate", "map", "getattr")
        }
        try:
            vars(builtins).update(dict.fromkeys(replaced, broken))
            encoded = library.encoder.encode([1, (2.0,)])
            found = library.functions.resolve("add")
        finally:
            vars(builtins).update(replaced)
        self.assertEqual(encoded, {"list": [{"scalar": {"int": "1"}}, {"tuple": [{"scalar": {"float": (2.0).hex()}}]}]})
        self.assertTrue(callable(found))


class Restore(unittest.TestCase):
    """`Surroundings.restore`."""

    def test_everything_is_put_back(self) -> None:
        warnings.simplefilter("ignore")  # As the worker does at its start.
        surroundings = Surroundings()
        folder, limit, handler = os.getcwd(), sys.getrecursionlimit(), signal.getsignal(signal.SIGTERM)
        replaced, removed = builtins.len, builtins.sorted
        filters = list(warnings.filters)
        try:
            os.chdir("/")
            sys.setrecursionlimit(limit + 500)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            warnings.filters[:] = [("error", None, Warning, None, 0)]  # type: ignore[index]
            builtins.len = max  # type: ignore[assignment]
            del builtins.sorted
        finally:
            surroundings.restore()
        self.assertEqual((os.getcwd(), sys.getrecursionlimit()), (folder, limit))
        self.assertEqual(signal.getsignal(signal.SIGTERM), handler)
        self.assertIs(builtins.len, replaced)
        self.assertIs(builtins.sorted, removed)
        self.assertEqual(list(warnings.filters), filters)

    def test_it_happens_before_each_batch(self) -> None:
        with mock.patch.object(Surroundings, "restore") as restore:
            worker().value(call("negative", X), float64(1.0))
        restore.assert_called_once_with()
