"""Every model of tests/regressions: the System and CPython agree, or lowering refuses it with the text it names."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from explorer.errors import LanguageError
from explorer.lowering import lower
from tests.support.agreement import compare

FOLDER = Path(__file__).parents[1] / "regressions"
NAMES = sorted(p.stem for p in FOLDER.glob("*.py") if not p.stem.startswith("_"))


@pytest.mark.parametrize("name", NAMES)
def test_regression(name: str) -> None:
    module = importlib.import_module(f"tests.regressions.{name}")
    refused = getattr(module, "REFUSED", None)
    if refused is None:
        assert compare(module.model()).states > 1
        return
    with pytest.raises(LanguageError) as caught:
        lower(module.model())
    assert refused in caught.value.message and caught.value.place is not None
