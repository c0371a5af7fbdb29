"""A language error while the model file is imported."""

from __future__ import annotations

from explorer.language import Model, Range


BITS = Range(3, 0)


def model() -> Model:
    return Model()


PHASE = "import"
EXIT_CODE = 3
MESSAGE = """\
module_uses_the_language_wrongly.py:8: Range(lo, hi) must be two integers with lo <= hi, not Range(3, 0)
    BITS = Range(3, 0)
           ^^^^^^^^^^^
"""
