"""Blocks: the code that is made of plans, and outcomes that are joined."""

from __future__ import annotations

import unittest
from typing import Any

from array_assay_worker import blocks
from array_assay_worker.blocks import Call, Form, code_of

from .arrays import float64
from .conversation import X, Y, call, integer, worker

ONE = float64(5.0, float("inf"))
MATRIX = float64(1.0, -2.0, 3.0, 4.0, -0.0, 6.0, shape=(2, 3))
EQUAL_ROWS = float64(1.0, 1.0, 2.0, 3.0, shape=(2, 2))
NOTHING = float64(shape=(2, 0))


class Code(unittest.TestCase):
    """`code_of`."""

    def test_the_code_is_as_the_module_shows_it(self) -> None:
        calls = (Call("c0", ("r0", "r1", "c1"), ()), Call("c2", ("r2",), ()))
        code = code_of(Form(constants=3, inputs=2, calls=calls, returns=(3,)))
        # The documentation leaves out the commas before closing brackets, which Python allows.
        documented = [line.strip() for line in (blocks.__doc__ or "").splitlines()]
        for line in code.replace(", )", ")").replace(",  in", " in").split("\n"):
            self.assertIn(line.strip(), documented)

    def test_keywords_need_not_be_names_of_python(self) -> None:
        self.assertEqual(Call("c0", ("r0",), (("lambda", "c1"),)).code(), "c0(r0, **{'lambda': c1})")

    def test_only_simple_arguments_are_iterables(self) -> None:
        self.assertEqual(Call("c0", ("r1", "c1"), ()).iterables(), "a1, repeat(c1)")
        for call_ in (Call("c0", ("c1",), ()), Call("c0", ("[r0, ]",), ()), Call("c0", ("r0",), (("axis", "c1"),))):
            self.assertIsNone(call_.iterables())


class Outcomes(unittest.TestCase):
    """A block is answered as its programs are, one by one."""

    def together_and_apart(self, step: Any, arrays: list[Any], returns: list[int]) -> tuple[list[Any], list[Any]]:
        """The outcomes of a block of two programs, and those of its programs."""
        plan = {"inputs": len(arrays), "steps": [step], "returns": returns}
        runs = []
        for run in range(2):
            rows = []
            for dtype, (_, *shape), data in arrays:
                size = len(data) // 2
                rows.append([dtype, shape, data[run * size : (run + 1) * size]])
            runs.append((plan, rows))
        return worker().outcomes((plan, arrays, 2)), worker().outcomes(*runs)

    def split(self, joined: Any) -> list[Any]:
        """A joined outcome as two outcomes."""
        self.assertEqual(joined["joined"]["runs"], 2)
        apart: list[Any] = [{"values": []}, {"values": []}]
        for value in joined["joined"]["values"]:
            ((kind, content),) = value.items()
            dtype, (runs, *shape), data = content["array"] if kind == "array_scalar" else content
            self.assertEqual(runs, 2)
            size = len(data) // 2
            for run, outcome in enumerate(apart):
                array = [dtype, shape, data[run * size : (run + 1) * size]]
                outcome["values"].append({kind: {**content, "array": array} if kind == "array_scalar" else array})
        return apart

    def test_arrays_and_scalars_that_are_alike_are_joined(self) -> None:
        for step, arrays, returns in (
            (call("negative", X), [MATRIX], [1]),
            (call("add", X, Y), [MATRIX, ONE], [2, 0]),
            (call("negative", X), [ONE], [1]),
            (call("negative", X), [ONE], [0, 1]),
            (call("operator.iadd", X, Y), [MATRIX, ONE], [2, 0]),
            (call("negative", X), [NOTHING], [1]),
            (call("stack", {"list": [X, X]}), [MATRIX], [1]),
            (call("unique_values", X), [EQUAL_ROWS[:2] + [float64(1.0, 2.0, 3.0, 4.0)[2]]], [1]),
        ):
            with self.subTest(step=step, returns=returns):
                together, apart = self.together_and_apart(step, arrays, returns)
                self.assertEqual(len(together), 1)
                self.assertEqual(self.split(together[0]), apart)

    def test_what_differs_or_is_no_array_is_answered_one_by_one(self) -> None:
        for step, arrays, returns in (
            (call("builtins.float", X), [ONE], [1]),
            (call("nonzero", X), [MATRIX], [1]),
            (call("unique_values", X), [EQUAL_ROWS], [1]),
            (call("no_such_function", X), [ONE], [0]),
            (call("zeros", integer(1), dtype={"dtype": "float8"}), [ONE], [0]),
            (call("builtins.int", X), [ONE], [1]),
            (call("builtins.int", X), [ONE], [0, 1]),
        ):
            with self.subTest(step=step, returns=returns):
                together, apart = self.together_and_apart(step, arrays, returns)
                self.assertEqual(together, apart)
                self.assertEqual(len(apart), 2)

    def test_only_numpy_reads_blocks(self) -> None:
        for module, reads in (("numpy", True), ("pure", False)):
            (answer,) = worker(module).answers({"hello": {}})
            self.assertEqual(answer["identity"]["reads_blocks"], reads)
