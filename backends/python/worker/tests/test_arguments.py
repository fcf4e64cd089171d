"""Arguments from their wire form."""

from __future__ import annotations

import math
import unittest
from typing import Any

import numpy as np

from array_assay_worker.arguments import is_constant
from array_assay_worker.errors import Missing

from .conversation import integer, worker


def decode(argument: Any, *registers: object) -> Any:
    """The object of an argument on NumPy."""
    return worker().library.decoder.decode(argument, registers)


class Decode(unittest.TestCase):
    """`Decoder.decode`."""

    def test_scalars_keep_their_type(self) -> None:
        cases: list[tuple[Any, complex]] = [
            ({"bool": True}, True),
            ({"int": "18446744073709551615"}, (1 << 64) - 1),
            ({"float": "0x1.8p+1"}, 3.0),
            ({"complex": ("0x1p+0", "-inf")}, complex(1, -math.inf)),
        ]
        for scalar, expected in cases:
            found = decode({"scalar": scalar})
            self.assertEqual((type(found), found), (type(expected), expected))

    def test_signs_of_zeros_and_nans_arrive(self) -> None:
        for text, sign in (("-0x0.0p+0", -1.0), ("0x0.0p+0", 1.0), ("-nan", -1.0), ("nan", 1.0)):
            found = decode({"scalar": {"float": text}})
            self.assertEqual(math.copysign(1.0, found), sign, text)
            self.assertEqual(math.isnan(found), "nan" in text)

    def test_names_of_the_library_become_its_objects(self) -> None:
        self.assertIs(decode({"dtype": "float32"}), np.float32)
        self.assertEqual(decode({"device": "cpu"}), "cpu")
        self.assertEqual(decode({"device": "moon"}), "moon", "the library refuses it itself")
        with self.assertRaises(Missing) as caught:
            decode({"dtype": "float8"})
        self.assertEqual(caught.exception.name, "float8")

    def test_containers_hold_registers_and_constants(self) -> None:
        x = object()
        nested = {"tuple": ({"list": ({"register": 0}, "none")}, "ellipsis", {"slice": {"step": -1}}, {"str": "a"})}
        self.assertEqual(decode(nested, x), ([x, None], ..., slice(None, None, -1), "a"))

    def test_each_list_is_a_new_one(self) -> None:
        argument = {"list": (integer(1),)}
        self.assertIsNot(decode(argument), decode(argument))

    def test_another_kind_is_an_error(self) -> None:
        with self.assertRaises(ValueError):
            decode({"colour": 1})


class IsConstant(unittest.TestCase):
    """`is_constant`."""

    def test_registers_and_lists_are_made_anew(self) -> None:
        constants: list[Any] = ["none", integer(1), {"slice": {}}, {"tuple": (integer(1), {"tuple": ()})}]
        others: list[Any] = [{"register": 0}, {"list": ()}, {"tuple": (integer(1), {"list": ()})}]
        self.assertEqual([is_constant(argument) for argument in constants], [True] * 4)
        self.assertEqual([is_constant(argument) for argument in others], [False] * 3)
