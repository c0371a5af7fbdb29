"""From the source of coroutines to a System, by symbolic execution; nothing of the model is run.

It knows the language and the form of a system, and neither searches nor answers.
"""

from explorer.lowering.model import Routines, lower, lower_each, routines

__all__ = ["Routines", "lower", "lower_each", "routines"]
