"""The wire form of values."""

from __future__ import annotations

import collections
import enum
import math
import time
import unittest
from typing import Any

import numpy as np

from .arrays import float64
from .conversation import worker

Pair = collections.namedtuple("Pair", ["first", "second"])


class Colour(enum.IntEnum):
    """A subclass of int."""

    RED = 3


def encode(value: Any) -> Any:
    """The wire form of a value on NumPy."""
    return worker().library.encoder.encode(value)


class Scalars(unittest.TestCase):
    """Python numbers, strings and None."""

    def test_numbers_keep_their_type_and_every_bit(self) -> None:
        cases: list[tuple[complex, Any]] = [
            (True, {"bool": True}),
            (1, {"int": "1"}),
            (Colour.RED, {"int": "3"}),
            ((1 << 64) - 1, {"int": "18446744073709551615"}),
            ((1 << 127) - 1, {"int": str((1 << 127) - 1)}),
            (-(1 << 127), {"int": str(-(1 << 127))}),
            (1.0, {"float": "0x1.0000000000000p+0"}),
            (0.0, {"float": "0x0.0p+0"}),
            (-0.0, {"float": "-0x0.0p+0"}),
            (5e-324, {"float": "0x0.0000000000001p-1022"}),
            (-math.inf, {"float": "-inf"}),
            (math.nan, {"float": "nan"}),
            (-math.nan, {"float": "-nan"}),
            (complex(-0.0, math.inf), {"complex": ["-0x0.0p+0", "inf"]}),
            (complex(-math.nan, 1.5), {"complex": ["-nan", "0x1.8000000000000p+0"]}),
        ]
        for value, expected in cases:
            with self.subTest(value=value):
                self.assertEqual(encode(value), {"scalar": expected})

    def test_integers_beyond_128_bits_are_opaque(self) -> None:
        for value in (1 << 127, -(1 << 127) - 1):
            self.assertEqual(encode(value), {"opaque": "an integer of 128 bits"})

    def test_none_and_strings(self) -> None:
        self.assertEqual(encode(None), "none")
        self.assertEqual(encode("no device"), {"str": "no device"})
        self.assertEqual(encode("\udc80"), {"str": "\\udc80"}, "it has to be valid UTF-8")
        self.assertEqual(encode("cpu"), {"device": ["cpu"]}, "NumPy's device is a string")


class Containers(unittest.TestCase):
    """Tuples, lists and dictionaries."""

    def test_kinds_of_containers_are_told_apart(self) -> None:
        one, none = {"scalar": {"int": "1"}}, "none"
        self.assertEqual(encode((1, None)), {"tuple": [one, none]})
        self.assertEqual(encode([1, (None,)]), {"list": [one, {"tuple": [none]}]})
        self.assertEqual(encode({"b": 1, "a": None}), {"dict": [["b", one], ["a", none]]})
        self.assertEqual(encode(Pair(1, None)), {"named_tuple": [("first", one), ("second", none)]})
        self.assertEqual(encode(()), {"tuple": []})

    def test_a_struct_sequence_has_names(self) -> None:
        encoded = encode(time.gmtime(0))
        self.assertEqual(encoded["named_tuple"][0], ("tm_year", {"scalar": {"int": "1970"}}))

    def test_a_dictionary_with_other_keys_than_strings_is_opaque(self) -> None:
        self.assertEqual(encode({"a": 1, 2: 3}), {"opaque": "{'a': 1, 2: 3}"})

    def test_what_contains_itself_ends_in_a_representation(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        encoded, depth = encode(endless), 0
        while "list" in encoded:
            (encoded,), depth = encoded["list"], depth + 1
        self.assertEqual((encoded, depth), ({"opaque": "[[...]]"}, 16))


class Objects(unittest.TestCase):
    """Objects of the library and any others."""

    def test_a_dtype_has_every_name_that_it_equals(self) -> None:
        self.assertEqual(encode(np.dtype("uint64")), {"dtype": ["uint64"]})
        self.assertEqual(encode(np.complex64), {"dtype": ["complex64"]})
        self.assertEqual(encode(np.dtype("float16")), {"dtype": []})

    def test_an_array_travels_in_c_order_whatever_its_layout(self) -> None:
        x = np.arange(6.0).reshape(2, 3)
        expected = float64(0.0, 3.0, 1.0, 4.0, 2.0, 5.0, shape=(3, 2))
        for array in (x.T, np.asfortranarray(x.T), x[:, ::-1].T[::-1], np.repeat(x.T, 2, axis=1)[:, ::2]):
            dtype, shape, data = encode(array)["array"]
            self.assertEqual([dtype, list(shape), data], expected)

    def test_a_subclass_of_the_array_type_is_an_array(self) -> None:
        class Special(np.ndarray[Any, Any]):
            pass

        self.assertEqual(encode(np.zeros(1).view(Special)), {"array": ("float64", (1,), bytes(8))})

    def test_scalar_objects_name_their_type(self) -> None:
        self.assertEqual(encode(np.int8(-1)), {"array_scalar": {"type": "numpy.int8", "array": ("int8", (), b"\xff")}})
        self.assertEqual(encode(np.float64(0))["array_scalar"]["type"], "numpy.float64 (a Python float)")
        self.assertEqual(encode(np.complex128(0))["array_scalar"]["type"], "numpy.complex128 (a Python complex)")

    def test_an_array_of_a_foreign_dtype_is_opaque(self) -> None:
        self.assertEqual(encode(np.zeros(2, "float16")), {"opaque": "array of dtype float16, shape (2,)"})

    def test_any_other_object_is_shown_without_its_address(self) -> None:
        self.assertEqual(encode(object()), {"opaque": "<object object>"})

    def test_an_object_that_cannot_be_shown_is_named(self) -> None:
        class Shy:
            def __repr__(self) -> str:
                raise ValueError

        self.assertRegex(encode(Shy())["opaque"], r"\A<.*Shy whose repr raised ValueError>\Z")

    def test_a_long_representation_is_cut(self) -> None:
        class Long:
            def __repr__(self) -> str:
                return "x" * 5000

        shown = encode(Long())["opaque"]
        self.assertEqual((len(shown), shown[-5:]), (2000, "x ..."))
