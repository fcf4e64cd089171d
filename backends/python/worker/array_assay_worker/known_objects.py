"""Objects of the library that the standard names: its dtypes and its devices."""

from __future__ import annotations

import re
from typing import Any

from .attempts import equal
from .namespace import Namespace, NamespaceInfo
from .own_builtins import use_own_builtins
from .questions import ask
from .text import MAX_NAME, bounded, without_addresses
from .transfer import Transfer
from .trial_arrays import whole_arrays

use_own_builtins(globals())

# The representation of a device object that contains its name: array_api_strict.Device('device1').
QUOTED_DEVICE = re.compile(r"[\w.]+\('(.+)'\)")


class KnownObjects:
    """Distinguishes dtype objects and devices from other objects, and knows their names."""

    def __init__(self, namespace: Namespace, transfer: Transfer) -> None:
        self.dtypes = namespace.dtypes
        # The devices by name. The default device comes first.
        self.devices = find_devices(namespace.info, transfer.sample)
        # The types that only dtype objects have, if such types exist. Then the types of the devices.
        self.dtype_types = shared_types(dtype_kinds(namespace, transfer))
        self.device_types = tuple(
            kind for kind in {type(device) for device in self.devices.values()} if not issubclass(kind, (str, int))
        )

    def is_dtype(self, value: object) -> bool:
        """Whether an object is a dtype of the library. It need not be a dtype of the standard."""
        if isinstance(value, self.dtype_types):
            return True
        return isinstance(value, type) and any(dtype is value for dtype in self.dtypes.values())

    def dtype_names(self, value: object) -> list[str]:
        """The names of all dtypes that are equal to an object."""
        return [name for name, dtype in self.dtypes.items() if equal(dtype, value)]

    def device_names(self, value: object) -> list[str]:
        """The names of all devices that are equal to an object."""
        return [name for name, device in self.devices.items() if equal(device, value)]


def find_devices(info: NamespaceInfo | None, sample: Any) -> dict[str, object]:
    """The devices by name, the default first. They are the devices that the library names, and that of the array
    `sample`."""
    found: list[object] = []
    if info is not None:
        found.append(ask("default_device", info.default_device))
        found += ask("devices", lambda: list(info.devices())) or ()
    found.append(ask("the device of an array", lambda: sample.device))
    devices: dict[str, object] = {}
    for device in found:
        if device is not None:
            name = ask("the name of a device", lambda device=device: bounded(without_addresses(str(device)), MAX_NAME))  # type: ignore[misc]
            if name is None:
                continue
            quoted = QUOTED_DEVICE.fullmatch(name)
            devices.setdefault(quoted[1] if quoted else name, device)
    return devices


def dtype_kinds(namespace: Namespace, transfer: Transfer) -> list[type]:
    """The types of dtype objects, in the namespace and in arrays."""
    kinds: list[type] = [type(dtype) for dtype in namespace.dtypes.values()]
    for name in transfer.makers:
        try:
            shape, data = next(whole_arrays(name, False, False))
            kinds.append(type(transfer.make(shape, transfer.makes[name], bytearray(data), 0).dtype))
        except Exception:
            continue
    return [kind for kind in kinds if not issubclass(kind, (type, str))]


def shared_types(kinds: list[type]) -> tuple[type, ...]:
    """The nearest common base class of the types, in a tuple. The tuple is empty if that class is `object`."""
    shared = [base for base in kinds[0].__mro__ if all(issubclass(kind, base) for kind in kinds)] if kinds else []
    return tuple(kind for kind in shared[:1] if kind is not object)
