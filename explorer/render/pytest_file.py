"""Counterexamples as a file of tests for pytest: each replays its schedule, and fails as long as that violates the property."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from explorer.answer.result import PropertyResult
from explorer.process.quoting import python_docstring, python_name, python_string


def pytest_file(model: str, given: Mapping[str, str], found: Iterable[PropertyResult]) -> str:
    """`model`: what `load` takes, wherever the tests run. `given`: the parameters that are set, as the command line has them."""
    violated = [p for p in found if p.trace is not None and p.trace.violated]
    lines = [python_docstring(f"{len(violated)} of the properties of {model} are violated; a test for each.")]
    if violated:
        lines += ["", "from explorer import load, replay"]
    settings = ", ".join(f"{name}={python_string(value)}" for name, value in given.items())
    taken: set[str] = set()
    for p in violated:
        assert p.trace is not None
        name = python_string(p.part_of or p.name)  # lines change, so a single assertion is not asked for by its name
        lines += [
            "",
            "",
            f"def {test_name(p.name, taken)}() -> None:",
            f"    {python_docstring(p.sentence or p.name)}",
            f"    model = load({python_string(model)})({settings})",
            f"    trace, violated = replay(model, {python_string(p.trace.schedule)}, {name})",
            f"    assert {name} not in violated, str(trace)",
        ]
    return "\n".join(lines) + "\n"


def test_name(name: str, taken: set[str]) -> str:
    """What the test of a property is called: no two the same."""
    base = f"test_{name if name.isascii() and name.isidentifier() else python_name(name)}"
    found, count = base, 2
    while found in taken:
        found, count = f"{base}_{count}", count + 1
    taken.add(found)
    return found
