"""What a model needs, as text and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from explorer.answer.necessity import Break, NecessityAnswer, Need, PropertyNeeds, RemovalAnswer, RemovalTrace
from explorer.render.plain import number_of, one_line, paragraph
from explorer.render.report import heading


def text(given: NecessityAnswer, traces: bool = False) -> str:
    """What was taken out, by verdict; then each property with what breaks it. `traces`: with the diagram of each that is
    necessary."""
    out = [heading(given.model, given.parameters), ""]
    total = number_of(len(given.removals), "part")
    out.append(f"{total} taken out, one at a time; {number_of(given.states, 'state')} with all of them")
    for need in Need:
        found = [(i, r) for i, r in enumerate(given.removals) if r.verdict is need and r.reached]
        if found:
            out += ["", f"{need.value}: {len(found)}"]
        for i, record in found:
            out += lines(i, record)
            if traces and record.trace is not None:
                out += ["", textwrap.indent(diagram(record.trace), "    ")]
    never = [(i, r) for i, r in enumerate(given.removals) if not r.reached]
    if never:
        out += ["", f"not needed in this model, as they are never reached with these parameters: {len(never)}"]
    for i, record in never:
        out += lines(i, record)
    out += passed_over(given)
    out += ["", "properties"]
    width = max((len(p.name) for p in given.properties), default=0)
    out += [f"  {p.name:{width}}  {owed_text(p, given.complete)}" for p in given.properties]
    if any(p.violated_already for p in given.properties):
        out.append(
            "  of what is violated with nothing taken out, this says nothing: choose a kernel or design that keeps it"
        )
    if not given.complete:
        rest = f"interrupted: the rest was not tried ({number_of(given.not_tried, 'part')})"
        out += ["", rest if given.interrupted else "a bound was reached"]
    return "\n".join(out) + "\n"


def passed_over(given: NecessityAnswer) -> list[str]:
    """What was not taken out: how much for each reason."""
    found = given.passed_over
    if not found:
        return []
    out = ["", f"not taken out: {len(found)} (--format json lists them)"]
    width = max(len(p.reason) for p in found)
    for reason in dict.fromkeys(p.reason for p in found):
        out.append(f"  {reason:{width}}  {sum(p.reason == reason for p in found)}")
    return out


def markdown(answers: Sequence[NecessityAnswer], head: Sequence[str] = ()) -> str:
    """Each property with what breaks it, over all answers; then each answer with what is necessary. `head`: how it was made."""
    out = ["# What each promise rests on", "", *head, ""]
    out += [
        "Guards, locks and rules of each model are taken out, one at a time, and the search is done again; for some parameters",
        "decisions and statements of all its routines too. A property that nothing breaks may say less than it seems to. What is",
        "not taken out, and why, is in `--format json`.",
        "",
        "| property | broken by | for one, with the fewest steps |",
        "|---|---:|---|",
    ]
    names = sorted({p.name for answer in answers for p in answer.properties})
    for name in names:
        found = [(b.depth, i, r) for i, a in enumerate(answers) for r in a.removals for b in breaks_of(r, name)]
        said = ""
        if found:
            depth, i, record = min(found, key=lambda f: f[:2])
            said = f"{what(record)} in [{answers[i].model}](#{i + 1}): {number_of(depth, 'step')}"
        out.append(f"| `{name}` | {number_of(len(found), 'removal')} | {said} |")
    for i, answer in enumerate(answers):
        out += ["", f'<a id="{i + 1}"></a>', f"## {answer.model}", ""]
        said = ", ".join(f"`{name}={value}`" for name, value in answer.parameters.items())
        out += [said, ""] if said else []
        necessary = [r for r in answer.removals if r.breaks]
        rest = [
            (v.value, sum(r.verdict is v and r.reached for r in answer.removals))
            for v in Need
            if v is not Need.NECESSARY
        ]
        rest.append(("never reached", sum(not r.reached for r in answer.removals)))
        counts = ", ".join(f"{verdict}: {n}" for verdict, n in rest if n)
        out.append(
            f"{number_of(answer.states, 'state')}; necessary: {len(necessary)}{', ' if counts else ''}{counts}; "
            f"not taken out: {len(answer.passed_over)}."
        )
        already = [p.name for p in answer.properties if p.violated_already]
        out += ["", f"Violated with nothing taken out: {', '.join(f'`{p}`' for p in already)}."] if already else []
        out += ["", "| taken out | of | breaks |", "|---|---|---|"] if necessary else []
        for record in necessary:
            breaks = ", ".join(f"`{b.name}` at {b.depth}" for b in record.breaks)
            out.append(f"| {what(record)} | {of(record)} | {breaks} |")
    return "\n".join(out) + "\n"


def breaks_of(record: RemovalAnswer, name: str) -> list[Break]:
    return [b for b in record.breaks if b.name == name]


def what(record: RemovalAnswer) -> str:
    """What was taken out, in a cell."""
    return f"{record.kind} `{record.text}`: {record.way}".replace("|", "\\|")


def of(record: RemovalAnswer) -> str:
    """The function it is of, in a cell."""
    return f"`{record.kernel.rpartition(':')[2] or record.function}`" if record.function else ""


def lines(i: int, record: RemovalAnswer) -> list[str]:
    """What was taken out, where it stands, and what that breaks."""
    where = f"{record.function}, {record.file}:{record.line}" if record.file else ""
    name = record.kernel.rpartition(":")[2]
    where = where.replace(f"{record.function},", f"{name},") if name else where
    said = f"{i + 1}. {record.kind} {record.text}: {record.way}"
    out = paragraph(one_line(f"{said}  ({where})" if where else said), 2, 6)
    if record.breaks:
        broken = ", ".join(f"{b.name} ({number_of(b.depth, 'step')})" for b in record.breaks)
        out += paragraph(f"breaks {broken}", 6, 8)
    if record.reason:
        out += paragraph(one_line(record.reason), 6, 8)
    return out


def diagram(trace: RemovalTrace) -> str:
    return "\n".join(
        [trace.diagram.rstrip(), "", *(paragraph(one_line(trace.note)) if trace.note else [trace.replay or ""])]
    )


def owed_text(given: PropertyNeeds, complete: bool) -> str:
    if given.violated_already:
        return "violated with nothing taken out"
    found = given.broken_by
    if not found:
        return "nothing that was taken out breaks it" + ("" if complete else ", as far as the searches went")
    shown = ", ".join(str(i + 1) for i in found[:8])
    return f"broken without {shown}{f' and {len(found) - 8} more' if len(found) > 8 else ''}"
