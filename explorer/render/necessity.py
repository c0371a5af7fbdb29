"""What a model needs, as text, from the plain data of the answer alone."""

from __future__ import annotations

import textwrap
from typing import Any, TypeAlias

from explorer.render.report import counted, heading

Record: TypeAlias = dict[str, Any]
WIDTH = 100
VERDICTS = ("necessary", "unknown at this bound", "not needed in this model", "can't be taken out")


def text(given: Record, traces: bool = False) -> str:
    """What was taken out, by verdict; then each property with what breaks it. `traces`: with the diagram of each that is
    necessary."""
    out = [heading(given["model"], given["parameters"]), ""]
    total = counted(len(given["removals"]), "part")
    out.append(f"{total} taken out, one at a time; {counted(given['states'], 'state')} with all of them")
    for verdict in VERDICTS:
        found = [(i, r) for i, r in enumerate(given["removals"]) if r["verdict"] == verdict and r["reached"]]
        if found:
            out += ["", f"{verdict}: {len(found)}"]
        for i, record in found:
            out += lines(i, record)
            if traces and record["trace"] is not None:
                out += ["", textwrap.indent(diagram(record["trace"]), "    ")]
    never = [(i, r) for i, r in enumerate(given["removals"]) if not r["reached"]]
    if never:
        out += ["", f"not needed in this model, as they are never reached with these parameters: {len(never)}"]
    for i, record in never:
        out += lines(i, record)
    out += ["", "properties"]
    width = max((len(p["property"]) for p in given["properties"]), default=0)
    out += [f"  {p['property']:{width}}  {owed(p)}" for p in given["properties"]]
    if any(p["violated_already"] for p in given["properties"]):
        out.append(
            "  of what is violated with nothing taken out, this says nothing: choose a kernel or design that keeps it"
        )
    if not given["complete"]:
        out += ["", "interrupted: the rest was not tried" if given["interrupted"] else "a bound was reached"]
    return "\n".join(out) + "\n"


def lines(i: int, record: Record) -> list[str]:
    """What was taken out, where it stands, and what that breaks."""
    where = f"{record['function']}, {record['file']}:{record['line']}" if record["file"] else ""
    name = record["kernel"].rpartition(":")[2]
    where = where.replace(f"{record['function']},", f"{name},") if name else where
    said = f"{i + 1}. {record['kind']} {record['text']}: {record['way']}"
    out = wrap(f"{said}  ({where})" if where else said, 2, 6)
    if record["breaks"]:
        broken = ", ".join(f"{b['property']} ({counted(b['depth'], 'step')})" for b in record["breaks"])
        out += wrap(f"breaks {broken}", 6, 8)
    if record["reason"]:
        out += wrap(record["reason"], 6, 8)
    return out


def diagram(trace: Record) -> str:
    return "\n".join(
        [trace["diagram"].rstrip(), "", *(wrap(trace["note"], 0, 0) if trace["note"] else [trace["replay"]])]
    )


def owed(given: Record) -> str:
    if given["violated_already"]:
        return "violated with nothing taken out"
    found = given["broken_by"]
    if not found:
        return "nothing that was taken out breaks it"
    shown = ", ".join(str(i + 1) for i in found[:8])
    return f"broken without {shown}{f' and {len(found) - 8} more' if len(found) > 8 else ''}"


def wrap(given: str, first: int, rest: int) -> list[str]:
    words = " ".join(given.split())
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
