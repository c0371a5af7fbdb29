"""What changed between two kernels, as text."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.answer.diff import DiffAnswer, KernelCommit, ResultPair
from explorer.render.plain import number_of, paragraph
from explorer.render.report import end_of, heading, property_run


def text(given: DiffAnswer) -> str:
    """The rules that changed, with their commits; then what the model says on both kernels."""
    count = f"{number_of(len(given.rules), 'rule', grouped=False)} changed" if given.rules else "no rule changed"
    lines = [f"{given.old} to {given.new}: {count}"]
    for rule in given.rules:
        lines += ["", f"  {rule.name}: {rule.old} -> {rule.new}", *detail(f"{rule.sentence}; {rule.function}")]
        lines += [line for commit in rule.commits for line in detail(commit_text(commit))]
        lines += detail(f"as given: {', '.join(rule.by_hand)}") if rule.by_hand else []
    if given.same_again:
        lines += ["", f"  the same in both, but not in between: {', '.join(given.same_again)}"]
        lines += [line for commit in given.same_again_commits for line in detail(commit_text(commit))]
    lines += ["", *recalled_lines(given.recalled)] if given.recalled else []
    lines += [] if given.results is None else ["", *compared_lines(given, given.results)]
    return "\n".join(lines) + "\n"


def detail(text: str) -> list[str]:
    return paragraph(text, 6, 8, hyphens=True, cut=True)


def commit_text(commit: KernelCommit) -> str:
    """``70e806e4e645 ("mm: Do early cow for pinned pages during fork() for ptes") v5.9-rc8 [R]``"""
    return f'{commit.id} ("{commit.subject}") {commit.releases} [{commit.tag}]'


def recalled_lines(facts: Iterable[str]) -> list[str]:
    return [f"rests on a recalled fact: {fact}" for fact in facts]


def compared_lines(given: DiffAnswer, results: ResultPair) -> list[str]:
    """The verdicts that differ, the run for each that is violated on one side only, and how far the searches went."""
    sides = ((given.old, results.old), (given.new, results.new))
    for kernel, result in sides:
        if result.error:
            return [f"the model is in error on {kernel}: {result.error}"]
    parameters = {name: value for name, value in results.old.parameters.items() if name != "kernel"}
    lines = [heading(results.old.model, parameters), ""]
    read = f"of the rules that changed it reads: {', '.join(given.read) or 'none'}"
    lines += paragraph(read, 0, 2, hyphens=True, cut=True)
    rows = [(v.name, str(v.old or "not asked"), str(v.new or "not asked")) for v in given.verdicts if v.differ]
    if rows:
        table = [("", given.old, given.new), *rows]
        widths = [max(len(row[column]) for row in table) for column in range(3)]
        lines += ["  " + "  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in table]
    same = f"the same verdict: {', '.join(v.name for v in given.verdicts if not v.differ) or 'none'}"
    lines += paragraph(same, 0, 2, hyphens=True, cut=True)
    for kernel, result in sides:
        lines.append(f"{kernel}: {result.states:,} states, {end_of(result)}, {result.seconds:.1f} s")
    lines += recalled_lines(dict.fromkeys(fact for _, result in sides for fact in result.recalled))
    for verdicts in given.verdicts:
        if verdicts.witness is not None:
            where = given.old if verdicts.witness is verdicts.old else given.new
            lines += ["", f"on {where}, {property_run(verdicts.witness)}"]
    return lines
