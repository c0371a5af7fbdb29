"""Coroutine source -> System."""

from explorer.lowering.lower import lower

__all__ = ["lower"]
