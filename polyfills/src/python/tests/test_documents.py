"""The examples in the docstrings, and the parts that each docstring has."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import warnings

import pytest

import array_assay_polyfills as ap

MODULES = [importlib.import_module(f"{ap.__name__}.{found.name}") for found in pkgutil.iter_modules(ap.__path__)]
PUBLIC = [name for name in ap.__all__ if callable(getattr(ap, name))]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rsplit(".")[-1])
def test_examples(module):
    pytest.importorskip("numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_parts(name):
    text = inspect.getdoc(getattr(ap, name))
    for part in ("Parameters", "Notes", "Examples") if name == "at" else ("Parameters", "Returns", "Examples"):
        assert f"\n{part}\n{'-' * len(part)}\n" in text, part
    summary = text.split("\n\n")[0]
    assert summary.endswith(".") and summary[0].isupper()
    parameters = inspect.signature(getattr(ap, name)).parameters
    missing = [p for p in parameters if f"{p} :" not in text and f"{p}, " not in text and f", {p}" not in text]
    assert not missing
