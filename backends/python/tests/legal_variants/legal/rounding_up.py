"""Arithmetic rounds upwards: a rounding mode that IEEE 754 knows, where the text recommends the default one."""

import ctypes
import ctypes.util

from legal import ARITHMETIC, change_elementwise, stand_for, taken

LIBRARY = ctypes.CDLL(ctypes.util.find_library("m") or None)
MODE = {"x86_64": 0x800, "aarch64": {"zero": 0xC00000, "up": 0x400000, "down": 0x800000}["up"]}[__import__("platform").machine()]


def made(old):
    def new(*args, **kwargs):
        taken()
        LIBRARY.fesetround(MODE)
        try:
            return old(*args, **kwargs)
        finally:
            LIBRARY.fesetround(0)

    return new


change_elementwise([*ARITHMETIC, "sqrt", "reciprocal"], made)
stand_for(__name__)
