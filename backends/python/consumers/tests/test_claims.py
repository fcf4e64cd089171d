"""What consumers say of libraries."""

import contextlib
import io
import unittest
from typing import Any
from unittest import mock

import numpy as np

from array_assay_consumers.claims import capabilities, estimators_of, found, keys_of_table, of_scipy, of_sklearn, run, together
from array_assay_consumers.workload import Workload
from array_assay_consumers.workloads import known


def entry(**options: Any) -> dict[str, Any]:
    """An entry of SciPy's table."""
    plain = {"skip_backends": (), "xfail_backends": (), "cpu_only": False, "np_only": False, "out_of_scope": False, "exceptions": (),
             "reason": None, "allow_dask_compute": False, "jax_jit": True, "warnings": ()}  # fmt: skip
    return {**plain, **options}


def workload(run: Any, **options: Any) -> Workload:
    """A workload of forty numbers."""
    return Workload("scikit-learn", "test", "", lambda n: {"X": np.arange(2.0 * n).reshape(n, 2), "y": np.arange(n) % 2}, run, **options)


class Claims(unittest.TestCase):
    def test_an_entry_of_the_table_says_where_a_function_is_supported(self) -> None:
        everywhere = capabilities(entry())
        self.assertEqual(everywhere["supports"], ["array_api_strict", "dask.array", "jax.numpy", "numpy", "torch"])
        self.assertEqual((everywhere["denies"], everywhere["jit"], everywhere["lazy"]), ({}, True, True))
        some = capabilities(entry(skip_backends=[("dask.array", "slow")], cpu_only=True, exceptions=["cupy"], jax_jit=False))
        self.assertEqual((some["denies"], some["gpu"], some["jit"], some["lazy"]), ({"dask.array": "slow"}, ["cupy"], False, False))
        none = capabilities(entry(np_only=True, reason="Cython", exceptions=["torch"]))
        self.assertEqual(none["supports"], ["numpy", "torch"])
        self.assertEqual(none["denies"], {"array_api_strict": "Cython", "dask.array": "Cython", "jax.numpy": "Cython"})
        self.assertEqual(capabilities(entry(out_of_scope=True))["denies"]["torch"], "out of scope")

    def test_several_functions_are_supported_where_each_is(self) -> None:
        both = together([capabilities(entry(skip_backends=[("torch", "a")])), capabilities(entry(skip_backends=[("torch", "b"), ("dask.array", "")]))])
        self.assertEqual(both["denies"], {"torch": "a; b", "dask.array": ""})
        self.assertEqual(both["supports"], ["array_api_strict", "jax.numpy", "numpy"])

    def test_a_function_that_the_table_lacks_is_neither_claimed_nor_denied(self) -> None:
        self.assertIsNone(of_scipy(["scipy.stats.ttest_ind", "scipy.optimize.minimize"]))
        self.assertIsNone(of_scipy([]))
        claim = of_scipy(["scipy.spatial.transform.Rotation.apply"])
        self.assertEqual(claim and claim["by"], "table")
        self.assertRaises(AttributeError, found, "scipy.stats.no_such_test")

    def test_the_keys_of_the_table_of_metrics_are_functions(self) -> None:
        text = "import x\narray_api_metric_checkers = {a: [f], partial(b, power=2): [f], b: [g]}\n"
        self.assertEqual(keys_of_table(text), ["a", "b"])
        self.assertRaises(ValueError, keys_of_table, "other = {a: 1}")

    def test_the_estimators_of_a_workload_are_those_whose_methods_it_calls(self) -> None:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import MinMaxScaler, StandardScaler

        piped = workload(lambda a: {"t": make_pipeline(StandardScaler(), MinMaxScaler()).fit(a.X).transform(a.X)})
        self.assertEqual([type(each).__name__ for each in estimators_of(piped)], ["Pipeline"])
        self.assertEqual(estimators_of(workload(lambda a: {"t": a.X})), [])

    def test_a_tag_depends_on_the_parameters_and_documentation_goes_before_it(self) -> None:
        from sklearn.decomposition import PCA

        def of(solver: str, *documented: str) -> Any:
            return of_sklearn(workload(lambda a: {"t": PCA(1, svd_solver=solver).fit_transform(a.X)}), frozenset(), frozenset(documented))

        self.assertIn("torch", of("full")["supports"])
        self.assertEqual(of("arpack")["denies"]["torch"], "the tag of PCA says no")
        self.assertNotIn("numpy", of("arpack")["denies"])
        told = of("arpack", "sklearn.decomposition.PCA")
        self.assertEqual((told["by"], told["tag"], told["denies"]), ("documentation", False, {}))

    def test_a_metric_is_supported_where_it_is_tested(self) -> None:
        metric = workload(lambda a: {"r": 1}, calls=("sklearn.metrics.f1_score",))
        claim = of_sklearn(metric, frozenset({"f1_score"}), frozenset())
        self.assertEqual(claim and (claim["by"], claim["of"]), ("tests", ["f1_score"]))
        self.assertIsNone(of_sklearn(metric, frozenset({"r2_score"}), frozenset()))

    def test_two_readings_are_the_same(self) -> None:
        def read() -> str:
            out = io.StringIO()
            with mock.patch("sys.stdin", io.StringIO('"sklearn.preprocessing.MaxAbsScaler"\n')), contextlib.redirect_stdout(out):
                run(known())
            return out.getvalue()

        first = read()
        self.assertGreater(len(first.splitlines()), 150)
        self.assertEqual(first, read())
