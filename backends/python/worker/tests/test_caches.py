"""Caches of bounded size."""

from __future__ import annotations

import unittest

from array_assay_worker.caches import Cache, keep


class Caches(unittest.TestCase):
    """`Cache` and `keep`."""

    def test_a_value_is_made_once(self) -> None:
        made: list[int] = []
        cache: Cache[int, int] = Cache(lambda key: made.append(key) or key * 2)  # type: ignore[func-returns-value]
        self.assertEqual([cache[3], cache[3], cache[4]], [6, 6, 8])
        self.assertEqual(made, [3, 4])

    def test_a_key_for_which_nothing_can_be_made_is_asked_for_again(self) -> None:
        answers = iter([ZeroDivisionError, None])

        def make(key: str) -> str:
            error = next(answers)
            if error is not None:
                raise error
            return key

        cache = Cache(make)
        with self.assertRaises(ZeroDivisionError):
            cache["a"]
        self.assertEqual(cache["a"], "a")

    def test_a_full_cache_is_emptied_before_it_takes_more(self) -> None:
        cache: Cache[int, int] = Cache(lambda key: key, limit=2)
        self.assertEqual([cache[key] for key in (1, 2, 3)], [1, 2, 3])
        self.assertEqual(dict(cache), {3: 3})

    def test_keep_replaces_a_value(self) -> None:
        kept = {"a": 1}
        self.assertEqual(keep(kept, "a", 2), 2)
        self.assertEqual(kept, {"a": 2})
