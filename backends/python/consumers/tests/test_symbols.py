"""Numbers that remember where they come from."""

import unittest

from array_assay_consumers.symbols import Dim, number_text, plain, symbolic


class Symbols(unittest.TestCase):
    def test_sizes_keep_their_expression_through_arithmetic(self) -> None:
        n = symbolic(6, "x.shape[0]")
        self.assertEqual((n - 1, (n - 1).text), (5, "(x.shape[0] - 1)"))
        self.assertEqual((1 / (2 * n)).text, "(1 / (2 * x.shape[0]))")
        self.assertEqual((-n).text, "(-x.shape[0])")
        self.assertIsInstance(n // 4, Dim)

    def test_a_library_sees_plain_numbers(self) -> None:
        n = symbolic(6, "x.shape[0]")
        self.assertIs(type(plain(n)), int)
        self.assertEqual([type(each) for each in plain((n, [n], slice(n)))], [int, list, slice])  # type: ignore[attr-defined]
        self.assertIs(type(plain(slice(n)).stop), int)  # type: ignore[attr-defined]

    def test_numbers_are_written_in_the_notation_of_programs(self) -> None:
        texts = [number_text(each) for each in (0.1, -2.0, float("nan"), float("-inf"), 3, complex(1, float("inf")))]
        self.assertEqual(texts, ["0.1", "-2.0", "nan", "-inf", "3", "complex(1.0, inf)"])
