"""The text answer of a run: verdicts, counts, scope, and each counterexample."""

from __future__ import annotations

from explorer.render.diagram import text
from explorer.result import Result, Verdict


def report(result: Result, traces: bool = True) -> str:
    """What `explore run` prints: at most about 100 columns, ASCII."""
    lines: list[str] = []
    kernel = f"  kernel {result.kernel}" if result.kernel else ""
    settings = {k: v for k, v in result.parameters.items() if k != "kernel"}
    lines.append(f"{result.model}{kernel}")
    if settings:
        lines += wrapped("  ", [f"{k}={v}" for k, v in settings.items()])
    lines.append("")
    if result.error:
        lines += [f"the model is in error: {result.error}", ""]
        if result.error_trace is not None and traces:
            lines += [text(result.error_trace), ""]
    width = max((len(p.name) for p in result.properties), default=0)
    for given in result.properties:
        reason = f"  ({given.reason})" if given.reason and given.verdict in (Verdict.NOT_APPLICABLE, Verdict.UNREACHABLE) else ""
        lines.append(f"  {given.name:{width}}  {given}{reason}")
    lines.append("")
    lines.append(f"{result.states:,} states, {result.transitions:,} transitions, {ending(result)}, {result.seconds:.1f} s")
    lines.append(f"scope: {result.scope}")
    if result.reductions:
        lines.append(f"reductions: {', '.join(result.reductions)}")
    for fact in result.recalled:
        lines.append(f"rests on a recalled fact: {fact}")
    for warning in result.warnings:
        lines.append(f"warning: {warning}")
    if result.complete and result.never_fired:
        lines.append(f"never taken: {len(result.never_fired)} branches or steps")
        lines += [f"  {n}" for n in result.never_fired[:8]]
        if len(result.never_fired) > 8:
            lines.append(f"  ... and {len(result.never_fired) - 8} more (--format json lists them)")
    if traces:
        for given in result.violated:
            assert given.trace is not None
            lines += ["", f"{given.name} is violated" + (f": {given.sentence}" if given.sentence else ""), "", text(given.trace)]
    return "\n".join(lines)


def ending(result: Result) -> str:
    if result.complete:
        return f"depth {result.depth}, explored completely"
    why = {
        "depth": "bounded by --depth", "states": "stopped by --max-states", "seconds": "stopped by --max-seconds",
        "interrupt": "interrupted", "first": "stopped after the first violating level (--first)", "error": "stopped by the error",
    }[result.stopped]
    return f"checked to depth {result.depth}, {why}"


def wrapped(indent: str, words: list[str], width: int = 98) -> list[str]:
    lines, current = [], indent
    for word in words:
        if len(current) + len(word) + 1 > width and current.strip():
            lines.append(current.rstrip())
            current = indent
        current += word + " "
    return [*lines, current.rstrip()]
