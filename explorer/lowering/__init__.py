"""Coroutine source -> System."""

from explorer.lowering.model import Routines, lower, lower_each, routines

__all__ = ["Routines", "lower", "lower_each", "routines"]
