"""The proof `fork_any_size` speaks about the models: whatever they do, its actions allow.

Every transition of a model either changes nothing that the proof knows, or is a step of one of its actions; a state at the
start is one at the start; a state violates the model's property exactly where it violates the proof's.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from explorer import load
from explorer.language import Model
from explorer.lowering import lower
from explorer.models.proofs.fork_any_size import FORK, FORK_WRITES, READS, At
from explorer.models.proofs.fork_states import PLACES, ForkStates
from explorer.questions.any_size import any_size
from explorer.symbolic.relational.simulation import Simulation, simulate
from explorer.symbolic.relational.system import RelationalSystem
from explorer.system.semantics import holds

BOTH, NO_SEQ, NO_COPY, NEITHER = (True, True), (True, False), (False, True), (False, False)
PLAIN = "+fork=plain"

# a model with parameters, (early_copy, write_protect_seq) -> states, transitions, those that change nothing here
LINKED: list[tuple[str, tuple[bool, bool], tuple[int, int, int]]] = [
    ("gup_fast_fork kernel=v5.11", BOTH, (273, 381, 212)),
    ("gup_fast_fork kernel=v5.10.y", BOTH, (273, 381, 212)),
    ("gup_fast_fork kernel=v5.11+reuse=mapcount", BOTH, (273, 381, 212)),
    ("gup_fast_fork kernel=v5.19", BOTH, (273, 381, 212)),
    ("gup_fast_fork kernel=v7.0", BOTH, (273, 381, 212)),
    ("gup_fast_fork kernel=v5.10", NO_SEQ, (422, 611, 398)),
    (f"gup_fast_fork kernel=v5.11{PLAIN}", NO_COPY, (271, 411, 239)),
    (f"gup_fast_fork kernel=v5.11{PLAIN}+write_protect_seq=off", NEITHER, (253, 381, 234)),
    ("rdma_fork kernel=v5.11", BOTH, (691, 1217, 1013)),
    ("rdma_fork kernel=v5.11 thread2=pins child=exits", BOTH, (1797, 4053, 1987)),
    ("rdma_fork kernel=v5.11 gup_fast=on thread2=pins", BOTH, (9203, 23151, 11078)),
    ("rdma_fork kernel=v6.18 gup_fast=on thread2=pins child=exits", BOTH, (2452, 5653, 2532)),
    ("rdma_fork kernel=v5.11+pin_false_positive=on gup_fast=on thread2=pins child=exits", BOTH, (2452, 5686, 2532)),
    ("rdma_fork kernel=v5.11 gup_fast=on thread2=pins madv_wipeonfork=on child=exits", BOTH, (1513, 3628, 1621)),
    ("rdma_fork kernel=v5.11 madv_wipeonfork=on", BOTH, (439, 833, 596)),
    ("rdma_fork kernel=v5.11 madv_dontfork=on madvise_when=after_pin", BOTH, (160, 269, 227)),
    ("rdma_fork kernel=v5.11 gup_fast=on thread2=pins child=exits pages=2 frames=4", BOTH, (10998, 24363, 11925)),
    ("rdma_fork kernel=v5.9 gup_fast=on thread2=pins child=exits", NO_SEQ, (2980, 6804, 3314)),
]


def model(text: str) -> Model:
    """``NAME parameter=value ...``"""
    name, *parameters = text.split()
    made: Model = load(name)(**dict(p.split("=", 1) for p in parameters))
    return made


def proof(switches: tuple[bool, bool]) -> RelationalSystem:
    return any_size("fork_any_size", early_copy=switches[0], write_protect_seq=switches[1])


@cache
def linked(text: str) -> tuple[Any, ForkStates, Simulation]:
    switches = next(s for t, s, _ in LINKED if t == text)
    system = lower(model(text))
    states = ForkStates(system, proof(switches))
    return system, states, simulate(system, states, states.finite)


EACH = pytest.mark.parametrize(("text", "switches", "counts"), LINKED, ids=[text for text, _, _ in LINKED])


@EACH
def test_every_transition_is_allowed(text: str, switches: tuple[bool, bool], counts: tuple[int, int, int]) -> None:
    _, _, found = linked(text)
    assert found.refused == [] and found.at_start == []
    assert (len(found.images), found.transitions, found.taken[()]) == counts
    assert found.taken.total() == found.transitions


@EACH
def test_lemmas_and_property(text: str, switches: tuple[bool, bool], counts: tuple[int, int, int]) -> None:
    """With both rules no state breaks a lemma. A state violates the model's property where it violates the proof's."""
    system, _, found = linked(text)
    (claim,) = (p for p in system.properties if p.name == "pinned_page_stays")
    check = holds(system, [claim])
    assert {s for s in found.images if not check(s, s)[0]} == found.violated.get("pinned_page_stays", set())
    lost = {"held_page_stays_writable", "shared_page_is_not_held", "pinned_page_is_private", "pinned_page_stays"}
    assert set(found.violated) == (set() if switches == BOTH else lost)


@EACH
def test_counts_are_relations(text: str, switches: tuple[bool, bool], counts: tuple[int, int, int]) -> None:
    """What the models count is how many stand in a relation of the proof; locks are held by who is at a place."""
    system, states, found = linked(text)
    cells = {cell.name: i for i, cell in enumerate(system.cells)}
    for codes in found.images:
        tables = states.tables(codes)
        for frame in range(states.finite.sizes["frame"]):
            mapped = sum(row[-1] == frame for row in tables["entry"])
            held = sum(row[-1] == frame for row in tables["held"])
            grabbed = sum(f == frame and tables["at"][t] is At.FAST_GRABBED for t, f in tables["grabbing"])
            used = sum(row[-1] == frame for row in [*tables["new"], *tables["copied_from"]])
            assert codes[cells[f"page.refcount[frame {frame}]"]] == mapped + held + grabbed + used
            assert codes[cells[f"page.pins[frame {frame}]"]] == held + grabbed
            assert codes[cells[f"page.mapcount[frame {frame}]"]] == mapped
        for process, label in enumerate(("parent", "child")):
            at = [place for place, mm in zip(tables["at"], tables["mm"], strict=True) if mm == process]
            assert codes[cells[f"{label}_mmap_lock.readers"]] == sum(place in READS for place in at)
            writers = sum(place in FORK for place in at)
            if "madv" in text:  # madvise() takes it too, which the proof does not know
                assert codes[cells[f"{label}_mmap_lock.writer"]] >= writers
            else:
                assert codes[cells[f"{label}_mmap_lock.writer"]] == writers
            odd = codes[cells[f"{label}_write_protect_seq.sequence"]] % 2
            assert odd == (switches[1] and any(place in FORK_WRITES for place in at))


def test_every_action_is_of_a_model() -> None:
    """No action of the proof is there for nothing: it alone allows some transition of some model."""
    found = [linked(text)[2].taken for text, switches, _ in LINKED if switches == BOTH]
    alone = {actions[0] for taken in found for actions in taken if len(actions) == 1}
    assert alone == {action.name for action in proof(BOTH).actions}


@pytest.mark.parametrize("place", [p for p in PLACES if p[0] != "copy_one_pte"], ids=str)
def test_every_place_matters(place: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A control point that is taken for another is noticed."""
    text = "rdma_fork kernel=v5.11 madv_wipeonfork=on" if place[0] == "do_anonymous_page" else LINKED[0][0]
    system, _, _ = linked(text)
    monkeypatch.setitem(PLACES, place, At.OUTSIDE)
    states = ForkStates(system, proof(BOTH))
    assert simulate(system, states, states.finite).refused


