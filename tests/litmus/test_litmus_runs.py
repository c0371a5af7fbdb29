"""The end states of litmus tests by their runs, executed by CPython: the same as those of a search, or none are given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path

import pytest

from explorer.language import Array, Model, Part, Range, array, choose, optional, step, var
from explorer.litmus import runs
from explorer.litmus.explore import explore
from explorer.litmus.observe import Row
from explorer.litmus.parse import parse_file
from explorer.litmus.runs import Runs, TooMany, rows_of_runs
from explorer.models.linux.kernels import kernel
from explorer.models.linux.litmus import litmus_model
from explorer.witness.run import Run

FOLDER = Path(__file__).parent
EVERY = sorted(f.stem for f in FOLDER.glob("*.litmus"))
QUICK = ("pin+fork-race", "cow+content-race", "dma+store-race", "sva+read-only", "pin+stranger", "cow+zero-page")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in EVERY]
)
def test_runs_and_search_agree(name: str) -> None:
    """On every kernel that a test names, and where there are too many runs nothing is said."""
    program = parse_file(FOLDER / f"{name}.litmus")
    assert set(QUICK) <= set(EVERY)
    for expectation in program.expectations:
        on = kernel(expectation.kernel)
        rows, stopped = rows_of_runs(program, litmus_model(program, on))
        assert stopped == "" and (rows is not None or name not in QUICK)
        if rows is not None:
            searched = explore(program, litmus_model(program, on), engine="evaluator").observation
            assert searched.complete and searched.rows == tuple(sorted(rows)), expectation.kernel


# ---------------------------------------------------------------- on a model of two columns


class Value(Enum):
    A = "a"
    B = "b"
    C = "c"


class Register(Enum):
    R0 = "P0:r0"
    R1 = "P1:r1"


class Registers(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "registers")
        self.held: Array[Register, Value | None] = array(Register, optional(Value), lambda name: None)
        self.x = var(Range(0, 2), 0)


def two_columns(*, wrong: bool = False, nothing: bool = False, for_ever: bool = False) -> Model:
    """P0 writes x and chooses b or c; P1 reads x and chooses: of 1 a or b, of 2 c."""
    m = Model()
    registers = Registers(m)

    @m.thread("P0")
    async def first() -> None:
        await step("write")
        registers.x = 1
        await step("choose")
        value = choose(v for v in Value if not nothing and v is not Value.A)
        registers.held[Register.R0] = value
        while for_ever:
            await step("again")
        await step("write again")
        registers.x += 2 if wrong else 1

    @m.thread("P1")
    async def second() -> None:
        await step("read", when=lambda: registers.x > 0)
        value = choose(v for v in Value if (v is Value.C) == (registers.x == 2))
        registers.held[Register.R1] = value

    return m


ASKED = parse_file(FOLDER / "pin+stranger.litmus")


def runs_are_followed() -> None:
    """P1 reads 1 before the second write, and chooses, or 2 after it. No run is executed twice: with each value of P0's, P1
    reads 1 in one of two places and chooses one of two, or reads 2: ten runs of four steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "others", lambda program: ())
        followed = Runs(ASKED, two_columns())
        with suppress(TooMany):
            followed.follow_all()
        assert followed.rows == {Row((a, b), ()) for a in "bc" for b in "abc"}
        assert followed.steps == 10 * 4


def what_is_no_end_is_left() -> None:
    """Where a run leaves a range, has nothing to choose from, or does not end, nothing is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "others", lambda program: ())
        for wrong in ({"wrong": True}, {"nothing": True}, {"for_ever": True}):
            assert rows_of_runs(ASKED, two_columns(**wrong)) == (None, ""), wrong


def test_every_order_and_every_choice() -> None:
    runs_are_followed()


def test_nothing_is_said() -> None:
    what_is_no_end_is_left()


def interrupts_are_told() -> None:
    """What was seen by then is shown, and that it is not all."""
    program = parse_file(FOLDER / "pin+fork+torn.litmus")
    whole = explore(program, litmus_model(program, kernel("v4.19"))).observation

    def take(self: Runs, run: Run, turn: runs.Turn, taking: Callable[..., None] = Runs.take) -> None:
        if len(self.rows) == 2:
            raise KeyboardInterrupt
        taking(self, run, turn)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runs, "take", take)
        found = explore(program, litmus_model(program, kernel("v4.19")))
    assert found.stopped == "interrupt" and not found.observation.complete
    assert len(found.observation.rows) == 2 and set(found.observation.rows) < set(whole.rows)


def test_interrupted() -> None:
    interrupts_are_told()


def test_what_asks_for_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine, a bound or a witness: nothing is executed by CPython."""
    monkeypatch.setattr(Runs, "follow_all", lambda self: pytest.fail("executed"))
    program = parse_file(FOLDER / "pin+stranger.litmus")
    for asked in ({"engine": "evaluator"}, {"max_states": 1000}, {"witness": True}):
        assert explore(program, litmus_model(program, kernel("v4.19")), **asked).observation.complete
