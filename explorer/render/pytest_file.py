"""Counterexamples as a file of tests for pytest: each replays its schedule, and fails as long as that violates the property."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from explorer.result import PropertyResult


def pytest_file(model: str, given: Mapping[str, str], found: Iterable[PropertyResult]) -> str:
    """`model`: what `load` takes. `given`: the parameters that are set, as the command line has them."""
    violated = [p for p in found if p.trace is not None and p.trace.violated]
    lines = [f'"""{len(violated)} of the properties of {model} are violated; a test for each."""']
    if violated:
        lines += ["", "from explorer import load, replay"]
    settings = ", ".join(f"{name}={json.dumps(value)}" for name, value in given.items())
    for p in violated:
        assert p.trace is not None
        name = json.dumps(p.name)
        lines += [
            "",
            "",
            f"def test_{p.name}() -> None:",
            f'    """{p.sentence or p.name}"""',
            f"    model = load({json.dumps(model)})({settings})",
            f"    trace, violated = replay(model, {json.dumps(p.trace.schedule)}, {name})",
            f"    assert {name} not in violated, str(trace)",
        ]
    return "\n".join(lines) + "\n"
