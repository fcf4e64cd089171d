"""The wire form of exceptions."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

import numpy as np

from array_assay_worker.raised import describe

from .arrays import float64
from .conversation import X, call, worker


def raised_by(function: Callable[[], object]) -> BaseException:
    """What a function raises."""
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("it raised nothing")


class Describe(unittest.TestCase):
    """`describe`."""

    def test_an_exception_is_known_by_its_type_and_those_it_derives_from(self) -> None:
        described = describe(raised_by(lambda: np.linalg.inv(np.zeros(1))))
        self.assertEqual(described["type"], "numpy.linalg.LinAlgError")
        self.assertEqual(described["bases"], ["ValueError", "Exception", "BaseException"])
        self.assertIn("dimension", str(described["message"]))

    def test_a_message_is_valid_and_bounded_and_names_no_address(self) -> None:
        self.assertEqual(describe(ValueError("\udc80 <x at 0x7f0123456789>"))["message"], "\\udc80 <x>")
        message = str(describe(ValueError("x" * 5000))["message"])
        self.assertEqual((len(message), message[-5:]), (2000, "x ..."))

    def test_an_exception_that_cannot_be_printed_is_described(self) -> None:
        class Unprintable(Exception):
            def __str__(self) -> str:
                raise KeyError

        described = describe(Unprintable())
        self.assertEqual(described["message"], "<the message could not be formatted>")

    def test_causes_and_contexts_are_in_the_traceback(self) -> None:
        def with_cause() -> None:
            try:
                int("x")
            except ValueError as error:
                raise TypeError from error

        def with_context() -> None:
            try:
                int("x")
            except ValueError:
                raise TypeError

        self.assertIn("ValueError. It led to\n", str(describe(raised_by(with_cause))["traceback"]))
        self.assertIn("ValueError. While it was handled\n", str(describe(raised_by(with_context))["traceback"]))

    def test_a_deep_traceback_shows_its_end(self) -> None:
        def deep(depth: int) -> None:
            if depth:
                deep(depth - 1)
            raise ValueError

        traceback = str(describe(raised_by(lambda: deep(60)))["traceback"])
        self.assertIn("frames left out", traceback)
        self.assertLessEqual(len(traceback), 8000)
        self.assertTrue(traceback.endswith("raise ValueError\n"), traceback)


class Tracebacks(unittest.TestCase):
    """Tracebacks of programs."""

    def traceback(self, function: str, block: bool) -> str:
        """The traceback of a call, single or in a block."""
        plan = {"inputs": 1, "steps": [call(function, X)], "returns": [1]}
        program: Any = (plan, [float64(1.0, shape=(1, 1))], 1) if block else (plan, [float64(1.0)])
        (outcome,) = worker("noisy").outcomes(program)
        text: str = outcome["raised"]["exception"]["traceback"]
        return text

    def test_frames_of_the_worker_are_left_out(self) -> None:
        for block in (False, True):
            with self.subTest(block=block):
                traceback = self.traceback("leave", block)
                self.assertRegex(traceback, r'\A  File ".*noisy.py", line \d+, in leave\n    raise SystemExit\(7\)\n\Z')

    def test_what_no_function_of_the_library_raised_has_no_traceback(self) -> None:
        for block in (False, True):
            self.assertEqual(self.traceback("builtins.chr", block), "")
