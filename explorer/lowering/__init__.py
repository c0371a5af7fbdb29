"""From the source of coroutines to a System, by symbolic execution; nothing of the model is run.

It knows the language and the form of a system, and neither searches nor answers.
"""

from explorer.lowering.kept import note_as_imported
from explorer.lowering.model import Routines, lower, lower_each, routines

note_as_imported()

__all__ = ["Routines", "lower", "lower_each", "routines"]
