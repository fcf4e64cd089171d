"""How arrays get in and out: bit for bit where the library can carry them, and as much as possible where it cannot."""

from __future__ import annotations

import struct
import unittest
from typing import Any

import numpy as np

from array_assay_worker.errors import NotStandard, Transport, Unfit
from array_assay_worker.export_paths import elements_export, numpy_export
from array_assay_worker.import_paths import nested, numbers_of

from .arrays import float64, hard_arrays
from .conversation import Worker, X, Y, call, worker


def returned(module: str, array: Any) -> Any:
    """The outcome of a program that returns its input."""
    return worker(module).run([], [array])


class Lossless(unittest.TestCase):
    """Libraries that carry every bit."""

    def test_numpy_carries_every_bit_of_every_dtype(self) -> None:
        for array in hard_arrays():
            with self.subTest(dtype=array[0], shape=array[1]):
                self.assertEqual(returned("numpy", array), {"values": [{"array": array}]})

    def test_a_batch_with_arrays_of_many_shapes_carries_them_again_and_again(self) -> None:
        programs = [({"inputs": 1, "steps": [], "returns": [0]}, [array]) for array in hard_arrays()] * 2
        expected = [{"values": [{"array": array}]} for _, (array,) in programs]
        self.assertEqual(worker().outcomes(*programs), expected)

    def test_several_inputs_of_a_library_without_numpy(self) -> None:
        value = worker("pure").value(call("add", X, Y), float64(1.0, 2.0), float64(10.0, 20.0))
        self.assertEqual(value, {"array": float64(11.0, 22.0)})

    def test_arrays_are_made_of_numbers_where_a_library_knows_nothing_of_numpy(self) -> None:
        pure = worker("pure")
        self.assertFalse(pure.library.transfer.is_numpy)
        carried = 0
        for dtype, shape, data in hard_arrays():
            # A Python float of float32 keeps no payload of a NaN.
            if dtype in pure.library.namespace.dtypes and dtype not in ("float32", "complex64"):
                carried += 1
                self.assertEqual(returned("pure", [dtype, shape, data]), {"values": [{"array": [dtype, shape, data]}]})
        self.assertEqual(carried, 30, "five dtypes in six shapes")

    def test_no_two_inputs_share_memory(self) -> None:
        add = call("operator.iadd", X, {"scalar": {"float": "0x1p+0"}})
        values = worker().values([add], [float64(1.0), float64(1.0)], [0, 1])
        self.assertEqual(values, [{"array": float64(2.0)}, {"array": float64(1.0)}])


class Lossy(unittest.TestCase):
    """Libraries that lose values on the way in or out."""

    def test_what_is_lost_is_lost_and_the_rest_arrives(self) -> None:
        given = float64(1.5, -0.0, struct.unpack("<d", struct.pack("<Q", 0xFFF8DEADBEEF0001))[0])
        got = float64(1.5, 0.0, float("nan"))
        self.assertEqual(returned("lossy", given), {"values": [{"array": got}]})

    def test_a_dtype_of_which_no_array_can_be_made_is_a_fault_of_no_step(self) -> None:
        outcome = returned("lossy", ["complex128", [1], bytes(16)])["raised"]
        self.assertEqual((outcome["step"], outcome["exception"]["type"]), (None, "Transport"))
        self.assertIn("cannot create an array of dtype complex128: TypeError: ", outcome["exception"]["message"])

    def test_a_dtype_that_the_library_lacks_is_missing(self) -> None:
        outcome = returned("lossy", ["int8", [1], b"\0"])
        self.assertEqual(outcome, {"missing": {"name": "int8", "step": None, "values": []}})

    def test_an_array_that_no_way_out_ever_carried_is_a_fault_of_no_step(self) -> None:
        outcome = worker("lossy").run([call("forge", X)], [float64(1.0)])["raised"]
        self.assertEqual((outcome["step"], outcome["exception"]["type"]), (None, "Transport"))

    def test_what_is_raised_while_a_result_is_computed_is_raised_by_its_step(self) -> None:
        steps = [call("negative", X), call("promise", X)]
        outcome = worker("lossy").run(steps, [float64(1.0)], [1, 2])["raised"]
        self.assertEqual((outcome["step"], outcome["exception"]["type"]), (1, "ArithmeticError"))
        self.assertEqual(outcome["values"], [{"array": float64(-1.0)}])


