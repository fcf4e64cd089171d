"""The answer to `hello`."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np

from array_assay_worker.dtypes import DTYPES

from .conversation import Worker, X, call, worker


def identity(of: Worker, *functions: str, reads: tuple[str, ...] = ()) -> Any:
    """The identity of a worker, asked for functions."""
    (answer,) = of.answers({"hello": {"protocol": 1, "functions": functions, "reads": reads}})
    return answer["identity"]


class Identity(unittest.TestCase):
    """Who the worker is and what its library has."""

    def test_numpy(self) -> None:
        found = identity(worker())
        self.assertEqual((found["protocol"], found["name"], found["version"]), (1, "numpy", np.__version__))
        self.assertRegex(found["language"], r"\APython 3\.\d+")
        self.assertEqual((found["devices"], found["extensions"]), (["cpu"], ["linalg", "fft"]))
        self.assertEqual(found["dtypes"], list(DTYPES))
        self.assertEqual(found["default_dtypes"]["real floating"], "float64")
        self.assertTrue(found["capabilities"]["boolean indexing"])
        self.assertTrue(found["revisions"])

    def test_functions_that_exist_with_their_signatures(self) -> None:
        asked = (
            "add",
            "linalg.svd",
            "no_such_function",
            "linalg.no",
            "pi",
            "method.to_device",
            "method.no",
            "attribute.mT",
        )
        found = identity(worker(), *asked)["functions"]
        self.assertEqual(set(found), {"add", "linalg.svd", "pi", "method.to_device", "attribute.mT"})
        self.assertIn(
            {"name": "full_matrices", "kind": "positional_or_keyword", "default": "True"},
            found["linalg.svd"]["signature"],
        )
        self.assertIn({"name": "a", "kind": "positional_or_keyword", "default": None}, found["linalg.svd"]["signature"])
        self.assertEqual((found["pi"]["signature"], found["attribute.mT"]["signature"]), (None, None))

    def test_dtypes_that_cannot_be_hashed_have_names(self) -> None:
        found = identity(worker("pure"))
        self.assertEqual(found["dtypes"], ["int8", "int64", "uint64", "float32", "float64", "complex64", "complex128"])
        self.assertEqual((found["version"], found["revisions"], found["extensions"]), ("unknown", [], []))

    def test_settings(self) -> None:
        tuned = Worker(
            "numpy",
            {"modules": {"linalg": "math"}, "lacks": ["uint16"], "shapes": [[2, 3]], "layouts": {"reversed": "flip"},
             "representations": {"doubled": "x + x"}},
        )
        found = identity(tuned, "linalg.isqrt", "linalg.svd", "add")
        self.assertEqual((found["shapes"], found["layouts"]), ([[2, 3]], {"reversed": "flip"}))
        self.assertEqual(found["representations"], {"doubled": "x + x"})
        self.assertFalse(found["capabilities"]["uint16"])
        self.assertEqual(set(found["functions"]), {"add", "linalg.isqrt"}, "the module stands for the extension")
        self.assertEqual(found["also"], {"numpy": np.__version__, "math": "unknown"})

    def test_unfit_arrays_are_sent_to_a_harness_that_reads_them(self) -> None:
        uint8 = ["uint8", [2], b"\xff\x00"]
        expected = {"dtype": "uint8", "shape": [2], "at": 0, "element": "-256"}
        lossy = Worker("lossy")
        identity(lossy, reads=("unfit",))
        self.assertEqual(lossy.value(call("bitwise_invert", X), uint8), {"unfit": expected})
        identity(lossy)
        opaque = lossy.value(call("bitwise_invert", X), uint8)["opaque"]
        self.assertEqual(opaque, "an array of dtype uint8 with the element -256")
