"""The inspection is a namespace of functions, and gives dictionaries of a class of its own."""

import types

from legal import stand_for, taken, xp


class Answers(dict):
    pass


old = xp.__array_namespace_info__()


def answered(name):
    def function(**kwargs):
        taken()
        result = getattr(old, name)(**kwargs)
        return Answers(result) if isinstance(result, dict) else result

    return function


SPACE = types.SimpleNamespace(**{n: answered(n) for n in ("capabilities", "default_device", "default_dtypes", "devices", "dtypes")})
xp.__array_namespace_info__ = lambda: SPACE
stand_for(__name__)
