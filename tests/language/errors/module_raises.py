"""A model file that raises when it is imported."""

from __future__ import annotations

from explorer.language import Model


LIMITS = {"small": 2}
LIMIT = LIMITS["large"]


def model() -> Model:
    return Model()


PHASE = "import"
EXIT_CODE = 3
MESSAGE = """\
module_raises.py:9: importing module_raises.py failed: KeyError: 'large'
    LIMIT = LIMITS["large"]
            ^^^^^^^^^^^^^^^
"""
