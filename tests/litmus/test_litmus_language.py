"""The language of litmus tests: what a good test means, and what is said of a bad one, word for word."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UsageError
from explorer.litmus.conditions import holds
from explorer.litmus.observe import Row, observation_line, observe, text
from explorer.litmus.parse import parse, parse_file
from explorer.litmus.program import Atom, Both, Condition, Either, LitmusError, Not, Program, atoms

GOLDEN = Path(__file__).parent / "litmus_errors.txt"
TEST = r"""mm pin+fork+store+dma
"A page pinned for DMA, a fork, a store by the parent,
then the device writes."

{ x = a }

 P0                   | P1          | DEV           ;
 pin x write longterm |             |               ;
 fork P1              |             |               ;
 store x b            |             |               ;
                      |             | dma_write x d ;
                      | r1 = load x |               ;
 r0 = load x          |             |               ;

ordered
exists (P0:r0 = b /\ P1:r1 = d)

expect v4.19 Always
expect v5.10 Never
"""
# what is written instead of what, by the name under which litmus_errors.txt has the answer
MISTAKES = {
    "empty": (TEST, ""),
    "another language": ("mm pin", "LISA pin"),
    "no name": ("mm pin+fork+store+dma", "mm"),
    "name of two words": ("pin+fork", "pin fork"),
    "text without end": ('writes."', "writes."),
    "comment without end": ("{ x = a }", "{ x = a } (* not closed"),
    "no initial block": ("{ x = a }", ""),
    "initial block without end": ("{ x = a }", "{ x = a;"),
    "entries on two lines": ("{ x = a }", "{ x = a\n  y = b }"),
    "entry without value": ("{ x = a }", "{ x = }"),
    "entry without sign": ("{ x = a }", "{ x a }"),
    "entry of no name": ("{ x = a }", "{ = a }"),
    "unknown filling": ("{ x = a }", "{ x = a swaped }"),
    "location twice": ("{ x = a }", "{ x = a; x = b }"),
    "location named as a register": ("{ x = a }", "{ r1 = a }"),
    "location named as an actor": ("{ x = a }", "{ P0 = a }"),
    "location named as a file": ("{ x = a }", "{ F: xfs; F = a }"),
    "location of no letters": ("{ x = a }", "{ 7 = a }"),
    "value that is an error": ("{ x = a }", "{ x = EFAULT }"),
    "value that is a register": ("{ x = a }", "{ x = r0 }"),
    "value that is a number": ("{ x = a }", "{ x = 42 }"),
    "page of nothing": ("{ x = a }", "{ x = a; y = b same-page z }"),
    "file without sharing": ("{ x = a }", "{ x = a file F }"),
    "file without name": ("{ x = a }", "{ x = a file }"),
    "misspelt sharing": ("{ x = a }", "{ x = a file F sharde }"),
    "kind of a device": ("{ x = a }", "{ x = a; DEV: opd }"),
    "kind of a device that is not there": ("{ x = a }", "{ x = a; DEV2: odp }"),
    "kind of a file": ("{ x = a }", "{ x = a; F: ext3 }"),
    "kind of a process": ("{ x = a }", "{ P0: odp }"),
    "kind twice": ("{ x = a }", "{ x = a; F: xfs; F: ext4 }"),
    "no such actor": ("| DEV ", "| HCA "),
    "actor in lower case": (" P0  ", " p0  "),
    "two columns of one actor": ("| P1 ", "| P0 "),
    "process and its thread": ("| P1 ", "| P0.b "),
    "header without bars": (" P0  ", " P0 P2  "),
    "too few cells": ("|             |               ;\n store", "|               ;\n store"),
    "too many cells": ("|             |               ;\n store", "| | |             |               ;\n store"),
    "row without end": ("|               ;\n store", "|               \n store"),
    "unknown operation": ("store x b", "stroe x b"),
    "operation without value": ("store x b", "store x"),
    "operation with too much": ("store x b", "store x b c"),
    "operation of a device": ("store x b", "dma_write x b"),
    "operation of the kernel": ("store x b", "migrate x"),
    "operation of a process": ("dma_write x d", "store x d"),
    "result to no register": ("r0 = load x", "x = load x"),
    "result of nothing": ("r0 = load x", "r0 ="),
    "sign in a cell": ("store x b", "x := b"),
    "unknown location": ("store x b", "store y b"),
    "protection": ("store x b", "mprotect x w"),
    "advice": ("store x b", "madvise x dontfrok"),
    "flag": ("write longterm", "write longtrem"),
    "flag twice": ("write longterm", "write write"),
    "number of pages": ("store x b", "truncate F x"),
    "file of nobody": ("store x b", "fsync F"),
    "pin for a device that is not there": ("write longterm", "write for DEV2"),
    "pin for nothing": ("write longterm", "write for"),
    "fork without process": ("fork P1", "fork"),
    "fork of a number": ("fork P1", "fork 1"),
    "fork of nobody": ("fork P1", "fork P2"),
    "fork of itself": ("fork P1", "fork P0"),
    "fork twice": ("store x b", "fork P1"),
    "wait for no child": ("r1 = load x", "wait P0"),
    "release of nothing": ("store x b", "put x"),
    "merge of one page": ("| DEV ", "| K ", "dma_write x d", "ksm_merge x x"),
    "misspelt ordered": ("ordered", "orderd"),
    "misspelt exists": ("exists", "exist"),
    "nothing asked": ("exists (P0:r0 = b /\\ P1:r1 = d)", ""),
    "no such quantifier": ("exists", "~forall"),
    "equality of C": ("P0:r0 = b", "P0:r0 == b"),
    "inequality": ("P0:r0 = b", "P0:r0 != b"),
    "and of C": ("/\\", "&&"),
    "or of Python": ("/\\", "or"),
    "not of C": ("(P0", "(!P0"),
    "parenthesis not closed": ("P1:r1 = d)", "P1:r1 = d"),
    "parenthesis not opened": ("P1:r1 = d)", "P1:r1 = d))"),
    "condition without operator": ("/\\ P1", "P1"),
    "condition without end": ("P1:r1 = d)", ")"),
    "register that nobody sets": ("P1:r1 = d", "P1:r2 = d"),
    "register of nobody": ("P1:r1 = d", "P2:r1 = d"),
    "register of no process": ("P1:r1 = d", "r1 = d"),
    "register without value": ("P1:r1 = d", "P1:r1"),
    "location as a register": ("P1:r1 = d", "P1:x = d"),
    "value that nobody stores": ("P1:r1 = d", "P1:r1 = e"),
    "unknown predicate": ("P1:r1 = d", "~move(P0:x)"),
    "predicate without process": ("P1:r1 = d", "moved(x)"),
    "predicate of a thread": ("| P1 ", "| P1.a ", "P1:r1 = d", "segv(P1.a)"),
    "predicate of nobody": ("P1:r1 = d", "segv(P3)"),
    "predicate with one page": ("P1:r1 = d", "same-frame(P0:x)"),
    "predicate of an unknown page": ("P1:r1 = d", "moved(P0:y)"),
    "predicate without parenthesis": ("P1:r1 = d", "moved P0:x"),
    "predicate with a process": ("P1:r1 = d", "dirty(P0:x)"),
    "predicate of a file's page": ("P1:r1 = d", "dirty(x)"),
    "predicate of an unknown file": ("P1:r1 = d", "disk(F) = a"),
    "predicate without value": ("{ x = a }", "{ x = a file F shared }", "P1:r1 = d", "disk(F)"),
    "misspelt observation": ("Never", "Nevr"),
    "expect without kernel": ("v5.10 Never", "Never"),
    "expect twice": ("v5.10 Never", "v4.19 Never"),
    "misspelt expect": ("expect v5.10", "expct v5.10"),
}


def mistaken(name: str) -> str:
    text = TEST
    changes = MISTAKES[name]
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text, name
        text = text.replace(old, new, 1)
    return text


def complaint(name: str) -> str:
    with pytest.raises(LitmusError) as raised:
        parse(mistaken(name), "test.litmus")
    return str(raised.value)


def test_mistakes() -> None:
    """Each is said at its line and column, with what to write."""
    said = "".join(f"{name}\n{complaint(name)}\n\n" for name in MISTAKES)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(said, encoding="utf-8")
    assert said == GOLDEN.read_text(encoding="utf-8")


def test_a_good_test() -> None:
    program = parse(TEST)
    assert program.name == "pin+fork+store+dma"
    assert program.question == "A page pinned for DMA, a fork, a store by the parent, then the device writes."
    assert [(c.name, c.process, [(line.row, str(line.operation)) for line in c.lines]) for c in program.columns] == [
        ("P0", "P0", [(0, "pin x longterm write"), (1, "fork P1"), (2, "store x b"), (5, "r0 = load x")]),
        ("P1", "P1", [(4, "r1 = load x")]),
        ("DEV", "", [(3, "dma_write x d")]),
    ]
    assert program.ordered and program.quantifier == "exists" and str(program.condition) == r"P0:r0=b /\ P1:r1=d"
    assert [(e.kernel, e.observation) for e in program.expectations] == [("v4.19", "Always"), ("v5.10", "Never")]
    assert program.processes == ("P0", "P1") and program.forked == ("P1",) and program.devices == (("DEV", "region"),)
    assert program.registers == (("P1", "r1"), ("P0", "r0"))[::-1] and program.values == ("0", "a", "b", "d")


EVERYTHING = r"""
mm all
"One." "Two."   // the rest of a line is a comment, as is this: (* *)
{ x = a; y = b same-page x; z = none; w = c swapped; # and this
  u = d file F shared; v = 0 file G private; F: xfs; DEV1: odp; }
