"""A run that goes on for ever, under CPython: its loop taken twice, and what fairness demands of it.

CPython's own coroutines decide what is possible at each place of the loop, and whether it leads back to where it began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from explorer.language.model import Action, Model
from explorer.language.properties import Property
from explorer.witness.run import Blocked, Fault, Move, Run, enumerate_moves

Where = tuple[tuple[Any, int], ...]


def complaint(
    model: Model,
    constants: dict[str, Any] | None,
    moves: Sequence[Move],
    loop: int,
    claim: Property,
    dropped: Callable[[str], bool] = lambda variable: False,
) -> str:
    """Why the moves, those from number `loop` on repeated for ever, are no fair run that violates the property; "" if they are.

    `dropped`: whether a variable is history that nobody asks for, which need not be the same each time.
    """
    try:
        return _complaint(model, constants, moves, loop, claim, dropped)
    except (Blocked, Fault) as e:
        return f"a step of the loop fails under CPython: {e}"


def _complaint(
    model: Model,
    constants: dict[str, Any] | None,
    moves: Sequence[Move],
    loop: int,
    claim: Property,
    dropped: Callable[[str], bool],
) -> str:
    run = Run(model, constants)
    waiting = False  # for what must come, and has not yet
    comes: list[bool] = []
    possible: dict[str, list[bool]] = {}
    demands: dict[str, str] = {}
    seen: list[tuple[dict[str, str], dict[str, Where]]] = []

    def look() -> None:
        nonlocal waiting
        seen.append(({k: v for k, v in run.variables().items() if not dropped(k)}, positions(run)))
        asks = run.holds_trigger(claim) and (claim.kind == "leads_to" or len(seen) == 1)
        comes.append(run.holds(claim))
        waiting = not comes[-1] and (waiting or asks)

    try:
        look()
        for number, move in enumerate([*moves, *moves[loop:]]):
            if loop <= number < len(moves):
                note_possible(run, possible)
            if not run.enabled(move.who):
                return f"{move} is not possible in step {number + 1}"
            run.take(move.who, named=list(move.choices))
            look()
        if loop == len(moves):
            note_possible(run, possible)
        demands = fairness(run)
    finally:
        run.close()
    period = len(moves) - loop
    for after in range(loop + period, len(seen)):
        if seen[after] != seen[after - period]:
            return "the loop does not lead back to where it began"
    if not waiting or any(comes[loop:]):
        return "what must come comes, or nothing asks for it"
    return unfair(model, constants, moves, loop, demands, possible)


def unfair(
    model: Model,
    constants: dict[str, Any] | None,
    moves: Sequence[Move],
    loop: int,
    demands: dict[str, str],
    possible: dict[str, list[bool]],
) -> str:
    """Who must move and does not. `possible`: by the condition alone, at each place of the loop."""
    moving = {m.who for m in moves[loop:]}
    for who, demand in demands.items():
        if who in moving:
            continue
        met = all if demand == "weak" else any
        places = possible[who]
        if met(places):
            # a step may have its condition, and nothing to choose from
            for at, maybe in enumerate(places):
                if maybe:
                    happened = enumerate_moves(model, list(moves[: loop + at]), constants).happened
                    places[at] = any(h.move.who == who for h in happened)
        if met(places):
            often = "always" if demand == "weak" else "again and again"
            return f"it is not fair: {who} can move {often}, and never does"
    return ""


def note_possible(run: Run, possible: dict[str, list[bool]]) -> None:
    for who in run.who():
        possible.setdefault(who, []).append(run.enabled(who))


def fairness(run: Run) -> dict[str, str]:
    """Of everybody of whom fairness demands a step: "weak" or "strong". Who moves in the loop meets any demand."""
    found = {}
    for who, target in run.who().items():
        if isinstance(target, Action):
            demand = "none" if target.voluntary else target.fairness
        else:
            parked = run.actors[who].parked
            demand = "none" if parked is None or parked.voluntary else target.fairness
            if demand != "none" and parked is not None and parked.fairness is not None:
                demand = parked.fairness
        if demand != "none":
            found[who] = demand
    return found


def positions(run: Run) -> dict[str, Where]:
    """Where each thread's coroutine stands: the instruction of each routine in progress."""
    found = {}
    for name, actor in run.actors.items():
        at: Any = actor.coroutine
        where = []
        while at is not None and getattr(at, "cr_frame", None) is not None:
            where.append((at.cr_frame.f_code, at.cr_frame.f_lasti))
            at = at.cr_await
        found[name] = tuple(where)
    return found
