"""The text answer of a run: verdicts, counts, scope, and each counterexample."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.answer.result import PropertyResult, Result, Verdict
from explorer.render.diagram import text
from explorer.render.plain import number_of, row

SHOWN_BRANCHES = 8


def report(result: Result, traces: bool = True) -> str:
    """The whole answer: what was asked, each violated property's run, then `verdicts`."""
    blocks = [heading(result.model, result.parameters)]
    if traces:
        blocks += [property_run(p) for p in result.with_runs if p.verdict is Verdict.VIOLATED]
    return "\n\n".join([b for b in blocks if b] + [verdicts(result)])


def heading(model: str, parameters: Mapping[str, str]) -> str:
    """The model, its kernel and its parameters."""
    kernel = f"  kernel {parameters['kernel']}" if "kernel" in parameters else ""
    others = [f"{k}={v}" for k, v in parameters.items() if k != "kernel"]
    return "\n".join([f"{model}{kernel}", *(row(others, "  ") if others else [])])


def property_run(given: PropertyResult) -> str:
    """A property violated or reached: its sentence and its run."""
    assert given.trace is not None
    verb = "violated" if given.trace.violated else "reached"
    sentence = f": {given.sentence}" if given.sentence else ""
    return f"{given.name} is {verb}{sentence}\n\n{text(given.trace).rstrip()}"


def verdicts(result: Result, error_trace: bool = True) -> str:
    """What is in error (with its run if `error_trace`), a line for each property, counts, scope, what was never taken."""
    lines: list[str] = []
    if result.error:
        lines += [f"the model is in error: {result.error}", ""]
        if error_trace and result.error_trace is not None:
            lines += [text(result.error_trace).rstrip(), ""]
    width = max((len(p.name) for p in result.properties), default=0)
    for given in result.properties:
        aside = given.verdict in (Verdict.NOT_APPLICABLE, Verdict.UNREACHABLE, Verdict.UNDECIDED) and given.reason
        lines.append(f"  {given.name:{width}}  {given}{f'  ({given.reason})' if aside else ''}")
    lines.append("")
    counts = f"{number_of(result.states, 'state')}, {number_of(result.transitions, 'transition')}"
    lines.append(f"{counts}, {end_of(result)}, {result.seconds:.1f} s")
    lines.append(f"scope: {result.scope}")
    if result.reductions:
        lines.append(f"reductions: {', '.join(result.reductions)}")
    lines += [f"rests on a recalled fact: {fact}" for fact in result.recalled]
    lines += [f"warning: {warning}" for warning in result.warnings]
    never = [n for n in result.never_fired or () if n.reached]
    if result.complete and never:
        lines.append(f"never taken: {number_of(len(never), 'branch or step', 'branches or steps')}")
        lines += [f"  {n}" for n in never[:SHOWN_BRANCHES]]
        if len(never) > SHOWN_BRANCHES:
            lines.append(f"  ... and {len(never) - SHOWN_BRANCHES} more (--format json lists them)")
    return "\n".join(lines)


def end_of(result: Result) -> str:
    """How the run ended, in words."""
    if result.complete:
        return f"depth {result.depth}, explored completely"
    why = {
        "depth": "bounded by --depth",
        "states": "stopped by --max-states",
        "memory": "stopped: there is no more memory",
        "seconds": "stopped by --max-seconds",
        "interrupt": "interrupted",
        "first": "stopped after the first violating level (--first)",
        "error": "stopped by the error",
        "indexes": "stopped: a partition holds as many states as its 32-bit indexes can name",
        "disk": "stopped: the disk is full",
    }[result.stopped]
    return f"checked to depth {result.depth}, {why}" if result.states else f"nothing was checked, {why}"
