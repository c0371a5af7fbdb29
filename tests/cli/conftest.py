"""A folder with a user's files, in which the tests of the command line work."""

from __future__ import annotations

from pathlib import Path

import pytest

MODEL = '''
from explorer import Model, Part, Range, step, var


class Counter(Part):
    def __init__(self, m: Model, top: int) -> None:
        super().__init__(m, "counter")
        self.top = top
        self.x = var(Range(0, 2), 0)


def grow(*, top: int = 2, stop: bool = True) -> Model:
    """A counter that grows."""
    m = Model()
    counter = Counter(m, top)

    @m.thread("t")
    async def t() -> None:
        while True:
            await step("grow")
            if stop and counter.x >= counter.top:
                return
            counter.x += 1

    m.reachable("full", lambda: counter.x == 2)
    return m
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "syntax.py").write_text("def f(:\n")
    (tmp_path / "raises.py").write_text("1 / 0\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
