"""Coroutine source -> System."""

from explorer.lowering.lower import lower, routines

__all__ = ["lower", "routines"]
