"""Freedoms of the standard: what a library that takes one returns is another result, and still right."""

import unittest
from typing import Any, Callable

import array_api_strict as xp
import numpy as np

from array_assay_consumers.freedoms import FREEDOMS, install
from array_assay_consumers.truth import in_process


def said(freedom: str, work: Callable[[], Any]) -> Any:
    """What work returns in a process in which array-api-strict takes a freedom."""

    def taken() -> dict[str, Any]:
        install(freedom)
        return {"verdict": work()}

    return in_process(taken, 60)["verdict"]


class Freedoms(unittest.TestCase):
    def test_values_come_in_another_order_with_all_that_goes_with_them(self) -> None:
        x = xp.asarray([3, 1, 3, 2])
        self.assertEqual(said("unique_values/order", lambda: np.asarray(xp.unique_values(x)).tolist()), [3, 2, 1])

        def counted() -> Any:
            values, counts = xp.unique_counts(x)
            return dict(zip(np.asarray(values).tolist(), np.asarray(counts).tolist()))

        self.assertEqual(said("unique_counts/order", counted), {"3": 2, "2": 1, "1": 1})
        for freedom, function in (("unique_inverse/order", "unique_inverse"), ("unique_all/order", "unique_all")):

            def restored(function: str = function) -> Any:
                result = getattr(xp, function)(x)
                return [np.asarray(result.values).tolist(), np.asarray(xp.take(result.values, result.inverse_indices)).tolist()]

            self.assertEqual(said(freedom, restored), [[3, 2, 1], [3, 1, 3, 2]])

    def test_equal_elements_come_in_another_order_unless_the_sort_is_stable(self) -> None:
        x = xp.asarray([1.0, 0.0, 1.0])
        order = said("argsort/ties", lambda: [np.asarray(xp.argsort(x, stable=stable)).tolist() for stable in (False, True)])
        self.assertEqual(order, [[1, 2, 0], [1, 0, 2]])

    def test_factors_have_other_signs_and_the_same_product(self) -> None:
        a = np.array([[2.0, 1.0], [1.0, 3.0]])
        products: dict[str, Callable[[Any], Any]] = {
            "linalg.svd/signs": lambda x: (lambda r: (r.U * r.S) @ r.Vh)(xp.linalg.svd(x)),
            "linalg.eigh/signs": lambda x: (lambda r: (r.eigenvectors * r.eigenvalues) @ r.eigenvectors.T)(xp.linalg.eigh(x)),
            "linalg.eigh/order": lambda x: (lambda r: (r.eigenvectors * r.eigenvalues) @ r.eigenvectors.T)(xp.linalg.eigh(x)),
            "linalg.qr/signs": lambda x: (lambda r: r.Q @ r.R)(xp.linalg.qr(x)),
        }
        first: dict[str, Callable[[Any], Any]] = {
            "linalg.svd/signs": lambda x: xp.linalg.svd(x).U,
            "linalg.eigh/signs": lambda x: xp.linalg.eigh(x).eigenvectors,
            "linalg.eigh/order": lambda x: xp.linalg.eigh(x).eigenvalues,
            "linalg.qr/signs": lambda x: xp.linalg.qr(x).Q,
        }
        for freedom, product in products.items():
            usual = np.asarray(first[freedom](xp.asarray(a)))
            got = said(freedom, lambda: [np.asarray(f(xp.asarray(a))).tolist() for f in (product, first[freedom])])
            np.testing.assert_allclose(got[0], a, atol=1e-12, err_msg=freedom)
            self.assertFalse(np.allclose(got[1], usual), freedom)

    def test_an_empty_array_holds_no_zeros(self) -> None:
        def zeros() -> Any:
            kinds = (xp.float32, xp.complex128, xp.int8, xp.bool)
            made = [f for kind in kinds for f in (xp.empty((2,), dtype=kind), xp.empty_like(xp.zeros((2,), dtype=kind)))]
            return [bool((np.asarray(x) == 0).any()) for x in made]

        self.assertFalse(any(said("empty/elements", zeros)))

    def test_a_copy_takes_the_place_of_a_view(self) -> None:
        def seen() -> Any:
            found = []
            views: list[Callable[[Any], Any]] = [lambda x: x[:1, :], lambda x: x.T, lambda x: xp.reshape(x, (4,)), lambda x: xp.flip(x)]
            for view in views:
                x = xp.zeros((2, 2))
                y = view(x)
                y[...] = 1.0
                found.append(bool(xp.any(x != 0)))
            x = xp.zeros((2, 2))
            x[0, :] += 1.0
            return [found, bool(x[0, 1] == 1)]

        self.assertEqual(said("views/copies", seen), [[False] * 4, True])

    def test_each_freedom_is_taken_of_functions_that_exist(self) -> None:
        for freedom in FREEDOMS:
            self.assertEqual(said(freedom, lambda: "taken"), "taken", freedom)
