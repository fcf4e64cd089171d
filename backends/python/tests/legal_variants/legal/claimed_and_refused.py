"""No variant that is legal: the inspection says that masks work, and they are refused."""

from legal import inform, stand_for, xp

xp.set_array_api_strict_flags(boolean_indexing=False)
inform(capabilities=lambda self: {**self._old.capabilities(), "boolean indexing": True})
stand_for(__name__)
