"""What a call gives, in a few words."""

import unittest

from array_assay_consumers.evaluate import outcome


class Evaluate(unittest.TestCase):
    def test_values_exceptions_and_warnings(self) -> None:
        expected = {
            "np.eye(2)": "float64 (2, 2) [1, 0, 0, 1]",
            "np.eye(3)": "float64 (3, 3)",
            "np.array([-0.0, 1e-17, 2 + 1j])": "complex128 (3,) [0, 0, 2+1j]",
            "np.eye(2).shape": "(2, 2)",
            "[np.float32(1), 3]": "list(a number of float32; 3)",
            "linalg.inv(np.zeros((2, 2)))": "raises LinAlgError",
            "np.float64(1) / np.float64(0)": "float64 inf, warns RuntimeWarning",
        }
        for call, gives in expected.items():
            self.assertEqual(outcome("numpy", call), gives)

    def test_linalg_is_that_of_the_module(self) -> None:
        for module in ("numpy", "scipy"):
            self.assertEqual(outcome(module, "linalg.__name__"), f"str {module}.linalg")
