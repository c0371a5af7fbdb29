"""A proof for sorts of any size, as text."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.render.plain import enumeration, number_of, one_line, paragraph, plural
from explorer.symbolic.answers import ClaimText, ProofAction, ProofAnswer, QueryText


def text(given: ProofAnswer, also: Sequence[str] = ()) -> str:
    """Whether each property is proved, and each step that stands in the way. `also`: "actions", "definitions", "lemmas"
    or "properties", all of them, in words and as formulas."""
    switches = ", ".join(f"{name}={'on' if value else 'off'}" for name, value in given.switches.items())
    sorts = enumeration([plural(sort) for sort in given.sorts])
    out = [f"{given.proof}  {switches}".rstrip(), f"  any number of {sorts}", ""]
    width = max(len(p.name) for p in given.properties)
    out += [f"  {p.name:{width}}  {'proved' if p.proved else 'not proved'}" for p in given.properties]
    asked = [q for q in given.queries if q.kind != "property"]
    open_ = [q for q in asked if q.answer != "proved"]
    of = f"{number_of(len(given.lemmas), 'lemma')}, {number_of(len(given.actions), 'action')}"
    out += ["", f"{of}: {len(asked) - len(open_)} of {len(asked)} queries are unsat"]
    for name in given.impossible:
        out += ["", *lines_at(f"{name}: no state is known in which the lemmas hold and it can happen", 0)]
    for query in open_:
        out += ["", *obstacle(given, query)]
    lost = [c.name for c in given.lemmas if not c.kept]
    if lost:
        out += ["", *lines_at(f"the other lemmas are proved without {enumeration(lost)}", 0)]
    claims = {"definitions": given.definitions, "lemmas": given.lemmas, "properties": given.properties}
    for kind in also:
        out += ["", kind]
        out += [line for a in given.actions for line in action_lines(a)] if kind == "actions" else []
        out += [line for c in claims.get(kind, ()) for line in claim_lines(c)]
    return "\n".join(out) + "\n"


def action_lines(given: ProofAction) -> list[str]:
    """An action: what it is in the kernel, when it can happen, what it changes."""
    out = [f"  {given.name}({', '.join(given.parameters)})", *lines_at(f"{given.kernel}: {given.text}", 4)]
    out += [line for condition in given.conditions for line in lines_at(f"if {condition}", 6)]
    return out + [line for change in given.changes for line in lines_at(f"then {change}", 6)]


def claim_lines(given: ClaimText) -> list[str]:
    """A claim, in words and as a formula."""
    return [f"  {given.name}", *lines_at(given.text, 4), *lines_at(given.formula, 6)]


def obstacle(given: ProofAnswer, query: QueryText) -> list[str]:
    """A lemma that is not proved: what it says, what may break it, and the smallest step that does."""
    out = lines_at(f"{query.by}: {answer(query)} {query.claim}", 0)
    for action in given.actions:
        if action.name == query.by:
            out += lines_at(f"{action.kernel}: {action.text}", 2)
    for claim in given.lemmas:
        if claim.name == query.claim:
            out += lines_at(claim.text, 2)
    found = query.obstacle
    if found is None:
        return out
    sizes = ", ".join(f"{n} {plural(sort, n)}" for sort, n in found.sizes.items())
    out += ["", f"  a state, which need not be reachable: {sizes}"]
    out += [f"    {line}" for line in found.before]
    if found.step:
        out += [f"  {found.step}"]
        out += [f"    not {line}" for line in found.before if line not in found.after and " = " not in line]
        out += [f"    {line}" for line in found.after if line not in found.before]
    return out


def answer(query: QueryText) -> str:
    if query.answer == "unknown":
        return "it is not known whether this keeps"
    return "this breaks" if query.kind == "action" else "does not have"


def lines_at(given: str, indent: int) -> list[str]:
    return paragraph(one_line(given), indent, indent + 2)
