"""A file that is not Python."""

from __future__ import annotations

from explorer.language import Model


def model() -> Model:
    m = Model(
    return m


PHASE = "import"
EXIT_CODE = 3
MESSAGE = """\
syntax_error.py:9: syntax error: '(' was never closed
    m = Model(
             ^
"""
