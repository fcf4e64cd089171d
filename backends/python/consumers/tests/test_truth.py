"""Workloads in processes of their own."""

import os
import time
import unittest
from typing import Any

import numpy as np

from array_assay_consumers.truth import attempt, differs, failure, in_process, versions
from array_assay_consumers.workload import Workload


def workload(run: Any, **options: Any) -> Workload:
    """A workload of ten numbers."""
    return Workload("me", "test", "", lambda n: {"x": np.arange(float(n))}, run, **options)


class Truth(unittest.TestCase):
    def test_a_process_that_ends_or_hangs_is_an_answer(self) -> None:
        self.assertEqual(in_process(lambda: {"verdict": "works"}, 10), {"verdict": "works"})
        self.assertEqual(in_process(lambda: os._exit(3), 10)["verdict"], "crash")  # type: ignore[arg-type, return-value]
        self.assertEqual(in_process(lambda: time.sleep(60), 0.2)["verdict"], "timeout")  # type: ignore[func-returns-value, arg-type, return-value]

    def test_an_exception_has_the_lines_of_packages_on_its_way(self) -> None:
        calls: list[int] = []

        def later(a: Any) -> dict[str, Any]:
            calls.append(1)
            return {"y": np.linalg.inv(a.x) if len(calls) > 1 else a.x}

        answer = attempt(workload(later), "float64-10", np, None)
        self.assertEqual(answer["verdict"], "fails")
        self.assertTrue(answer["lines"][-1].startswith("numpy/linalg/"), answer)

    def test_a_message_is_the_same_in_each_process(self) -> None:
        error = ValueError(f"several: {{<module 'b.c' from '/some/where/b.py'>, a}} in {os.__name__}")
        self.assertEqual(failure(error)["why"], "ValueError: several: {a, b.c} in os")

    def test_results_are_compared_with_those_of_numpy(self) -> None:
        calls: list[int] = []

        def unsteady(a: Any) -> dict[str, Any]:
            calls.append(1)
            return {"y": a.x + len(calls)}

        self.assertEqual(attempt(workload(lambda a: {"y": a.x + 1}), "float64-10", np, None)["verdict"], "works")
        self.assertEqual(attempt(workload(unsteady), "float64-10", np, None)["verdict"], "differs")

    def test_the_versions_are_those_of_the_packages_that_are_used(self) -> None:
        found = versions("array_api_strict")
        self.assertEqual(sorted(found), ["array-api-strict", "numpy", "scikit-learn", "scipy"])
        self.assertEqual(found["numpy"], np.__version__)

    def test_the_sign_of_a_column_may_be_free(self) -> None:
        free = workload(lambda a: {}, free_signs=("t",))
        want = np.asarray([[1.0, 2.0], [3.0, 4.0]])
        self.assertFalse(differs(want * [1, -1], want, "t", free, "float64"))
        self.assertTrue(differs(want * [1, -1], want, "u", free, "float64"))
        self.assertTrue(differs(want[0], want, "t", free, "float64"))
