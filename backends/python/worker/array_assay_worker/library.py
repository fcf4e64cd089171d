"""The library under test as the parts of the worker see it."""

from __future__ import annotations

from types import ModuleType

from .arguments import Decoder
from .functions import Functions
from .known_objects import KnownObjects
from .messages import Settings
from .namespace import Namespace
from .own_builtins import use_own_builtins
from .transfer import Transfer
from .values import Encoder

use_own_builtins(globals())


class Library:
    """The worker's knowledge of the library and access to it, built once at the start."""

    def __init__(self, module: ModuleType, path: str, name: str, settings: Settings) -> None:
        """`path` is the path by which the module was imported. `name` is the harness's name for the library."""
        self.namespace = Namespace(module, path, name, settings)
        self.transfer = Transfer(self.namespace)
        self.known = KnownObjects(self.namespace, self.transfer)
        self.functions = Functions(self.namespace, self.known, self.transfer.sample)
        self.encoder = Encoder(self.transfer, self.known)
        self.decoder = Decoder(self.known)
