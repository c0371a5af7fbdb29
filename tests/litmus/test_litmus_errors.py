"""What each line of a litmus test returns: every row of the table in docs/litmus.md is a program, and shows what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer.litmus.explore import explore
from explorer.litmus.observe import Observation
from explorer.litmus.parse import parse
from explorer.litmus.words import OPERATIONS
from explorer.models.linux.history import parse_version
from explorer.models.linux.kernels import kernel
from explorer.models.linux.litmus import litmus_model

TEXT = (Path(__file__).parents[2] / "docs" / "litmus.md").read_text()
TABLE = TEXT[TEXT.index("<!-- errors -->") :].split("\n\n")[0].splitlines()[3:]
ROWS = [tuple(cell.strip().strip("`") for cell in line[1:-1].split("|")) for line in TABLE]
KERNELS = ("v4.19", "v6.12")


def program(memory: str, before: str, line: str, wanted: str) -> str:
    """The row as a litmus test; of a line that is fatal it asks for the signal, and that the register was never set."""
    child = " | P1" if "P1" in (before + line) else ""
    cells = [f" {text}{' |' if child else ''} ;" for text in (before, f"r0 = {line}") if text]
    signal = {"SIGSEGV": r"segv(P0) /\ P0:r0 = -", "SIGBUS": r"sigbus(P0) /\ P0:r0 = -"}
    asked = signal.get(wanted, f"P0:r0 = {wanted}")
    return "\n".join(
        ["mm row", '"What does it return?"', f"{{ {memory} }}", f" P0{child} ;", *cells, "ordered", f"exists ({asked})"]
    )


def wanted_on(register: str, version: str) -> str:
    """What the cell says of the kernel."""
    match = re.fullmatch(r"`?(\w+)` before (v[\d.]+), then `(\w+)", register)
    if match is None:
        return register
    return match[3] if parse_version(version) >= parse_version(match[2]) else match[1]


def observed(text: str, version: str) -> Observation:
    parsed = parse(text)
    return explore(parsed, litmus_model(parsed, kernel(version)), engine="evaluator").observation


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}, {row[1]}, {row[2]}")
def test_row(row: tuple[str, ...]) -> None:
    memory, before, line, register, _ = row
    for version in KERNELS:
        wanted = wanted_on(register, version)
        seen = observed(program(memory, before, line, wanted), version)
        assert (seen.word, seen.complete) == ("Always", True), (version, wanted, seen.outcomes())


def test_every_line_has_a_row() -> None:
    """Each operation of a process that can come back is in the table, each advice, and each row names a kernel function."""
    lines = {row[2] for row in ROWS}
    verbs = {name for name, form in OPERATIONS.items() if form.by == "process"} - {"exit"}
    assert {line.split()[0] for line in lines} == verbs
    for name in verbs:
        for word in OPERATIONS[name].one_of:
            assert any(line.split()[0] == name and word in line.split() for line in lines), (name, word)
    assert all(re.search(r"[\w/.-]+\.c:\w+\(\)", row[4]) for row in ROWS)
    assert len({row[:3] for row in ROWS}) == len(ROWS)


def test_what_a_failed_line_leaves_alone() -> None:
    """mprotect() and madvise() of memory that is not there do nothing to what is mapped there afterwards."""
    for line in ("mprotect x r", "madvise x dontfork"):
        text = f"""mm then
"Is the new mapping as it should be?"
{{ x = a file F shared }}
 P0 | P1 ;
 munmap x | ;
 {line} | ;
 map x F shared | ;
 store x b | ;
 fork P1 | ;
  | r0 = load x ;
ordered
exists (P1:r0 = b)
"""
        assert observed(text, "v6.1").word == "Always", line
