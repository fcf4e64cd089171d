"""How long LinearDiscriminantAnalysis takes, beside the calls of its trace."""

import unittest
from typing import Any
from unittest import mock

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from array_assay_consumers import lda
from array_assay_consumers.truth import namespace_of


class Replays(unittest.TestCase):
    def setUp(self) -> None:
        patched = mock.patch.object(lda, "FEATURES", 5)
        patched.start()
        self.addCleanup(patched.stop)

    def test_the_calls_of_a_small_trace_give_what_the_estimator_gives_for_more_samples(self) -> None:
        programs = lda.programs_of(200, "float64")
        self.assertEqual(list(programs), ["fit", *lda.METHODS])
        arrays = lda.data(200, 5)
        took, predicted = lda.replayed(programs, namespace_of(np, {"X": arrays[0]}), arrays, lambda x: x)
        expected = LinearDiscriminantAnalysis().fit(*arrays).predict(arrays[0])
        self.assertTrue((np.asarray(predicted) == expected).all() and len(set(expected)) == 3)
        self.assertTrue(all(spent.seconds > 0 and spent.computing >= 0 for spent in took.values()))
        text = "\n".join(programs["fit"][0])
        self.assertIn("/ 200.0", text)
        self.assertIn("linalg.svd", text)
        self.assertNotIn("linalg.svd", "\n".join(programs["predict"][0]), "a method does not fit again")

    def test_a_program_that_depends_on_the_number_of_samples_is_refused(self) -> None:
        def other(n: int, dtype: str) -> dict[str, Any]:
            return {"programs": {"fit": [[f"r0 = zeros(({n},))"], "r0"]}}

        with mock.patch.object(lda, "traced_programs", other):
            self.assertRaisesRegex(ValueError, "depends on the number", lda.programs_of, 200, "float64")

    def test_a_library_that_predicts_another_class_is_not_timed(self) -> None:
        wrong = mock.Mock(return_value=({step: lda.Took(1.0, 1.0) for step in ("fit", *lda.METHODS)}, np.zeros(40)))
        with mock.patch.object(lda, "replayed", wrong):
            self.assertRaisesRegex(ValueError, "numpy, replay", lambda: list(lda.timed(["numpy"], 40, 1, "float64")))