# ---------------------------------------------------------------- what the proof does not speak about is refused


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("kernel=v5.10", {"internal_get_user_pages_fast", "parent_mmap_lock", "read the pte again"}),
        (f"kernel=v5.11{PLAIN}", {"ptep_set_wrprotect"}),
        ("kernel=v5.11+has_pinned=off", {"internal_get_user_pages_fast", "parent_mmap_lock"}),
        ("kernel=v5.11 gup=get", {"internal_get_user_pages_fast", "parent_mmap_lock", "read the pte again"}),
        (
            "kernel=v5.11+gup_fast_refuses_odd=off",
            {"raw_read_seqcount", "copy high half", "ptep_set_wrprotect, set_pte_at"},
        ),
        ("kernel=v5.11+gup_fast_seq_recheck=off", {"read the pte again"}),
        ("kernel=v5.11+fork_wrprotect_first=on", {"copy_present_pte", "ptep_set_wrprotect, first", "parent_mmap_lock"}),
        ("kernel=v5.11+gup_fast_pte_recheck=off", {"try_grab_page"}),
    ],
)
def test_other_kernels_are_refused(text: str, labels: set[str]) -> None:
    """Each of these does something that the proof with both rules rules out: the comparison finds it, and at which step."""
    system = lower(model(f"gup_fast_fork {text}"))
    states = ForkStates(system, proof(BOTH))
    assert {label for _, label, _ in simulate(system, states, states.finite).refused} == labels
