"""The table under a diagram: each step, where it stands in the source, and what it changed."""

from __future__ import annotations

from explorer.answer.trace import Step, Trace
from explorer.render.lines import endings, state_names, step_title
from explorer.render.plain import clip, to_ascii, wrap


def steps_table(trace: Trace, width: int = 100) -> str:
    """Per step: number, actor, step, where it stands in the source, and below it each variable that changed."""
    actors = [clip(to_ascii(s.actor), 16) for s in trace.steps]
    places = [place(s, width // 3) for s in trace.steps]
    number, actor = len(str(len(trace.steps))), max((len(a) for a in actors), default=0)
    where = max((len(p) for p in places), default=0)
    indent = number + 2 + actor + 2
    state = state_names(trace)
    titles = [to_ascii(step_title(s, state)) for s in trace.steps]
    room = min(width - indent - 2 - where, max((len(t) for t in titles), default=0))
    out = []
    said = dict(endings(trace))
    for i, step in enumerate(trace.steps):
        out += [f"{said[i]}:"] if i in said else []
        pieces = wrap(titles[i], room, max(room - 2, 1))
        out.append(f"{i + 1:>{number}}  {actors[i]:<{actor}}  {pieces[0]:<{room}}  {places[i]}")
        out += [" " * (indent + 2) + piece for piece in pieces[1:]]
        for name, (before, after) in step.changes.items():
            out += _change(to_ascii(name), to_ascii(before), to_ascii(after), indent + 2, width)
    out += [said[len(trace.steps)]] if len(trace.steps) in said else []
    return "\n".join(line.rstrip() for line in out) + "\n"


def _change(name: str, before: str, after: str, indent: int, width: int) -> list[str]:
    """``name: before -> after``, the new value under the old one where they don't fit on a line."""
    pad = " " * indent
    whole = f"{name}: {before} -> {after}"
    if indent + len(whole) <= width:
        return [pad + whole]
    room = width - indent
    under = max(min(len(name) - 1, room // 3), 0)  # so that the values stand one above the other
    lines = wrap(f"{name}: {before}", room, room - 4)
    lines = [lines[0], *("    " + line for line in lines[1:])]
    for i, line in enumerate(wrap(f"-> {after}", room - under, room - under - 3)):
        lines.append(" " * (under + 3 * (i > 0)) + line)
    return [pad + line for line in lines]


def place(step: Step, width: int = 100) -> str:
    """``models/linux/anon.py:88``: the end of the path, which is what tells files apart."""
    if not step.file:
        return ""
    parts = [p for p in step.file.replace("\\", "/").split("/") if p]
    if "models" in parts:
        parts = parts[len(parts) - 1 - parts[::-1].index("models") :]
    elif step.file.startswith("/"):
        parts = parts[-2:]
    shown = to_ascii(f"{'/'.join(parts)}:{step.line}")
    while len(shown) > width and len(parts) > 1:
        parts = parts[1:]
        shown = to_ascii(f"{'/'.join(parts)}:{step.line}")
    return shown if len(shown) <= width else ".." + shown[2 - width :]