class Ways(unittest.TestCase):
    """Ways in and out by themselves."""

    def test_numbers_of_bytes(self) -> None:
        self.assertEqual(numbers_of("uint64", b"\xff" * 8), [(1 << 64) - 1])
        self.assertEqual(numbers_of("bool", b"\0\1"), [False, True])
        self.assertEqual(numbers_of("complex64", struct.pack("<4f", 1, 2, 3, 4)), [1 + 2j, 3 + 4j])

    def test_nested_lists_have_the_shape(self) -> None:
        flat: list[object] = list(range(6))
        self.assertEqual(nested(flat[:1], ()), 0)
        self.assertEqual(nested(flat, (6,)), flat)
        self.assertEqual(nested(flat, (3, 1, 2)), [[[0, 1]], [[2, 3]], [[4, 5]]])

    def test_an_element_beyond_its_dtype_is_named_by_its_place(self) -> None:
        for name, beyond in (("uint8", 256), ("uint8", -1), ("int64", 1 << 63), ("float32", 1e300), ("float32", 1j)):
            array: Any = np.array([[0, beyond]], dtype=object)
            with self.subTest(name=name, beyond=beyond), self.assertRaises(Unfit) as caught:
                elements_export(array, name)
            unfit = caught.exception
            self.assertEqual((unfit.dtype, unfit.shape, unfit.at, unfit.element), (name, (1, 2), 1, repr(beyond)))

    def test_a_negative_size_is_not_standard(self) -> None:
        class Promise:
            shape = (2, -1)

        array: Any = Promise()
        with self.assertRaisesRegex(NotStandard, r"shape \(2, -1\)"):
            elements_export(array, "int8")

    def test_an_array_that_says_another_shape_is_not_standard(self) -> None:
        class Liar:
            shape = (3,)

        liar: Any = Liar()
        with self.assertRaisesRegex(NotStandard, r"says shape \(3,\) and holds \(2,\)"):
            numpy_export(np, lambda array: np.zeros(2))(liar, "float64")

    def test_what_numpy_makes_of_an_array_has_to_be_of_its_dtype(self) -> None:
        array: Any = np.zeros(2)
        with self.assertRaisesRegex(Transport, "NumPy made int64 of an array of dtype float64"):
            numpy_export(np, lambda array: np.zeros(2, "int64"))(array, "float64")

    def test_an_array_that_was_computed_is_not_converted_again(self) -> None:
        array: Any = np.zeros(1)
        computed: dict[int, Any] = {id(array): np.ones(1)}
        read = numpy_export(np, np.asarray, computed)
        self.assertEqual(read(array, "float64"), ((1,), np.ones(1).tobytes()))
        self.assertEqual(read(array, "float64"), ((1,), bytes(8)), "it is taken once")


class SettingsOfWays(unittest.TestCase):
    """Expressions of libraries.yaml for arrays in and out."""

    def test_an_own_way_is_tried_first_and_the_others_after_it(self) -> None:
        used: list[str] = []
        np_used: Any = np
        np_used.worker_test_used = used
        self.addCleanup(delattr, np, "worker_test_used")
        tuned = Worker(
            "numpy",
            {
                "into": "(xp.worker_test_used.append('into'), xp.array(host, dtype=dtype))[1]",
                "out": "(xp.worker_test_used.append('out'), 1 / 0)[1]",
            },
        )
        self.assertEqual(set(used), {"into", "out"})
        name, shape, data = float64(1.5)
        array = tuned.library.transfer.makers[name](name, tuple(shape), data)
        self.assertEqual(
            tuned.library.transfer.readers[name][0](array, name), ((1,), data), "`out` raises, another carries"
        )

    def test_an_own_way_that_loses_something_gives_place_to_one_that_does_not(self) -> None:
        tuned = Worker("numpy", {"into": "xp.where(host != host, xp.asarray(xp.nan, dtype=dtype), host)"})
        for array in hard_arrays():
            with self.subTest(dtype=array[0], shape=array[1]):
                name, shape, data = array
                made = tuned.library.transfer.makers[name](name, tuple(shape), data)
                self.assertEqual(tuned.library.transfer.read(made), (name, tuple(shape), data))

    def test_lazy_arrays_of_a_program_are_computed_together(self) -> None:
        tuned = Worker("lazy", {"out": "xp.compute_alone(x)", "together": "xp.compute_all(xs)"})
        lazy: Any = tuned.library.namespace.module
        lazy.together.clear()
        lazy.alone.clear()
        values = tuned.values([call("negative", X)], [float64(1.0)], [0, 1])
        self.assertEqual(values, [{"array": float64(1.0)}, {"array": float64(-1.0)}])
        self.assertEqual((lazy.together, lazy.alone), ([2], []), "none is computed again")
        self.assertEqual(tuned.library.transfer.computed, {})
        tuned.values([call("negative", X)], [float64(1.0)])
        self.assertEqual((len(lazy.together), len(lazy.alone)), (1, 1), "a lone array is computed alone")

    def test_where_one_of_them_raises_it_raises_alone(self) -> None:
        tuned = Worker("lazy", {"out": "xp.compute_alone(x)", "together": "xp.compute_all(xs)"})
        steps = [call("negative", X), call("broken", X)]
        outcome = tuned.run(steps, [float64(1.0)], [1, 2])["raised"]
        self.assertEqual((outcome["step"], outcome["exception"]["type"]), (1, "ArithmeticError"))
        self.assertEqual(outcome["values"], [{"array": float64(-1.0)}])
