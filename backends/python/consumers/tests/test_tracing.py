"""Traces of small consumers: what is recorded of them, text for text."""

import unittest
from typing import Any

import numpy as np

from array_assay_consumers import helpers, patches
from array_assay_consumers.profiles import array_text, path_of, profile, program
from array_assay_consumers.recorder import Trace
from array_assay_consumers.tracing import traced
from array_assay_consumers.workload import Workload

import scipy._lib.array_api_extra as xpx  # isort: skip  # One of the copies that are patched.


def setUpModule() -> None:
    patches.install()
    helpers.install()


def trace_of(run: Any, face: str = "eager", **data: Any) -> Trace:
    """The trace of a consumer that is a function."""
    arrays = {name: np.asarray(value) for name, value in data.items()}
    return traced(Workload("me", "test", "", lambda n: arrays, run), arrays, face)


def lines(trace: Trace) -> list[str]:
    """The statements of a trace."""
    return [line.text for line in trace.lines]


class Tracing(unittest.TestCase):
    def test_calls_operators_and_sizes(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            n = a.x.shape[0]
            y = a.xp.reshape(a.x, (n // 2, 2)) + 1.5
            y[0, :] = a.xp.sum(y, axis=0) / n
            y *= 2
            return {"y": 1 - y[..., ::-1]}

        trace = trace_of(run, x=[1.0, 2.0, 3.0, 4.0])
        expected = [
            "r0 = reshape(x, ((x.shape[0] // 2), 2))", "r1 = r0 + 1.5", "r2 = sum(r1, axis=0)", "r3 = r2 / x.shape[0]",
            "r1[0, :] = r3", "r1 *= 2", "r4 = r1[..., ::-1]", "r5 = 1 - r4",
        ]  # fmt: skip
        self.assertEqual(lines(trace), expected)
        self.assertEqual(trace.returns, {"y": "r5"})

    def test_each_line_says_where_the_consumer_makes_the_call(self) -> None:
        trace = trace_of(lambda a: {"y": a.xp.exp(a.x)}, x=[1.0])
        self.assertRegex(trace.lines[0].at, r"^test_tracing\.py:\d+$")

    def test_a_helper_that_has_a_second_way_is_one_step(self) -> None:
        from sklearn.utils._array_api import get_namespace_and_device, move_to

        def run(a: Any) -> dict[str, Any]:
            xp, _, device = get_namespace_and_device(a.x)
            return {"moved": move_to(np.asarray([1, 2]), xp=xp, device=device), "own": a.xp.from_dlpack(np.asarray([3.0]))}

        # Where a library lacks `from_dlpack`, scikit-learn goes on with `asarray`.
        self.assertEqual(lines(trace_of(run, x=[1.0])), ["r0 = asarray(h0, device=device)", "r1 = from_dlpack(h1)"])

    def test_conversions_hold_what_they_gave_and_floats_are_found_again(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            big = a.x > float(a.xp.max(a.x)) - 0.25 if bool(a.xp.any(a.x > 0)) else a.x
            limit = float(a.xp.mean(a.x))
            return {"big": big, "above": a.x > limit}

        trace = trace_of(run, x=[0.125, 0.75, 0.5])
        self.assertIn("r2 = bool(r1)  # True", lines(trace))
        self.assertEqual(lines(trace)[-2:], ["r7 = float(r6)  # 0.4583333333333333", "r8 = x > r7"])
        self.assertEqual(trace.leaves, {"bool": 1, "float": 2})

    def test_iteration_is_one_step(self) -> None:
        trace = trace_of(lambda a: {"y": sum(a.x) if 3.0 in a.x else a.x}, x=[1.0, 2.0])
        self.assertEqual(lines(trace)[0], "r0, r1 = list(x)")

    def test_what_comes_back_from_numpy_is_an_input(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            return {"y": a.x + a.xp.asarray(np.sort(np.asarray(a.x))), "z": np.asarray([1.0])}

        trace = trace_of(run, x=[2.0, 1.0])
        self.assertEqual(lines(trace), ["host(x)", "r0 = asarray(h0)", "r1 = x + r0"])
        self.assertEqual([(each.name, each.host) for each in trace.inputs], [("x", False), ("h0", True)])
        self.assertEqual(trace.returns, {"y": "r1", "z": "host"})

    def test_a_call_that_the_standard_forbids_is_noted_and_the_trace_goes_on(self) -> None:
        trace = trace_of(lambda a: {"y": a.xp.diff(a.x, 2) + 1.0}, x=[1.0, 4.0, 9.0])
        self.assertEqual(lines(trace), ["r0 = diff(x, 2)", "r1 = r0 + 1.0"])
        self.assertRegex(trace.beyond[0], "^diff at test_tracing.py.*TypeError")
        self.assertEqual(trace.cut, "")

    def test_a_consumer_that_fails_by_itself_leaves_a_cut_trace(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            a.xp.exp(a.x)
            raise ValueError("not today")

        trace = trace_of(run, x=[1.0])
        self.assertEqual((lines(trace), trace.cut), (["r0 = exp(x)"], "ValueError: not today"))

    def test_an_exception_that_the_consumer_catches_is_no_statement(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            try:
                y = a.xp.fft.fft(a.x)
            except TypeError:
                y = a.xp.fft.fft(a.xp.astype(a.x, a.xp.complex128))
            return {"y": y}

        self.assertEqual(lines(trace_of(run, x=[1, 2]))[-1], "r1 = fft.fft(r0)")

    def test_helpers_are_single_steps_that_depend_on_the_kind_of_library(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            y = xpx.at(a.x, 0).add(2.0)
            return {"y": xpx.apply_where(y > 1, y, a.xp.sqrt, fill_value=0.0)}

        eager, deferred = trace_of(run, x=[1.0, 2.0]), trace_of(run, "deferred", x=[1.0, 2.0])
        self.assertEqual(lines(eager)[0], "x = at_add(x, 0, 2.0)")
        self.assertTrue(any(line.startswith("r") and "at_set(" in line for line in lines(eager)), lines(eager))
        self.assertTrue(lines(deferred)[-1].startswith("r4 = where("), lines(deferred))

    def test_two_traces_are_the_same_text(self) -> None:
        workload = Workload("me", "twice", "", lambda n: {"x": np.arange(float(n))}, lambda a: {"y": a.xp.exp(a.x) * 0.1})
        texts = {profile(workload, {"me": "1"}) for _ in range(2)}
        self.assertEqual(len(texts), 1)
        self.assertEqual(texts.pop().count("- name:"), 1, "the other cases take the same path")

    def test_another_path_is_told_from_another_length(self) -> None:
        def run(a: Any) -> dict[str, Any]:
            for _ in range(a.x.shape[0]):
                y = a.xp.exp(a.x)
            return {"y": y if a.x.shape[0] < 4 else a.xp.abs(y)}

        short, longer, other = (path_of(trace_of(run, x=np.ones(n))) for n in (2, 3, 5))
        self.assertEqual(short, longer)
        self.assertNotEqual(short, other)


class Texts(unittest.TestCase):
    def test_arrays_are_written_so_that_they_are_read_again(self) -> None:
        data = np.asarray([0.1, np.nan, -np.inf], dtype=np.float32)
        self.assertEqual(array_text(data, exact=True), "{dtype: float32, shape: [3], values: [0.1, .nan, -.inf]}")
        self.assertEqual(array_text(np.asarray(1 / 3), exact=False), "{dtype: float64, shape: [], values: [0.333333333]}")
        self.assertEqual(array_text(np.asarray([1 + 2j]), exact=True), "{dtype: complex128, shape: [1], values: [[1.0, 2.0]]}")

    def test_the_file_is_named_where_it_changes(self) -> None:
        trace = trace_of(lambda a: {"y": a.xp.exp(a.x)}, x=[1.0])
        trace.lines *= 2
        trace.lines[1] = type(trace.lines[1])(trace.lines[1].text, "test_tracing.py:1", "xpx.at")
        self.assertIn("      # :1 via xpx.at", program(trace))


if __name__ == "__main__":
    unittest.main()