P0.a | P0.b | P7 | DEV | DEV1 | K ; (* cells need
                                       no lines *)
r0 = store x b | load y | load u | | r9 = dma_read x | writeback F ;
pin x write longterm fast for DEV1 | unpin x | fsync F | dma_write x c | | reclaim x ;
set_page_dirty x | mprotect x rw | msync u | | | ksm_merge x w ; get x | put x | read F | | | migrate x ;
vmsplice x | r1 = pipe_read | map t F private | | | ; o_direct_read x fuse | clear_refs | exit | | | ;
truncate F 0 | madvise x wipeonfork | | | | ; extend F 2 | drop_caches | | | | ; o_direct_write x | munmap x | | | | ;
forall (P0.a:r0 = EFAULT \/ ~(P0.b:r1 = - /\ blocked(DEV1)) \/ stale(P0:x) /\ disk(F) = d /\ orphan(u))
expect v5.10+reuse=mapcount Sometimes expect v6.8 Blocked
"""


def test_everything_there_is() -> None:
    program = parse(EVERYTHING)
    assert (
        program.name == "all"
        and program.question == "One. Two."
        and not program.ordered
        and program.quantifier == "forall"
    )
    assert dict(program.files) == {"F": "xfs", "G": "ext4"}
    assert dict(program.devices) == {"DEV": "region", "DEV1": "odp"}
    assert program.processes == ("P0", "P7") and program.forked == ()
    assert [(x.name, x.fill, x.value) for x in program.locations] == [
        ("x", "value", "a"), ("y", "same-page", "b"), ("z", "none", "0"), ("w", "swapped", "c"), ("u", "file", "d"),
        ("v", "file", "0"),
    ]  # fmt: skip
    assert str(program.condition) == (
        r"P0.a:r0=EFAULT \/ ~(P0.b:r1=- /\ blocked(DEV1)) \/ (stale(P0:x) /\ disk(F)=d /\ orphan(u))"
    )
    assert [str(e) for e in program.atoms] == [
        "P0.a:r0=EFAULT", "P0.b:r1=-", "blocked(DEV1)", "stale(P0:x)", "disk(F)=d", "orphan(u)",
    ]  # fmt: skip
    assert [e.kernel for e in program.expectations] == ["v5.10+reuse=mapcount", "v6.8"]


def test_herds_registers_are_accepted() -> None:
    assert parse(TEST.replace("P0:r0", "0:r0").replace("P1:r1", "1:r1")) == parse(TEST)


def test_an_empty_column_and_table() -> None:
    program = parse("mm nothing\n{} P0 | P1 ; exists (~segv(P1))")
    assert [c.lines for c in program.columns] == [(), ()] and program.values == ("0",)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: No such file"):
        parse_file(tmp_path / "none.litmus")
    (tmp_path / "bytes.litmus").write_bytes(b"mm \xff")
    with pytest.raises(UsageError, match="is not a text file: byte 3 is no UTF-8"):
        parse_file(tmp_path / "bytes.litmus")


@given(st.text(st.sampled_from('mxP01DEVK rab=;|{}()~/\\:"*.\n#-'), max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    for given_text in (
        text,
        f"mm t\n{{ x = a }} {text}",
        TEST.replace("store x b", text),
        TEST.replace("P0:r0 = b", text),
    ):
        try:
            parse(given_text)
        except LitmusError as e:
            assert e.message and e.place is not None


# ---------------------------------------------------------------- conditions

ATOMS = [Atom("moved", ("P0",), ("x",)), Atom("segv", ("P0",)), Atom("register", ("P0",), (), "r0", "a")]
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(st.builds(Not, inner), st.builds(Both, inner, inner), st.builds(Either, inner, inner)),
    max_leaves=8,
)


@given(CONDITIONS, st.lists(st.booleans(), min_size=3, max_size=3))
def test_conditions_are_read_as_written(condition: Condition, bits: list[bool]) -> None:
    """The text of a condition means what the condition means."""
    again = parse(f"mm t\n{{ x = a }} P0 ; r0 = load x ; exists ({condition})").condition
    truth = dict(zip(ATOMS, bits, strict=True))
    assert holds(again, truth) == holds(condition, truth) and set(atoms(again)) == set(atoms(condition))


def test_precedence() -> None:
    a, b, c = (Atom("segv", (f"P{i}",)) for i in range(3))
    read = parse("mm t\n" r"{} P0 | P1 | P2 ; exists segv(P0) \/ ~segv(P1) /\ segv(P2)").condition
    assert read == Either(a, Both(Not(b), c))


# ---------------------------------------------------------------- the table


def program_asking(quantifier: str) -> Program:
    return parse(f"mm t\n{{ x = a }} P0 ; r0 = load x ; {quantifier} (P0:r0 = a /\\ ~segv(P0))")


ROWS = [Row(("a",), (False,)), Row(("-",), (True,)), Row(("a",), (False,)), Row(("a",), (True,))]


def test_observations() -> None:
    observations_are_judged()


def observations_are_judged() -> None:
    """What a table says of an expectation and of what the test asks, whole and where not every run was followed."""
    yes, no = ROWS[0], ROWS[1]
    words = {(yes,): "Always", (no,): "Never", (yes, no): "Sometimes", (): "Blocked"}
    ruled_out = {  # by what a bounded search has seen
        (yes,): {"Never", "Blocked"},
        (no,): {"Always", "Blocked"},
        (yes, no): {"Never", "Always", "Blocked"},
        (): set(),
    }
    asked = {"exists": {(yes,), (yes, no)}, "~exists": {(no,), ()}, "forall": {(yes,), ()}}
    for quantifier, so in asked.items():
        program = program_asking(quantifier)
        for rows, word in words.items():
            whole, bounded = observe(program, [*rows, *rows], True), observe(program, rows, False)
            assert whole.word == bounded.word == word and whole.validated == (rows in so), (quantifier, rows)
            assert (whole.positive, whole.negative) == (rows.count(yes), rows.count(no))
            for expected in ("Never", "Sometimes", "Always", "Blocked"):
                assert whole.agrees(expected) == (expected == word), (rows, expected)
                assert bounded.agrees(expected) == (expected not in ruled_out[rows]), (rows, expected)
            seen = f"{word} {rows.count(yes)} {rows.count(no)}"
            assert observation_line(whole) == f"Observation t {seen}"
            marked = [line[:2] for line in text(whole, "v5.10").splitlines() if line[1:2] == ">"]
            assert marked == ["*>" if row == yes else ":>" for row in sorted(rows)]
    program = parse("mm t\n{ x = a } P0 ; load x ; exists (segv(P0) \\/ ~sigbus(P0))")
    states = itertools.product((False, True), repeat=2)
    ends = [Row((), pair, bug) for pair in states for bug in ("", "kernel BUG at mm/rmap.c")]
    found = observe(program, ends, True)
    assert (found.positive, found.negative) == (6, 2) and len(found.rows) == 8
    assert {"segv(P0)": False, "sigbus(P0)": True, "BUG": "kernel BUG at mm/rmap.c"} in found.outcomes()


def test_the_table_as_text() -> None:
    assert text(observe(program_asking("exists"), ROWS, True), "v5.10") == "\n".join(
        [
            "Test t Allowed  kernel v5.10",
            "States 3",
            ":> P0:r0=-; segv(P0);",
            "*> P0:r0=a; ~segv(P0);",
            ":> P0:r0=a; segv(P0);",
            "Ok",
            "Witnesses",
            "Positive: 1 Negative: 2",
            r"Condition exists (P0:r0=a /\ ~segv(P0))",
            "Observation t Sometimes 1 2",
        ]
    )
