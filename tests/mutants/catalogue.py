"""Every mutant: what is wrong with it, the text that is replaced, and the test that must notice."""

from __future__ import annotations

from dataclasses import dataclass

AGREE = "tests.mutants.test_mutants:subjects_agree"
EXHAUSTIVE = "tests.answer.test_counterexample:searches_are_exhaustive"
LEAST = "tests.answer.test_counterexample:counterexamples_are_least"
DEPTH = "tests.answer.test_counterexample:depth_bounds_are_kept"
REPLAYED = "tests.answer.test_counterexample:runs_are_replayed"
FAILING = "tests.answer.test_counterexample:other_failures_are_noticed"
TABLE = "tests.system.test_semantics:operator_table"
PARALLEL = "tests.system.test_semantics:updates_read_the_state_before"
RESET = "tests.lowering.test_lowering:dead_local_is_forgotten"
GHOSTS = "tests.lowering.test_lowering:ghosts_stay_apart"

NEVER = "tests.answer.test_never_taken:small_models_agree"
LIMITS, PATHS = "tests.lowering.test_limits:work_is_bounded", "tests.lowering.test_limits:paths_are_bounded"
UNCHANGED = "tests.lowering.test_mappings:changes_are_refused"
SHARED, LONG = "tests.lowering.test_limits:equal_is_one", "tests.lowering.test_limits:long_arrays_agree"

CODE, LOWER, MACHINE = "explorer.lowering.code", "explorer.lowering.model", "explorer.lowering.machine"
WAY, OPERATORS, ELEMENTS, EVALUATION, BUILTIN, ACTIONS, THREADED = (
    f"explorer.lowering.{name}"
    for name in ("path", "operators", "elements", "evaluation", "builtins", "actions", "threads")
)
BUILD, FACTS, GHOST = "explorer.system.expressions", "explorer.lowering.facts", "explorer.lowering.ghosts"
SEARCH, SEMANTICS = "explorer.search.reference", "explorer.system.semantics"
DRIVER = "explorer.search.levels"
NATIVE = "explorer.search.native"
EMIT, PLACES, LOOPS, LEVELS = (
    f"{NATIVE}.codegen.emit",
    f"{NATIVE}.codegen.layout",
    f"{NATIVE}.loops.search_loops",
    f"{NATIVE}.search",
)
CHECKPOINT = f"{NATIVE}.checkpoint"
SHIPPED = "tests.search.test_native:shipped_model_agrees"
SYSTEMS, THREADS = "tests.search.test_native:random_systems_agree", "tests.search.test_native:threads_agree"
LARGE, HASHES = (
    "tests.search.test_native:large_tables_lose_nothing",
    "tests.search.test_native:different_states_stay_different",
)
WORDS, SIGNS = "tests.search.test_native:words_hold_states", "tests.search.test_native:operators_agree"
SPILLED, MERGED = "tests.search.test_disk:spilled_searches_agree", "tests.search.test_disk:many_runs_are_merged"
BRUTE, GRAPHS = "tests.search.test_liveness:brute_force_agrees", "tests.search.test_liveness:native_graphs_agree"
LIES, JUDGED = "tests.search.test_liveness:lies_are_noticed", "tests.search.test_liveness:runs_are_judged"
DEMANDS, FIRST = "tests.search.test_liveness:demands_are_kept", "tests.search.test_liveness:loops_are_the_first_inside"
FAIR, FOREVER, LASSO = "explorer.search.fairness", "explorer.search.liveness", "explorer.search.lasso"
CYCLES = f"{NATIVE}.loops.cycles"
STUBBORN, GOALS, TEXT = (f"explorer.reduction.{name}" for name in ("stubborn", "goals", "relations"))
INDEPENDENT, CHOICE = "explorer.symbolic.independence", f"{NATIVE}.loops.stubborn_loops"
SMALLEST, CHOOSING = (
    "tests.reduction.test_partial_order:cases_are_found",
    "tests.reduction.test_partial_order:choices_agree",
)
UNANSWERED = "tests.reduction.test_partial_order:unanswered_is_dependent"
REDUCED = "tests.reduction.test_partial_order:random_systems_agree"
SETTINGS, SETTINGS_COMPILED = (
    "tests.reduction.test_family:families_agree",
    "tests.reduction.test_family:native_families_agree",
)
REPAIRS = "tests.questions.test_repair:repairs_are_least"
FAMILY, CASES, FAMILY_LOOPS = "explorer.search.family", "explorer.reduction.family", f"{NATIVE}.loops.family_loops"
REPAIR, PROPOSED = "explorer.questions.repair", "explorer.symbolic.repair"
REMOVAL, EVERYBODY = "explorer.questions.removal", "tests.questions.test_necessity:decisions_of_everybody"
BUILDS, SCHEDULES = "explorer.questions.builds", "explorer.answer.schedules"
LATER, COUNTS = "tests.questions.test_repair:rules_that_come_later", "tests.questions.test_repair:counts_are_exact"
ORBITS, DECLARED = (
    "tests.reduction.test_symmetry:random_systems_agree",
    "tests.reduction.test_symmetry:wrong_declarations_are_refused",
)
CANONICAL, MAPS = (
    "tests.reduction.test_symmetry:representatives_are_canonical",
    "tests.reduction.test_symmetry:maps_are_checked",
)
ALIKE, CANON, CERTIFIED = "explorer.reduction.symmetry", f"{NATIVE}.codegen.canonical", "explorer.symbolic.symmetry"
SYMBOLIC, PROVED = "explorer.symbolic", "tests.symbolic.test_certificates"
FACTS_HOLD, SILENCE, START = f"{PROVED}:facts_hold", f"{PROVED}:silence_is_unknown", f"{PROVED}:start_is_asked"
TOGETHER, DOMAINS = f"{PROVED}:invariants_need_each_other", f"{PROVED}:leaving_a_domain_proves_nothing"
TERMS, STEPS = f"{PROVED}:terms_are_the_evaluators", f"{PROVED}:steps_are_the_evaluators"
KEPT_SYSTEMS, IDENTITY = "explorer.lowering.kept", "explorer.lowering.identity"
CHANGES = "tests.lowering.test_kept_systems:changes_are_seen"
RULES_DECIDE, COPIES, PRISTINE, TOLD_AGAIN = (
    f"tests.lowering.test_kept_systems:{name}"
    for name in ("rules_decide", "copies_are_not_forgotten", "the_tool_is_looked_at", "all_is_told_again")
)
READ_IN_ALL_WAYS = "tests.reduction.test_claims:rules_are_read_in_all_ways"
TRACE, WITNESS = "explorer.answer.counterexample", "explorer.witness.run"
GENERATED, ENDED = (
    "tests.agreement.test_agreement:generated_models_agree",
    "tests.search.test_ends:random_systems_agree",
)
SHARING, INSIDE = (
    f"tests.lowering.test_shared_runs:{name}" for name in ("sharing_changes_nothing", "lines_inside_are_noted")
)
ASKED = "tests.lowering.test_facts:asked_before_is_the_same"
KNOWN, LARGEST, USED = (f"tests.lowering.test_facts:{name}" for name in ("facts_hold", "bounds_hold", "facts_are_used"))
OBSERVED, RESUMED = (
    "tests.litmus.test_litmus_language:observations_are_judged",
    "tests.search.test_disk:resumed_searches_agree",
)
DAMAGED = "tests.search.test_disk:damage_is_noticed"
OUTSIDE, CHECKPOINTS, CERTIFICATES = "explorer.process.foreign", "explorer.cli.resume", "explorer.reduction.certificate"
OPTIONS, MANIFESTS = "tests.process.test_foreign:options_are_known", "tests.process.test_foreign:manifests_are_refused"
LOOKED, WHOSE = "tests.process.test_foreign:states_of_another", "tests.process.test_foreign:levels_of_another"
LINKS, UNASKED = "tests.process.test_foreign:links", "tests.process.test_foreign:overwriting"
KEPT, WHOLE, OWN = (
    "explorer.cache.kept",
    "tests.cache.test_kept:caches_are_whole",
    "tests.cache.test_kept:folders_are_ones_own",
)
QUOTING, TEXTS = "explorer.process.quoting", "tests.process.test_quoting:texts_stay_text"
TESTS = "tests.process.test_quoting:names_of_tests_differ"
NAMELESS, CLAIMED = "tests.process.test_foreign:spilling", "tests.process.test_foreign:unasked_claim_is_refused"
RUNS, FOLLOWED = "explorer.litmus.runs", "tests.litmus.test_litmus_runs:runs_are_followed"
LEFT, CUT_OFF = (f"tests.litmus.test_litmus_runs:{name}" for name in ("what_is_no_end_is_left", "interrupts_are_told"))
VALUES, OBSERVE = "explorer.lowering.values", "explorer.litmus.observe"
ENTRIES, LINUX = "tests.kernel.test_page_table_entries", "explorer.models.linux"
STOP, WORKERS, OUTPUT, TOLD = (
    "explorer.process.stop",
    "explorer.questions.workers",
    "explorer.cli.output",
    "tests.process.test_told",
)
RUN, WRITING = "explorer.cli.run", "explorer.render.files"
BESIDE, APART = "explorer.process.user_files", "tests.process.test_user_files:names_are_kept_apart"
NOBODY = "tests.process.test_user_files:nobody_else_finds_them"
DISK, SPILL, HOMES = f"{NATIVE}.storage.disk", f"{NATIVE}.storage.spill", f"{NATIVE}.storage.homes"


@dataclass(frozen=True)
class Mutant:
    """`edits`: (old text, new text) in the module's source. `judge`: the test that fails on it, as module:function.

    `hangs`: the mutated tool goes on for ever, which its judge can't say; the limit on its time does.
    """

    name: str
    module: str
    edits: tuple[tuple[str, str], ...]
    judge: str
    hangs: bool = False


def mutant(name: str, module: str, judge: str, *texts: str, hangs: bool = False) -> Mutant:
    return Mutant(name, module, tuple(zip(texts[::2], texts[1::2], strict=True)), judge, hangs)


MUTANTS = [
    # the lowering loses behaviour
    mutant("lowering loses an else branch", CODE, AGREE, "self.block(node.orelse)", "pass"),
    mutant(
        "lowering loses a choice value",
        MACHINE,
        AGREE,
        "options = [(v, c) for v, c in options if c != FALSE]",
        "options = [(v, c) for v, c in options if c != FALSE][:2]",
    ),
    mutant(
        "a generator in a comprehension is evaluated whole",
        ELEMENTS,
        AGREE,
        "return self.generate(node, 0, own, lambda at: self.value(node.elt, at))",
        "return iter(list(self.generate(node, 0, own, lambda at: self.value(node.elt, at))))",
    ),
    mutant(
        "an element that is not there may not be None",
        BUILTIN,
        AGREE,
        "        path.context.append(condition)\n        try:\n            value = path.present(",
        "        path.context.append(TRUE)\n        try:\n            value = path.present(",
    ),
    mutant(
        "a key is in every mapping", ELEMENTS, AGREE, "        if self.may_leave(index, held):", "        if False:"
    ),
    mutant(
        "what is under the last index is under each from the end",
        ELEMENTS,
        AGREE,
        "        return self.held[index]\n",
        "        return self.held[index if index >= 0 else -1]\n",
    ),
    mutant(
        "which part it is does not depend on the state",
        ELEMENTS,
        AGREE,
        "return next((value for condition, value in cases[:-1] if self.decide(condition)), cases[-1][1])",
        "return cases[0][1]",
    ),
    mutant(
        "static values may change",
        "explorer.language.unchanging",
        UNCHANGED,
        "len(now) != len(held) or any(a is not b for a, b in zip(now, held, strict=True))",
        "len(now) < len(held)",
    ),
    mutant("work is not counted", "explorer.lowering.limits", LIMITS, "if self.done > MOST_WORK:", "if False:"),
    mutant(
        "paths of a condition are not counted",
        MACHINE,
        PATHS,
        "if len(found.results) + len(found.failures) > limits.MOST_PATHS:",
        "if False:",
    ),
    mutant(
        "equal expressions are kept twice",
        "explorer.system.form",
        SHARED,
        "        key = (op, args)\n",
        "        key = (op, args, object())\n",
    ),
    mutant(
        "two threads make two of one expression",
        "explorer.system.form",
        "tests.lowering.test_facts:equal_expressions_are_one",
        "        if known is not None:\n            return known\n        noted = _Known(made, _forget)",
        "        noted = _Known(made, _forget)",
    ),
    mutant(
        "what nobody has is kept",
        "explorer.system.form",
        "tests.lowering.test_facts:equal_expressions_are_one",
        "            del _known[gone.key]",
        "            pass",
    ),
    mutant(
        "a table is kept whatever the test says",
        "explorer.litmus.kept",
        "tests.litmus.test_kept_tables:key_is_all_that_counts",
        "parts, program.text)",
        "parts, program.name)",
    ),
    mutant(
        "a table is kept whatever the tests are run on",
        "explorer.litmus.kept",
        "tests.litmus.test_kept_tables:key_is_all_that_counts",
        "content.digest(content.tool(), parts, program.text)",
        "content.digest(content.tool(), program.text)",
    ),
    mutant(
        "a table is kept whatever the tool is",
        "explorer.litmus.kept",
        "tests.litmus.test_kept_tables:key_is_all_that_counts",
        "content.digest(content.tool(), parts, program.text)",
        "content.digest(parts, program.text)",
    ),
    mutant(
        "a table is taken where some rule agrees",
        "explorer.litmus.kept",
        "tests.litmus.test_kept_tables:key_is_all_that_counts",
        "if all(value_text(object",
        "if any(value_text(object",
    ),
    mutant(
        "a table of some runs is kept",
        "explorer.litmus.kept",
        "tests.litmus.test_kept_tables:whole_tables_only",
        "if not self.key or not observation.complete or None",
        "if not self.key or None",
    ),
    mutant(
        "a table is taken whatever the bound is",
        "explorer.litmus.explore",
        "tests.litmus.test_kept_tables:whole_tables_only",
        "and not witness and max_states is None",
        "and not witness",
    ),
    mutant(
        "a table is taken whatever the engine is",
        "explorer.litmus.explore",
        "tests.litmus.test_kept_tables:whole_tables_only",
        'return engine == "auto" and not witness',
        "return not witness",
    ),
    mutant(
        "a table is taken where a run is asked for",
        "explorer.litmus.explore",
        "tests.litmus.test_kept_tables:whole_tables_only",
        'return engine == "auto" and not witness and max',
        'return engine == "auto" and max',
    ),
    mutant(
        "a value of many cases is that of the wrong half",
        "explorer.lowering.values",
        LONG,
        "return merge(first, merged_value(cases[:middle]), merged_value(cases[middle:]))",
        "return merge(first, merged_value(cases[middle:]), merged_value(cases[:middle]))",
    ),
    mutant(
        "a branch that the path settles is not noted",
        MACHINE,
        NEVER,
        "                    self.passed[taken] = None",
        "                    if not isinstance(condition, Constant):\n                        self.passed[taken] = None",
    ),
    mutant(
        "a branch inside a condition is not noted",
        MACHINE,
        NEVER,
        "            found.passed.update(path.passed)\n",
        "",
    ),
    mutant(
        "what a run that ends in an error takes is not taken",
        "explorer.answer.checking",
        NEVER,
        'index in outcome.fired and action.outcome != "blocked"',
        'index in outcome.fired and action.outcome == "step"',
    ),
    mutant("lowering loses a loop exit", CODE, AGREE, "self.out[jump].to = end", "self.out[jump].to = end - 1"),
    mutant(
        "lowering never leaves a while",
        MACHINE,
        AGREE,
        "way = self.decide(condition)\n                        taken",
        "way = self.decide(condition) or instruction.loop\n                        taken",
    ),
    mutant(
        "lowering loses a return inside a loop",
        CODE,
        AGREE,
        'self.emit("return", node, value=value)',
        'any(k == "loop" for k, _, _ in self.exits) or self.emit("return", node, value=value)',
    ),
    mutant(
        "lowering loses a whole thread",
        LOWER,
        AGREE,
        "for thread in model.threads:\n            self.thread(thread)",
        "for thread in model.threads[:-1]:\n            self.thread(thread)",
    ),
    mutant(
        "guard is read on arrival",
        THREADED,
        AGREE,
        "if point.park.when is None:",
        "if point.park.when is None or point is not self.points[self.initial - 1]:",
        "                    if enabled:\n                        self.declared_ranges(path, stack)\n",
        "                    if enabled:\n"
        "                        if park is not None and park.when is not None:\n"
        "                            path.assume(path.condition(park.when.body, stack[-1]))\n"
        "                        self.declared_ranges(path, stack)\n",
    ),
    # what runs through a step share
    mutant(
        "a merged value is that of another run",
        MACHINE,
        SHARING,
        "key = (tuple(self.decisions[: len(self.options)]), self.asked)",
        "key = ((), self.asked)",
    ),
    mutant(
        "a merged value is the first that was asked for",
        MACHINE,
        GENERATED,
        "key = (tuple(self.decisions[: len(self.options)]), self.asked)",
        "key = (tuple(self.decisions[: len(self.options)]), 0)",
    ),
    mutant(
        "lines inside a merged value are not noted",
        MACHINE,
        INSIDE,
        "        self.lines |= found.lines\n",
        "",
    ),
    mutant(
        "a run goes on from after its decision",
        THREADED,
        GENERATED,
        "while saved and saved[-1].decided >= len(decisions):",
        "while saved and saved[-1].decided > len(decisions):",
    ),
    mutant(
        "a run goes on with what another wrote",
        WAY,
        GENERATED,
        "other.writes, other.written, other.exact = dict(self.writes),",
        "other.writes, other.written, other.exact = self.writes,",
    ),
    mutant(
        "a run goes on with what another knows",
        WAY,
        SHARING,
        "other.facts = self.facts.copy()",
        "other.facts = self.facts",
    ),
    mutant(
        "a run goes on with the locals of another",
        WAY,
        SHARING,
        "a.pc, dict(a.env), dict(a.assigned))",
        "a.pc, a.env, dict(a.assigned))",
    ),
    mutant(
        "what is simple is still so when more is known",
        FACTS,
        ASKED,
        "self.memo = {e: known for e, known in self.memo.items() if not e.reads & reads}",
        "self.memo = {**self.memo}",
    ),
    mutant(
        "bounds stay when more is known",
        FACTS,
        ASKED,
        "self.known_bounds = {e: known for e, known in self.known_bounds.items() if not e.reads & reads}",
        "self.known_bounds = {**self.known_bounds}",
    ),
    mutant("what one path knows all know", FACTS, SHARING, "        self.about |= reads\n", ""),
    mutant(
        "an expression reads its first cell only",
        "explorer.system.form",
        SHARING,
        "reads |= a.reads",
        "reads = reads or a.reads",
    ),
    mutant("lock is not released by return", CODE, AGREE, "for kind in withs:", "for kind in ():"),
    mutant(
        "lock is not released by break",
        CODE,
        AGREE,
        "self.release(kind, node)\n                    continue",
        "continue",
    ),
    mutant(
        "static locals do not tell control points apart",
        THREADED,
        AGREE,
        "return (type(value).__name__, value)",
        "return (type(value).__name__, 0)",
    ),
    mutant(
        "condition of a step keeps no local alive",
        CODE,
        AGREE,
        "return names_used(node.body) - {a.arg for a in node.args.args}",
        "return set()",
    ),
    # the lowering computes something else
    mutant(
        "value is returned after the lock is released",
        CODE,
        AGREE,
        "                if withs:",
        "                if not withs:",
    ),
    mutant(
        "quotient by a negative number is thought to grow",
        FACTS,
        AGREE,
        'case "floordiv" if c == d and c > 0',
        'case "floordiv" if c == d and c',
    ),
    mutant("remainder is thought too small", FACTS, AGREE, 'case "mod" if c == d and c > 0', 'case "mod" if c > 0'),
    mutant(
        "static and symbolic values of a local stay apart",
        THREADED,
        AGREE,
        "self.static.add((here, local))",
        "pass",
    ),
    mutant("range check dropped", ACTIONS, AGREE, "if inside == TRUE:", "if inside:"),
    mutant("index check dropped", WAY, AGREE, "if self.may_leave(index, array.elements):", "if not array:"),
    mutant(
        "and is evaluated eagerly",
        OPERATORS,
        AGREE,
        "self.context.append(condition if is_and else neg(condition))",
        "self.context.append(TRUE)",
    ),
    mutant("folding rounds towards zero", BUILD, AGREE, "Constant(x // y if y else 0)", "Constant(int(x / y))"),
    mutant("paths believe too much", FACTS, AGREE, 'strict = (op == "lt") == value', "strict = True"),
    mutant(
        "dead local is not reset",
        THREADED,
        RESET,
        "for key in sorted(held - kept, key=",
        "for key in sorted(kept - kept, key=",
    ),
    mutant(
        "ghost that nobody reads is kept",
        GHOST,
        GHOSTS,
        "if not c.ghost or i in needed]",
        "if True]",
    ),
    mutant(
        "ghost leaks into a condition",
        ACTIONS,
        GHOSTS,
        "        for read in sorted(cells_read(guard)):\n            if cells[read].ghost:",
        "        for read in sorted(cells_read(guard)):\n            if not cells:",
    ),
    # the evaluator
    mutant("updates are sequential", SEMANTICS, PARALLEL, "        n = list(s)", "        n = s = list(s)"),
    mutant(
        "division rounds towards zero",
        SEMANTICS,
        TABLE,
        "return a // b if b else 0",
        "return int(a / b) if b else 0",
    ),
    mutant(
        "remainder has the sign of the dividend",
        SEMANTICS,
        TABLE,
        "return a % b if b else 0",
        "return a - b * int(a / b) if b else 0",
    ),
    # the search
    mutant(
        "search skips its last level",
        SEARCH,
        EXHAUSTIVE,
        "        return bool(following)\n",
        "        return len(following) > 1\n",
    ),
    mutant(
        "depth bound is off by one", DRIVER, DEPTH, "frontier.depth >= bounds.depth:", "frontier.depth > bounds.depth:"
    ),
    mutant("depth bound is called complete", DRIVER, DEPTH, 'return "depth"', 'return ""'),
    mutant(
        "last level of a bounded search has no deadlocks",
        DRIVER,
        DEPTH,
        "frontier.look_ahead()",
        "pass",
    ),
    mutant("initial state is not checked", SEARCH, EXHAUSTIVE, "self.check_states(first, 0)", "pass"),
    mutant(
        "state before a step is the one after",
        SEARCH,
        EXHAUSTIVE,
        "zip(steps, test(t, s), strict",
        "zip(steps, test(t, t), strict",
    ),
    mutant("state is found twice", SEARCH, EXHAUSTIVE, "if t not in seen and t not in new:", "if t not in seen:"),
    mutant("deadlock ignores may_wait", SEMANTICS, EXHAUSTIVE, " or state[t.cell] in t.may_wait", ""),
    mutant(
        "later violation replaces the first",
        SEARCH,
        EXHAUSTIVE,
        "self.found.setdefault(name, found)",
        "self.found[name] = found",
    ),
    # the counterexample
    mutant(
        "not the fewest switches",
        SEARCH,
        LEAST,
        "return min(c + (a != actor) for a, c in entry.items())",
        "return min(entry.values())",
    ),
    mutant(
        "not the first in order",
        SEARCH,
        LEAST,
        "if best is None or total < best[0]:",
        "if best is None or total <= best[0]:",
    ),
    mutant("first switch is free", SEARCH, LEAST, "previous = actions[best[1]].actor", "previous = None"),
    mutant(
        "not the shortest",
        SEARCH,
        LEAST,
        "open_props = [p for p in self.states_props if p.name not in self.found]",
        "open_props = list(self.states_props) if depth != 1 else []",
    ),
    mutant("variables are not compared with CPython", TRACE, REPLAYED, "agree(position + 1, after)", "pass"),
    mutant(
        "replay: whichever assertion fails",
        TRACE,
        FAILING,
        "if at is None or assert_place(at) != (given.span.file, given.span.line, given.span.column):",
        "if at is None:",
    ),
    mutant(
        "replay: whatever an assertion says", TRACE, FAILING, "return not said or given.text in said", "return True"
    ),
    mutant("replay: whichever step it is", TRACE, FAILING, "if run.next_step(who) != action.label:", "if False:"),
    mutant("replay: what only CPython has", TRACE, FAILING, "        if lost:\n", "        if False:\n"),
    mutant(
        "replay: what only the search has",
        TRACE,
        FAILING,
        "theirs.get(variable) != value",
        "theirs.get(variable, value) != value",
    ),
    mutant(
        "replay: an assertion that nobody fails",
        TRACE,
        FAILING,
        "if name in (ASSERTIONS, *assertions(system)) and len(path.states) > len(path.actions):",
        "if False:",
    ),
    mutant(
        "replay: why ever a property can't be evaluated",
        TRACE,
        FAILING,
        "if any(is_it(system, f, fault) for f in ours):",
        "if ours:",
    ),
    # the other execution
    mutant(
        "enumerator loses the first choice",
        WITNESS,
        AGREE,
        "for at in range(len(options) - 1, -1, -1):",
        "for at in range(len(options) - 1, 0, -1):",
    ),
    # the compiled search
    mutant(
        "compiled: a mask is a bit short",
        f"{NATIVE}.codegen.text",
        SYSTEMS,
        "(1 << bits) - 1}",
        "(1 << bits) - 2}",
    ),
    mutant("compiled: a field is not cleared", EMIT, SYSTEMS, "cleared |= field.mask", "cleared |= field.mask >> 1"),
    mutant("compiled: two fields share a bit", PLACES, WORDS, "free[word] -= width", "free[word] -= max(width - 1, 0)"),
    mutant(
        "compiled: a negated condition is lost",
        EMIT,
        SYSTEMS,
        "((yes, True), (no, False))",
        "((yes, True), (no, True))",
    ),
    mutant(
        "compiled: actions that do not test the cell are lost",
        EMIT,
        SYSTEMS,
        "actions = self.branch_on_cell(cell, actions, body)",
        "self.branch_on_cell(cell, actions, body)\n                return",
    ),
    mutant(
        "compiled: division rounds towards zero",
        EMIT,
        SIGNS,
        "i1 {down}, i64 {less}, i64 {quotient}",
        "i1 {down}, i64 {quotient}, i64 {quotient}",
    ),
    mutant(
        "compiled: a failing step is a deadlock",
        EMIT,
        SYSTEMS,
        'if action.outcome != "blocked":\n                w.line("store',
        'if action.outcome == "step":\n                w.line("store',
    ),
    mutant(
        "compiled: a property of steps reads the old control point",
        EMIT,
        SYSTEMS,
        "updates[action.location[0]] = Constant(action.location[2])",
        "updates[action.location[0]] = Constant(action.location[1])",
    ),
    mutant(
        "compiled: the hash of a successor is another",
        EMIT,
        SYSTEMS,
        'f"lshr i64 {mixed}, {right}"',
        'f"lshr i64 {mixed}, {right + 1}"',
    ),
    mutant(
        "compiled: a partition is left out",
        f"{NATIVE}.exchange",
        SYSTEMS,
        "            p = mine\n",
        "            p = mine + len(self.taking)\n",
    ),
    mutant(
        "compiled: a share is left out",
        f"{NATIVE}.storage.homes",
        THREADS,
        "mine[n::workers] = stops[n::workers]",
        "mine[n + workers :: workers] = stops[n + workers :: workers]",
    ),
    mutant(
        "compiled: one word of a state is compared",
        LOOPS,
        HASHES,
        "def equal(words, a, i, b, j):\n    for k in range(len(words)):",
        "def equal(words, a, i, b, j):\n    for k in range(1):",
    ),
    mutant(
        "compiled: a table that grows loses states",
        LOOPS,
        LARGE,
        "    hashes = np.empty(BLOCK, np.uint64)\n    for first in range(0, count, BLOCK):",
        "    hashes = np.empty(BLOCK, np.uint64)\n    for first in range(0, count - BLOCK, BLOCK):",
    ),
    mutant(
        "compiled: the last states of a buffer are not inserted",
        LOOPS,
        LARGE,
        "m = min(BLOCK, n - first)",
        "m = max(1, min(BLOCK, n - first) - 1)",
    ),
    mutant(
        "compiled: context switches cost nothing",
        f"{NATIVE}.paths",
        SHIPPED,
        "total = cost + (previous not in (-1, int(self.actor_of[i])))",
        "total = cost",
    ),
    mutant(
        "compiled: earlier levels are not taken out",
        f"{NATIVE}.storage.spill",
        SPILLED,
        "        yield rows[alive]",
        "        yield rows",
    ),
    mutant(
        "compiled: a run is merged in part",
        f"{NATIVE}.storage.spill",
        MERGED,
        "(group + 1) * PARTITIONS // groups",
        "(group + 1) * PARTITIONS // groups - (group > 0)",
    ),
    # liveness
    mutant(
        "liveness: weak fairness demands nothing",
        FAIR,
        BRUTE,
        "((always & ~self.strong) | (ever & self.strong))",
        "(ever & self.strong)",
    ),
    mutant("liveness: strong fairness is weak", FAIR, BRUTE, "(ever & self.strong)", "(always & self.strong)"),
    mutant(
        "liveness: all steps of all threads meet one demand",
        FAIR,
        BRUTE,
        "setdefault((demander(action), ",
        'setdefault(("", ',
    ),
    mutant(
        "liveness: components are not refined",
        FOREVER,
        BRUTE,
        "pending.append({v for v",
        "pending.append({v for v in () for v",
    ),
    mutant(
        "liveness: a way out of a component meets a demand",
        FOREVER,
        BRUTE,
        "                        if w in component:\n",
        "                        if w in self.numbers.values():\n",
    ),
    mutant(
        "liveness: no run ever stops",
        FOREVER,
        BRUTE,
        "                    found.append(component)\n                elif",
        "                    found += [component] * (len(component) > 1)\n                elif",
    ),
    mutant("liveness: leads_to is asked for always", FOREVER, BRUTE, "if values[v][0]}", "if True}"),
    mutant(
        "liveness: a run may leave and come back", FOREVER, BRUTE, "[(w, True)] if w in without else []", "[(w, True)]"
    ),
    mutant(
        "liveness: context switches of a stem cost nothing",
        LASSO,
        BRUTE,
        "            total += bool(taken) and actor[taken[-1]] != actor[action]\n",
        "",
    ),
    mutant("liveness: the loop forgets a demand", LASSO, BRUTE, "        if not unmet:\n", "        if found:\n"),
    mutant(
        "liveness: every run stops at once",
        LASSO,
        BRUTE,
        "if not fairness.unmet([graph.enabled_demands(start)], 0):",
        "if True:",
    ),
    mutant(
        "compiled: weak fairness demands nothing",
        CYCLES,
        GRAPHS,
        "hopeless |= (always[c, k] & ~strong[k] & ~taken[c, k]) != 0",
        "hopeless |= False",
    ),
    mutant(
        "compiled: components are not refined",
        CYCLES,
        GRAPHS,
        "                elif stays:\n",
        "                elif False:\n",
    ),
    mutant(
        "compiled: components that are refined stay as they are",
        CYCLES,
        GRAPHS,
        "stays &= possible[v, k] & unmet == 0",
        "again = False",
    ),
    mutant(
        "compiled: a component reaches beyond its group",
        CYCLES,
        GRAPHS,
        "if group[w] == group[v]:",
        "if group[w] >= -1:",
    ),
    mutant("lowering: what a user decides is fair", THREADED, DEMANDS, "if park.voluntary or self", "if self"),
    mutant(
        "lowering: nothing is handed to who waits",
        THREADED,
        DEMANDS,
        "return park.fairness or self.thread.fairness",
        "return self.thread.fairness",
    ),
    mutant(
        "witness: every loop is fair",
        "explorer.witness.lasso",
        LIES,
        "        if met(places):\n            often",
        "        if not places:\n            often",
    ),
    mutant(
        "witness: every loop is closed",
        "explorer.witness.lasso",
        LIES,
        "if seen[after] != seen[after - period]:",
        "if False:",
    ),
    mutant("witness: what comes in the loop is not seen", "explorer.witness.lasso", LIES, " or any(comes[loop:])", ""),
    mutant("an unfair run violates", "explorer.answer.replaying", JUDGED, "    if unmet:\n", "    if unmet < 0:\n"),
    # partial order
    mutant(
        "partial order: a step that takes another away is independent of it",
        INDEPENDENT,
        SMALLEST,
        "            encoding.no(self.guard(b, after_a)),\n            encoding.no(self.guard(a, after_b)),\n",
        "",
    ),
    mutant(
        "partial order: the orders of two steps may end differently",
        INDEPENDENT,
        SMALLEST,
        "            encoding.no(encoding.equal(*both_ways, sorted(cells))),\n",
        "",
    ),
    mutant(
        "partial order: independent is what commutes here and now",
        STUBBORN,
        SMALLEST,
        "        tables = self.tables\n        true =",
        "        tables, self.here = self.tables, state\n        true =",
        "adding = self.tables.dependent[i] & ~found",
        "adding = mask(j for j in range(i + 99) if self.tables.dependent[i] >> j & 1 and self.clash(i, j)) & ~found",
        "        self.truths =",
        "        self.after = __import__('explorer.system.semantics', fromlist=['x']).Semantics(system).successors\n"
        "        self.truths =",
        "    def begin(self",
        """    def clash(self, i: int, j: int) -> bool:
        now = dict(self.after(self.here))
        ends = [dict(self.after(now[a])).get(b) if now.get(a) else None for a, b in ((i, j), (j, i))]
        return j not in now or ends[0] is None or ends[0] != ends[1]

    def begin(self""",
    ),
    mutant(
        "partial order: a step that waits brings nothing",
        STUBBORN,
        SMALLEST,
        "adding = bringing & ~found",
        "adding = 0",
    ),
    mutant(
        "partial order: nothing enables anything",
        STUBBORN,
        SMALLEST,
        "tuple(relations.enablers(c) for c in conditions)",
        "tuple(0 for c in conditions)",
    ),
    mutant(
        "partial order: invariants of another setting are used",
        "explorer.answer.partial_order",
        SMALLEST,
        "certificate(system).invariants",
        "certificate(__import__('tests.support.reduction_cases', fromlist=['x']).first_setting(system)).invariants",
    ),
    mutant(
        "partial order: with symmetry, what is dead has dead images",
        "explorer.answer.partial_order",
        "tests.reduction.test_partial_order:both_answer",
        "if symmetry.orbits[i] <= known",
        "if i in known",
    ),
    mutant(
        "partial order: a query that is not answered proves",
        f"{SYMBOLIC}.encode",
        UNANSWERED,
        'return answer == "unsat"',
        'return answer != "sat"',
    ),
    mutant(
        "partial order: one way in which a goal could hold is forgotten",
        STUBBORN,
        REDUCED,
        "        for group in start:\n",
        "        for group in start[:2]:\n",
    ),
    mutant(
        "partial order: where a step shows the goal, nothing is done",
        STUBBORN,
        SMALLEST,
        "                    continue  # so",
        "                    return 0  # so",
    ),
    mutant(
        "partial order: cells that others are made of are left out",
        GOALS,
        SMALLEST,
        "        pending = read - found\n",
        "        pending = set()\n",
    ),
    mutant(
        "partial order: a step that writes what another reads is independent of it",
        TEXT,
        SMALLEST,
        "a & self.read[j] or b & self.read[i] or a & b",
        "a & b",
    ),
    mutant(
        "partial order: a constant that is stored is never the one that is needed",
        TEXT,
        SMALLEST,
        "return stored is None or (stored == code) == same",
        "return stored is None",
    ),
    mutant(
        "compiled: a step that waits brings nothing",
        CHOICE,
        CHOOSING,
        "            size += add(enablers[condition], sets)\n    return size",
        "            pass\n    return size",
    ),
    mutant(
        "compiled: what is chosen is not the first of those that add as little",
        CHOICE,
        CHOOSING,
        "every < best_all)",
        "every <= best_all)",
    ),
    # families
    mutant(
        "family: an intersection forgotten", FAMILY, SETTINGS, "under = new & family.presence[index]", "under = new"
    ),
    mutant(
        "family: all settings of a state go on, not the new ones only",
        FAMILY,
        SETTINGS,
        "following[t] = following.get(t, 0) | fresh",
        "following[t] = following.get(t, 0) | fresh | self.reached.get(t, 0)",
    ),
    mutant(
        "family: a setting that shows something again is found deeper",
        FAMILY,
        SETTINGS,
        "fresh = settings & ~union(known.values())",
        "fresh = settings",
    ),
    mutant("family: a deadlock is one of all settings", FAMILY, SETTINGS, "dead |= new & ~moving", "dead |= new"),
    mutant(
        "family: no deadlock where another setting moves",
        FAMILY,
        SETTINGS,
        "if new & ~moving and not at_rest(self.system, s):",
        "if not moving and not at_rest(self.system, s):",
    ),
    mutant(
        "family: a property of some settings speaks for all",
        FAMILY,
        SETTINGS,
        "seen.show(self.family.names[p.name], new & self.family.applies[p.name])",
        "seen.show(self.family.names[p.name], new)",
    ),
    mutant(
        "family: settings in error go on",
        FAMILY,
        SETTINGS,
        "self.last = {state: new & ~stopped for state, new in level.items() if new & ~stopped}",
        "self.last = level",
    ),
    mutant(
        "family: two settings with the same case are one",
        CASES,
        SETTINGS,
        "found[exprs] = found.get(exprs, 0) | there",
        "found[exprs] = there",
    ),
    mutant(
        "family: a case is there under all settings",
        CASES,
        SETTINGS,
        "tuple(self.settle(e, cell, code) for e in exprs), there & having)",
        "tuple(self.settle(e, cell, code) for e in exprs), there)",
    ),
    mutant(
        "compiled family: an intersection forgotten",
        FAMILY_LOOPS,
        SETTINGS_COMPILED,
        "under[i] = combine(BOTH, new, moves.presence[action], sets)",
        "under[i] = new",
    ),
    mutant(
        "compiled family: what was made of two sets is taken for something else",
        FAMILY_LOOPS,
        SETTINGS_COMPILED,
        "key = U(kind) << U(60) | U(a) << U(30) | U(b)",
        "key = U(a) << U(30) | U(b)",
    ),
    mutant(
        "compiled family: a table of any size, for loops that find a place by a mask",
        f"{NATIVE}.family",
        "tests.reduction.test_family:tables_of_sets_grow",
        "return 1 << (4 * entries - 1).bit_length()",
        "return 4 * entries",
    ),
    # repairs
    mutant(
        "repair: a counterexample is possible everywhere",
        SCHEDULES,
        REPAIRS,
        "guard = conj(condition, self.put(action.guard, state))",
        "guard = condition",
    ),
    mutant(
        "repair: what is violated there is not asked",
        SCHEDULES,
        REPAIRS,
        "key: conj(c, self.end(name, *key)) for",
        "key: c for",
    ),
    mutant(
        "repair: what z3 does not prove is proved",
        PROPOSED,
        REPAIRS,
        "bool(answer == z3.unsat)",
        "bool(answer == z3.sat)",
    ),
    mutant(
        "repair: more changes than needed are tried first",
        PROPOSED,
        REPAIRS,
        "add_soft(literals[0], 1)",
        "add_soft(z3.Not(literals[0]), 1)",
    ),
    mutant(
        "repair: a rule that is read only after another change does not vary",
        BUILDS,
        LATER,
        "if len(self.rules) == count:",
        "if True:",
    ),
    mutant(
        "repair: what is met after the first model stays as it is",
        BUILDS,
        LATER,
        "if reason:",
        "if reason or self.made:",
    ),
    mutant(
        "repair: a rule that decides what is built is taken for one that does not matter",
        BUILDS,
        LATER,
        "return all(values[rule] == value for rule, value in self.fixed.items())",
        "return True",
    ),
    mutant(
        "repair: no model in one setting is none in all",
        BUILDS,
        LATER,
        "return NoModel(self.where({r: values[r] for r, v in enumerate(self.rules) if v.rule in deciding}), reason)",
        "return NoModel(self.where({}), reason)",
    ),
    mutant(
        "repair: a known schedule rules out the setting unasked",
        REPAIR,
        LATER,
        "if condition == FALSE or not evaluate(condition, state):",
        "if condition == FALSE:",
    ),
    mutant(
        "repair: cubes that differ in two rules are put together",
        "explorer.reduction.cubes",
        COUNTS,
        "if len(apart) == 1:",
        "if len(apart) <= 2:",
    ),
    mutant(
        "repair: settings in two cubes are counted as left",
        "explorer.reduction.cubes",
        COUNTS,
        "if any(all(free[i][rule:]) for i in inside):",
        "if all(all(free[i][rule:]) for i in inside):",
    ),
    # necessity
    mutant(
        "necessity: routines that mirror no kernel function are passed over",
        REMOVAL,
        EVERYBODY,
        "if isinstance(source.node, ast.Lambda):",
        "if isinstance(source.node, ast.Lambda) or not source.kernel:",
    ),
    mutant(
        "necessity: a decision that a routine's result settles is none",
        MACHINE,
        EVERYBODY,
        "self.world.settled.setdefault(instruction.node, way) != way",
        "False",
    ),
    mutant(
        "necessity: what a routine returns is not listed",
        REMOVAL,
        EVERYBODY,
        'return (VALUE, "") if node.value is not None else ("", "")',
        'return "", ""',
    ),
    mutant(
        "necessity: what only a ghost sees is not listed",
        REMOVAL,
        EVERYBODY,
        "return (GHOST if any(of_state(target) for target in targets) else LOCAL)",
        'return ("" if any(of_state(target) for target in targets) else LOCAL)',
    ),
    mutant(
        "necessity: that nothing breaks a property is said of bounded searches as of complete ones",
        "explorer.render.necessity",
        "tests.questions.test_necessity:bounds_are_said",
        '"" if complete else',
        '"" if True else',
    ),
    # symmetry
    mutant(
        "symmetry: the representative is no member of the orbit",
        CANON,
        CANONICAL,
        "table = w.value(f\"or i64 {table}, {w.value(f'shl i64 {code}, {old}')}\")",
        "table = w.value(f\"or i64 {table}, {w.value(f'shl i64 {sort.codes[0]}, {old}')}\")",
    ),
    mutant(
        "symmetry: the representative depends on the member",
        CANON,
        CANONICAL,
        "for last in range(count - 1, 0, -1):",
        "for last in range(count - 2, 0, -1):",
    ),
    mutant(
        "symmetry: counterexamples are of representatives",
        SEARCH,
        ORBITS,
        "self.levels if self.symmetry is None else self.concrete(found)",
        "self.levels",
    ),
    mutant(
        "symmetry: what is not decided is certified",
        CERTIFIED,
        "tests.reduction.test_symmetry:unknown_is_no_proof",
        'if answer == "unsat":\n            return\n',
        'if answer != "sat":\n            return\n',
    ),
    mutant(
        "symmetry: guards are not compared",
        CERTIFIED,
        DECLARED,
        "[encoding.no(can == could), encoding.both([can, differ])]",
        "[encoding.both([can, could, differ])]",
    ),
    mutant(
        "symmetry: a permutation is not tried",
        CANON,
        CANONICAL,
        "icmp ule i64 %following",
        "icmp ult i64 %following",
    ),
    mutant(
        "symmetry: properties of steps are read on the representative",
        SEARCH,
        "tests.reduction.test_symmetry:steps_are_of_the_system",
        "                if test is not None:\n                    for p, value in zip(steps, test(t, s), strict=True):",
        "                t = self.representative(t)\n"
        "                if test is not None:\n                    for p, value in zip(steps, test(t, s), strict=True):",
    ),
    mutant(
        "symmetry: the images of actions may be no bijection",
        ALIKE,
        MAPS,
        "if len(maps) != count or any(maps[maps[i]] != i for i in range(count)):",
        "if len(maps) != count:",
    ),
    mutant(
        "compiled: failing actions are asked for without their images",
        LEVELS,
        ORBITS,
        "return frozenset().union(*(self.symmetry.orbits[i] for i in actions))",
        "return frozenset(actions)",
    ),
    mutant(
        "symmetry: constants are not exchanged",
        "explorer.reduction.exchanges",
        "tests.reduction.test_symmetry:properties_are_compared",
        "return Constant(codes.get(int(expr.value), int(expr.value)))",
        "return expr",
    ),
    mutant(
        "symmetry: an action that is no other's image passes for one to the letter",
        "explorer.reduction.letter",
        "tests.reduction.test_symmetry:letters_are_compared",
        "if not all(literally):",
        "if not any(literally):",
    ),
    mutant(
        "symmetry: properties are not read",
        "explorer.reduction.letter",
        "tests.reduction.test_symmetry:letters_are_compared",
        "            if not same(expr, renaming, forms):",
        "            if False:",
    ),
    mutant(
        "symmetry: cells that name a value stay where the values are put in order",
        "explorer.reduction.orders",
        "tests.reduction.test_symmetry:representatives_by_order",
        "new[cell] = self.codes[place]",
        "pass",
    ),
    # what z3 proves
    mutant(
        "unknown is read as proved", f"{SYMBOLIC}.encode", SILENCE, '.get(answer, "unknown")', '.get(answer, "unsat")'
    ),
    mutant(
        "an answer is read as its opposite",
        f"{SYMBOLIC}.encode",
        FACTS_HOLD,
        'return answer == "unsat"',
        'return answer == "sat"',
    ),
    mutant(
        "invariants are not asked at the start",
        f"{SYMBOLIC}.invariants",
        START,
        'if answer == "unsat":\n            return\n        if len',
        "if answer:\n            return\n        if len",
    ),
    mutant(
        "a property is not asked at the start",
        f"{SYMBOLIC}.prepare",
        START,
        'return answer == "unsat" and all(',
        "return all(",
    ),
    mutant(
        "invariants outlive those they rest on",
        f"{SYMBOLIC}.invariants",
        TOGETHER,
        "waiting[other] = None",
        "pass",
    ),
    mutant(
        "a step may leave the domains that proofs assume",
        f"{SYMBOLIC}.invariants",
        DOMAINS,
        "if not all(map(self.stays, steps)):",
        "if not steps:",
    ),
    mutant(
        "an interrupted query is one that is not answered",
        f"{SYMBOLIC}.encode",
        "tests.symbolic.test_certificates:ctrl_c_is_pythons",
        'solver.set("ctrl_c", False)',
        "pass",
    ),
    mutant(
        "the sign of a remainder is the dividend's", f"{SYMBOLIC}.encode", TERMS, "rest = a % b", "rest = z3.SRem(a, b)"
    ),
    mutant(
        "terms have a bit too few",
        f"{SYMBOLIC}.encode",
        TERMS,
        "return largest.bit_length() + 1",
        "return largest.bit_length()",
    ),
    mutant(
        "steps do not move their thread",
        f"{SYMBOLIC}.encode",
        STEPS,
        "if action.location is not None:\n            terms[",
        "if action.location is None:\n            terms[",
    ),
    mutant(
        "matrix: what is read of a copy is not read of the record",
        "explorer.language.rules",
        READ_IN_ALL_WAYS,
        "if type(given) is type(record):",
        "if given is record:",
    ),
    mutant(
        "matrix: comparing records reads nothing",
        "explorer.language.rules",
        READ_IN_ALL_WAYS,
        "all(bool(getattr(rules, f.name) == getattr(other, f.name)) for f in dataclasses.fields(rules))",
        'agree(rules, object.__getattribute__(other, "__dict__"))',
    ),
    # what was lowered before is taken only for the very same
    mutant(
        "a system is taken whatever the rules are",
        KEPT_SYSTEMS,
        RULES_DECIDE,
        "if all(place.value(number, rule) == value for number, rule, value in read):",
        "if True:",
    ),
    mutant(
        "reads of a copy are forgotten",
        KEPT_SYSTEMS,
        COPIES,
        "            self.strange = True\n",
        "            pass\n",
        "        elif any((id(record), name) not in built for name in names):\n            return\n",
        "",
    ),
    mutant(
        "a rule is read once only for who asks first",
        KEPT_SYSTEMS,
        RULES_DECIDE,
        "(n, rule) for n, rule, _ in reads.told",
        "(n, rule) for n, rule, _ in [*reads.told][:1]",
    ),
    mutant(
        "the tool may be another",
        KEPT_SYSTEMS,
        PRISTINE,
        "content.digest(content.tool(), known.digest)",
        "content.digest(known.digest)",
    ),
    mutant(
        "the tool may be changed in memory", KEPT_SYSTEMS, PRISTINE, "    if not as_imported():\n", "    if False:\n"
    ),
    mutant(
        "classes of the tool may be changed in memory",
        KEPT_SYSTEMS,
        PRISTINE,
        "for space in (held, *map(vars, classes)):",
        "for space in (held,):",
    ),
    mutant(
        "nobody is told what a kept system reads",
        KEPT_SYSTEMS,
        TOLD_AGAIN,
        "                    tell(record, rule, object.__getattribute__(record, rule), settles)\n",
        "                    pass\n",
    ),
    mutant(
        "a model is not told which rules it reads",
        KEPT_SYSTEMS,
        TOLD_AGAIN,
        "                    model.rules_read.note(place.records[number], rule)\n",
        "                    pass\n",
    ),
    *(
        mutant(f"a model is the same: {what}", IDENTITY, CHANGES, was, made)
        for what, was, made in (
            ("whatever closures hold", "contents(cell) for cell in function.__closure__ or ()", "()"),
            (
                "whatever globals are",
                "pending = [(word, space[word]) for word in words if word in space]",
                "pending = []",
            ),
            (
                "whatever a class holds",
                "n, v) for n, v in vars(cls).items() if n not in OF_CLASSES",
                "n, n) for n in vars(cls)",
            ),
            ("whatever a dict maps to", 'f"{{{d.items(v.items())}}}"', 'f"{{{d.all(v)}}}"'),
            ("whatever a view of one maps to", 'f"mapping {d.items(v.items())}"', 'f"mapping {d.all(v)}"'),
            ("whatever its bases are", "({self.all(cls.__bases__)}) {self.items(held)}", "{self.items(held)}"),
            ("whatever the defaults are", "{self.refer(function.__defaults__)} ", ""),
            ("whatever its file says", "        self.read(code.co_filename)\n", "        pass\n"),
            ("whatever an object holds", "{self.items([*held.items(), *inside])}", "{self.items(inside)}"),
            ("whatever a list holds", 'list: lambda d, v: f"[{d.all(v)}]"', 'list: lambda d, v: f"[{len(v)}]"'),
            ("whatever a table holds", 'dict: lambda d, v: f"{{{d.items(v.items())}}}"', "dict: lambda d, v: d.all(v)"),
            (
                "whatever a set holds",
                "{type(value).__name__} {self.all(one for",
                "{type(value).__name__} {len(found)} {self.all(() for",
            ),
            (
                "whatever is left open",
                "if isinstance(held.get(name), Open | Rules)",
                "if isinstance(held.get(name), Rules)",
            ),
            ("whatever is asked", "if name not in NOT_READ}, list(claims)]", "if name not in NOT_READ}]"),
            (
                "whatever its properties compute",
                'property: lambda d, v: f"property {d.all((v.fget, v.fset, v.fdel))}"',
                'property: lambda d, v: "property"',
            ),
            (
                "whatever a number is",
                "            return repr(value)\n        if type(value) is tuple",
                "            return type(value).__name__\n        if type(value) is tuple",
            ),
            (
                "one or True",
                "            return repr(value)\n",
                "            return repr(value * 1 if value else value)\n",
            ),
        )
    ),
    # what a path knows, and how large values get
    mutant(
        "a product has one corner", FACTS, LARGEST, "corners = [a * c, a * d, b * c, b * d]", "corners = [a * c, b * d]"
    ),
    mutant(
        "a negative divisor is forgotten",
        FACTS,
        LARGEST,
        "return min(c + 1, 0), max(d - 1, 0)",
        "return 0, max(d - 1, 0)",
    ),
    mutant(
        "a choice is as small as its first value", FACTS, LARGEST, "return min(a, c), max(b, d)", "return a, max(b, d)"
    ),
    mutant(
        "a value that is not the least one is larger",
        FACTS,
        KNOWN,
        '(Apply("eq", (read, Constant(lo)))) is False:',
        '(Apply("eq", (read, Constant(lo)))) is not True:',
    ),
    mutant("a condition from the right bounds the other side", FACTS, KNOWN, "upper = left == value", "upper = value"),
    mutant(
        "what is refuted is assumed",
        FACTS,
        KNOWN,
        "self._assume(condition.args[0], not value)",
        "self._assume(condition.args[0], value)",
    ),
    mutant(
        "one side of a disjunction is believed",
        FACTS,
        KNOWN,
        '("and" if value else "or")',
        '("or" if value else "and")',
    ),
    mutant("equal is what may be equal", FACTS, KNOWN, "if b < c:", "if b <= c:"),
    mutant(
        "what is given is forgotten",
        FACTS,
        KNOWN,
        "if given is TRUE or type(expr) is Constant:\n            return self.bounds(expr)",
        "if given is TRUE or type(expr) is Constant:\n            return None",
    ),
    mutant(
        "what chooses a value is given the other way",
        FACTS,
        KNOWN,
        "(neg(expr.args[0]), expr.args[2])",
        "(expr.args[0], expr.args[2])",
    ),
    mutant(
        "ranges are not used",
        FACTS,
        USED,
        "if lo == hi:\n                    return Constant(lo)",
        "if False:\n                    return Constant(lo)",
    ),
    mutant(
        "intervals: a difference is a sum",
        "explorer.system.intervals",
        LARGEST,
        "return a - d, b - c",
        "return a - c, b - d",
    ),
    mutant(
        "intervals: None is no value",
        "explorer.system.intervals",
        LARGEST,
        "(domain.lo, domain.top)",
        "(domain.lo, domain.hi)",
    ),
    # the lowering, on models that are generated
    mutant(
        "an expression takes its first branch",
        OPERATORS,
        GENERATED,
        "for way, branch in ((condition, node.body), (neg(condition), node.orelse)):",
        "for way, branch in ((condition, node.body),):",
    ),
    mutant("'is not' is 'is'", OPERATORS, GENERATED, "same if isinstance(op, ast.Is) else neg(same)", "same"),
    mutant("a sum takes away", BUILTIN, GENERATED, 'arithmetic("add", total, term)', 'arithmetic("sub", total, term)'),
    mutant(
        "what a comprehension asks is not asked",
        ELEMENTS,
        GENERATED,
        "                    conditions.append(condition)\n                    if condition == FALSE",
        "                    if condition == FALSE",
    ),
    # what an observation says
    mutant(
        "litmus: a bounded search refutes nothing", OBSERVE, OBSERVED, '"Always": not self.negative', '"Always": True'
    ),
    mutant(
        "litmus: what was seen may still never be", OBSERVE, OBSERVED, '"Never": not self.positive,', '"Never": True,'
    ),
    mutant(
        "litmus: a run is followed for one other actor only",
        RUNS,
        FOLLOWED,
        "for who in ready[1:]]",
        "for who in ready[2:]]",
    ),
    mutant("litmus: nothing but the first is chosen", RUNS, FOLLOWED, "range(1, run.options[at])", "range(1, 1)"),
    mutant("litmus: who comes instead chooses the first", RUNS, FOLLOWED, "if begun:", "if False:"),
    mutant(
        "litmus: runs are executed twice",
        RUNS,
        FOLLOWED,
        "range(len(picks), len(run.options))",
        "range(len(run.options))",
    ),
    mutant(
        "litmus: a run that can't be finished is an end",
        RUNS,
        LEFT,
        'except (TooMany, Blocked, Fault):\n        return None, ""',
        "except (TooMany, Blocked, Fault):\n        pass",
    ),
    mutant("litmus: an interrupt is not told", RUNS, CUT_OFF, 'return runs.rows, "interrupt"', 'return runs.rows, ""'),
    mutant("litmus: Blocked agrees with any row", OBSERVE, OBSERVED, '"Blocked": not self.rows', '"Blocked": True'),
    mutant(
        "litmus: a bounded search proves",
        OBSERVE,
        OBSERVED,
        "if self.complete:\n            return self.word",
        "if self.rows:\n            return self.word",
    ),
    mutant("litmus: Sometimes is Always", OBSERVE, OBSERVED, '"Sometimes" if self.negative else "Always"', '"Always"'),
    mutant(
        "litmus: no end is Never",
        OBSERVE,
        OBSERVED,
        "if not self.rows:\n            return",
        "if self.rows is None:\n            return",
    ),
    mutant(
        "litmus: forall is satisfied by one",
        OBSERVE,
        OBSERVED,
        '"forall": not self.negative',
        '"forall": self.positive > 0',
    ),
    mutant(
        "litmus: a row is counted as often as it is reached",
        OBSERVE,
        OBSERVED,
        "tuple(sorted(set(rows)))",
        "tuple(sorted(rows))",
    ),
    mutant(
        "litmus: a BUG is no end of its own",
        OBSERVE,
        OBSERVED,
        "            if row.bug:\n",
        "            if not row:\n",
    ),
    mutant(
        "end states: those of the last level are left out",
        "explorer.search.ends",
        ENDED,
        "search.levels[: outcome.depth + 1]",
        "search.levels[: outcome.depth]",
    ),
    mutant(
        "end states: what is blocked can move",
        "explorer.search.ends",
        ENDED,
        "if all(i in blocked for i, _ in",
        "if not any(True for i, _ in",
    ),
    # the compiled step function
    mutant(
        "compiled: all labels are the first",
        EMIT,
        GRAPHS,
        'f"shl i64 {wide}, {place % 64}"',
        'f"shl i64 {wide}, {place % 2}"',
    ),
    mutant("compiled: a thread rests only where it is finished", EMIT, SYSTEMS, "{*thread.may_wait, *(()", "{*(()"),
    mutant(
        "compiled: one thread at rest is enough",
        EMIT,
        SYSTEMS,
        'self.w.value(f"and i1 {result}, {rests}")',
        'self.w.value(f"or i1 {result}, {rests}")',
    ),
    mutant(
        "compiled: the first property of states is not looked at",
        EMIT,
        SYSTEMS,
        'self.raise_events(self.claims(states, self.code), "%events")',
        'self.raise_events(self.claims(states[1:], self.code), "%events")',
    ),
    mutant(
        "compiled: the second word of a hash is not mixed",
        EMIT,
        SYSTEMS,
        'mixed = w.value(f"xor i64 {mixed}, {word}")',
        'mixed = w.value(f"xor i64 {mixed}, {words[0]}")',
    ),
    # canonical forms
    mutant(
        "symmetry: own cells are read with too many bits",
        CANON,
        CANONICAL,
        'new[cell] = w.value(f"and i64 {value}, {signed_pattern((1 << bits) - 1)}")',
        "new[cell] = value",
    ),
    mutant(
        "symmetry: cells that name a value keep its old name",
        CANON,
        CANONICAL,
        "            for cell in sort.naming:\n",
        "            for cell in sort.naming[1:]:\n",
    ),
    mutant(
        "symmetry: keys of two words are compared by the first",
        CANON,
        CANONICAL,
        'self.w.value(f"select i1 {same}, i1 {result}, i1 {less}")',
        "result",
    ),
    mutant(
        "symmetry: of a sort that is tried the last exchange is left out",
        CANON,
        CANONICAL,
        "steps = [*steps, *(step for change in outer for step in (change, *steps))]",
        "steps = [*steps, *(step for change in outer[1:] for step in (change, *steps))]",
    ),
    mutant(
        "symmetry: what stands for a state is the first tried",
        CANON,
        CANONICAL,
        "with w.when(self.below(found, best)):",
        "with w.when(self.below(best, found)):",
    ),
    mutant(
        "symmetry: an exchange moves cells and not codes",
        CANON,
        CANONICAL,
        "if after - lo != code:",
        "if after - lo == code:",
    ),
    mutant(
        "symmetry: nothing is relabelled beyond the codes of the sort",
        CANON,
        CANONICAL,
        "if c not in sort.codes)",
        "if c in sort.codes)",
    ),
    # stubborn sets
    mutant(
        "partial order: steps that do not depend are all there is",
        STUBBORN,
        SMALLEST,
        "if enabled >> i & 1:\n                adding",
        "if enabled:\n                adding",
    ),
    mutant(
        "partial order: a condition that holds needs enablers",
        STUBBORN,
        CHOOSING,
        "if not true >> condition & 1:",
        "if true >> condition & 1 or not true:",
    ),
    mutant(
        "compiled: sets are closed by one word",
        CHOICE,
        CHOOSING,
        "for k in range(sets.shape[1]):\n                if sets[PENDING, k] != U(0):",
        "for k in range(1):\n                if sets[PENDING, k] != U(0):",
    ),
    mutant(
        "compiled: a start whose goal holds is taken",
        CHOICE,
        CHOOSING,
        "                begun = False\n                break\n",
        "                break\n",
    ),
    mutant(
        "compiled: what is best is all that was found",
        CHOICE,
        CHOOSING,
        "sets[BEST, k] = sets[FOUND, k] & sets[ENABLED, k]",
        "sets[BEST, k] = sets[FOUND, k]",
    ),
    mutant(
        "compiled: what is pending stays from one start to the next",
        CHOICE,
        CHOOSING,
        "        for k in range(sets.shape[1]):\n            sets[FOUND, k] = sets[PENDING, k] = U(0)\n        size, begun",
        "        for k in range(sets.shape[1]):\n            sets[FOUND, k] = U(0)\n        size, begun",
    ),
    # levels on disk
    mutant(
        "disk: a range of hashes is merged twice",
        SPILL,
        MERGED,
        "first, last = group * PARTITIONS // groups,",
        "first, last = max(group * PARTITIONS // groups - 1, 0),",
    ),
    mutant(
        "disk: an earlier level is read once for all ranges",
        SPILL,
        SPILLED,
        "            starts[depth] = at\n",
        "            starts[depth] = size\n",
    ),
    mutant(
        "disk: what is left of a piece is taken for the next one",
        SPILL,
        SPILLED,
        "at += int(np.searchsorted(old_hashes, hashes[-1]))",
        "at += len(old)",
    ),
    mutant(
        "disk: the first level is not compared",
        SPILL,
        SPILLED,
        "for depth, size in enumerate(levels.sizes):",
        "for depth, size in list(enumerate(levels.sizes))[1:]:",
    ),
    mutant(
        "disk: runs of a level stay for the next",
        SPILL,
        SPILLED,
        "        while self.runs.sizes:\n            self.runs.drop_last()\n",
        "        while False:\n            self.runs.drop_last()\n",
    ),
    mutant(
        "disk: a piece is read from the front",
        DISK,
        SPILLED,
        "self.offset(depth) + 8 * self.words * first",
        "self.offset(depth)",
    ),
    mutant("resume: damage is read as states", DISK, DAMAGED, "if total.hexdigest() != expected:", "if not expected:"),
    mutant("resume: a checkpoint of another system is taken", CHECKPOINT, DAMAGED, "sealed.system != self.key or ", ""),
    mutant("resume: a manifest is believed", DISK, DAMAGED, '!= outer.get("digest"):', '== "":'),
    mutant(
        "resume: half a level is a level",
        DISK,
        DAMAGED,
        "os.ftruncate(self.file, self.offset(len(sealed.sizes)))",
        "self.sizes += [1] * (there > self.offset(len(sealed.sizes)))",
    ),
    mutant(
        "resume: what was seen before the stop is forgotten",
        CHECKPOINT,
        RESUMED,
        "search.targets, search.undefined = dict(sealed.targets), dict(sealed.undefined)",
        "search.targets, search.undefined = {}, dict(sealed.undefined)",
    ),
    mutant(
        "resume: transitions before the stop are not counted",
        CHECKPOINT,
        RESUMED,
        "        search.transitions = sealed.transitions\n",
        "",
    ),
    mutant(
        "resume: what was taken before the stop was never",
        CHECKPOINT,
        RESUMED,
        "        search.fired[:] = sealed.fired\n",
        "",
    ),
    mutant(
        "resume: states go to the partition before theirs",
        HOMES,
        RESUMED,
        "np.arange(1, PARTITIONS, dtype=np.uint64)",
        "np.arange(2, PARTITIONS + 1, dtype=np.uint64)",
    ),
    mutant(
        "resume: a finished search goes on",
        CHECKPOINT,
        RESUMED,
        "search.complete = sealed.complete and bool(sealed.sizes)",
        "search.complete = False",
    ),
    mutant(
        "resume: an error found before the stop is none",
        CHECKPOINT,
        RESUMED,
        "search.error = sealed.error",
        "search.error = None",
    ),
    # what comes from outside
    mutant(
        "a checkpoint sets any option",
        CHECKPOINTS,
        OPTIONS,
        "given = mapping(about, ABOUT)",
        "given = mapping(about)",
        "    return {\n",
        "    return dict(about) | {\n",
    ),
    mutant(
        "a checkpoint names a file that is imported",
        "explorer.answer.model_names",
        OPTIONS,
        "    if name in known:\n",
        "    if True:\n",
    ),
    mutant(
        "an action of a checkpoint is an error", CHECKPOINT, MANIFESTS, "and (sealed.error is None or ", "and (True or "
    ),
    mutant("states of another are not looked at", CHECKPOINT, LOOKED, "None if sealed.ours else self.look", "None"),
    mutant(
        "states of another may be in any order",
        CHECKPOINT,
        LOOKED,
        "rows[i + 1].tolist() <= rows[i].tolist()",
        "False",
        "if hashes[i + 1] < hashes[i] or",
        "if",
        "if before > (depth, int(hashes[0])):",
        "if False:",
    ),
    mutant(
        "states of another may start anywhere",
        CHECKPOINT,
        LOOKED,
        "        if depth == 0:\n",
        "        if depth < 0:\n",
    ),
    mutant(
        "anybody's checkpoint is one's own",
        DISK,
        WHOSE,
        "ours = isinstance(signature, str)",
        "ours = True or isinstance(signature, str)",
    ),
    mutant(
        "a checkpoint of another is one's own when it was gone on with",
        CHECKPOINT,
        WHOSE,
        "self.taken = sealed.taken",
        "pass",
    ),
    mutant("a link to states is followed", DISK, LINKS, "os.O_NOFOLLOW | ", "", "if path.is_symlink():", "if False:"),
    mutant("a hard link to states is followed", DISK, LINKS, "if about.st_nlink > 1:", "if about.st_nlink > 2:"),
    mutant(
        "a link to a manifest is followed",
        DISK,
        LINKS,
        '            beside.unlink(missing_ok=True)\n            with open(beside, "x"',
        '            with open(beside, "w"',
    ),
    mutant(
        "a checkpoint is overwritten",
        DISK,
        UNASKED,
        "elif os.path.lexists(folder / MANIFEST):",
        "elif False:",
        "elif os.path.lexists(folder / STATES) and",
        "elif False and",
    ),
    mutant(
        "a file called states is overwritten",
        DISK,
        UNASKED,
        "elif os.path.lexists(folder / STATES) and",
        "elif False and",
    ),
    mutant(
        "runs are files in the folder",
        DISK,
        NAMELESS,
        "tempfile.TemporaryFile(dir=folder) as file:",
        "tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:",
    ),
    mutant("a dead action is none of the system", CERTIFICATES, CLAIMED, "max(len(system.actions) - 1, 0)", "1 << 40"),
    mutant(
        "a property that is proved is none of the system",
        CERTIFICATES,
        CLAIMED,
        "        foreign.one_of(name, [*always, ASSERTIONS])\n",
        "        foreign.text(name)\n",
    ),
    mutant(
        "assertions are believed to hold",
        CERTIFICATES,
        CLAIMED,
        "if ASSERTIONS in proved and not",
        "if None in proved and not",
    ),
    # what is kept
    mutant(
        "what is kept is taken unlooked at",
        KEPT,
        WHOLE,
        "data if digest_of(kind, key, data) == digest else None",
        "data",
    ),
    mutant("what is kept is taken under any name", KEPT, WHOLE, 'f"{kind}/{key}\\0".encode() + data', "data"),
    mutant(
        "what others can write is read",
        KEPT,
        OWN,
        '    if wrong:\n        return private(f"',
        '    if wrong:\n        str(f"',
    ),
    mutant(
        "a sticky folder is one's own",
        KEPT,
        OWN,
        "(place == folder or not about.st_mode & stat.S_ISVTX)",
        "not about.st_mode & stat.S_ISVTX",
    ),
    mutant("another user's folder is one's own", KEPT, OWN, "if about.st_uid != user and", "if about.st_uid < 0 and"),
    # text in other languages
    mutant(
        "a quote ends a Python literal",
        QUOTING,
        TEXTS,
        "if char in '\"\\\\':\n        return",
        "if char in '\\\\':\n        return",
    ),
    mutant("a docstring is written as it is", QUOTING, TEXTS, "    plain = text and all(", "    plain = text or all("),
    mutant("HTML is written as it is", QUOTING, TEXTS, "return html.escape(lines(text))", "return lines(text)"),
    mutant("a control character stays in HTML", QUOTING, TEXTS, "html.escape(lines(text))", "html.escape(text)"),
    mutant("a comment sign stays in a comment", QUOTING, TEXTS, '("*/", "/*", "(*"', '("/*", "(*"'),
    mutant(
        "a control character stays in a comment",
        QUOTING,
        TEXTS,
        '" ".join(clean(text).split())',
        '" ".join(text.split())',
    ),
    mutant("a backquote ends a code span", QUOTING, TEXTS, "default=0) + 1)\n    pad", "default=0) * 0 + 1)\n    pad"),
    mutant("a bar ends a cell", QUOTING, TEXTS, 'text.replace("|", "\\\\|") if table', "text if table"),
    mutant("a quote ends a DOT name", QUOTING, TEXTS, """.replace('"', '\\\\"')""", ""),
    mutant("a bar ends a field of a record", QUOTING, TEXTS, 'if c in "{}|<> "', 'if c in "{}<> "'),
    mutant(
        "two tests have one name", "explorer.render.pytest_file", TESTS, "    while found in taken:", "    while False:"
    ),
    # liveness
    mutant(
        "liveness: nothing rests",
        LASSO,
        BRUTE,
        "return ~graph.enabled_demands(v) & ~fairness.strong",
        "return 0",
        hangs=True,
    ),
    mutant(
        "liveness: only weak demands are looked at in a loop",
        LASSO,
        BRUTE,
        "goals |= unmet & ~fairness.strong or unmet & -unmet",
        "goals |= unmet & ~fairness.strong",
        hangs=True,
    ),
    mutant(
        "liveness: what waits is not possible in a blocked step",
        FOREVER,
        BRUTE,
        'if system.actions[action].outcome != "blocked":',
        "if target is not None:",
    ),
    mutant(
        "liveness: two components that meet are one",
        FOREVER,
        BRUTE,
        "                    if w in on_path:\n",
        "                    if w in index:\n",
    ),
    mutant(
        "liveness: a stem begins with the first step",
        FOREVER,
        BRUTE,
        "level = [(v, True) for v in graph.initial if v in entries]",
        "level = []",
    ),
    mutant(
        "compiled: steps are in the order in which they are found",
        CYCLES,
        FIRST,
        "while k > first and action[k - 1] > actions[j]:",
        "while False:",
    ),
    mutant(
        "liveness: a loop may lead through another component",
        FOREVER,
        FIRST,
        "if self.component.get(w) != self.component[start]:",
        "if w not in self.component:",
    ),
    mutant(
        "liveness: steps are in no order",
        FOREVER,
        FIRST,
        "self.steps.append(sorted(edges))",
        "self.steps.append(sorted(edges, reverse=True))",
    ),
    mutant(
        "compiled: stems are marked a level short",
        CYCLES,
        GRAPHS,
        "marked[node] = inside and fair[v] >= 0",
        "marked[node] = inside",
    ),
    mutant(
        "compiled: a loop may lead through another component",
        CYCLES,
        FIRST,
        "if fair[w] == fair[origin]:",
        "if fair[w] >= 0:",
    ),
    # a stop
    mutant(
        "after a bound on states something is proved",
        "explorer.answer.checking",
        "tests.process.test_stops:stopped_by_states_proves_nothing",
        'result.stopped == "depth"',
        "not result.complete",
    ),
    mutant(
        "reading the model takes no time",
        "explorer.answer.checking",
        "tests.process.test_stops:reading_takes_time",
        "with stop.listening(), stop.within(max_seconds):",
        "with stop.listening():",
    ),
    mutant(
        "what was seen and not replayed holds",
        "explorer.answer.checking",
        "tests.process.test_stops:not_replayed_is_undecided",
        """    if claim.name in outcome.depths.keys() - outcome.paths.keys():
        reason""",
        """    if False:
        reason""",
    ),
    mutant(
        "an answer is written over a model",
        "explorer.render.files",
        "tests.cli.test_writing:no_source_is_lost",
        "    check_no_source(path)\n",
        "",
    ),
    mutant(
        "a name may be anything",
        "explorer.language.model",
        "tests.answer.test_counterexample:names_are_read_again",
        "    if wrong or name != name.strip() or not name:\n",
        "    if False:\n",
    ),
    mutant(
        "a pair is called by its second value",
        "explorer.language.model",
        "tests.answer.test_counterexample:names_are_read_again",
        "    if isinstance(value, tuple | list):\n",
        "    if isinstance(value, list):\n",
    ),
    mutant(
        "a declaration makes any number of threads",
        "explorer.language.model",
        "tests.lowering.test_limits:copies_are_bounded",
        "    if math.prod(map(len, columns)) > MOST_COPIES:\n",
        "    if False:\n",
    ),
    # assertions one by one
    mutant(
        "assertions: all are one",
        "explorer.system.assertions",
        EXHAUSTIVE,
        "return at.file, at.line, at.column, action.failure.text",
        'return at.file, 0, 0, ""',
    ),
    mutant(
        "assertions: the run may end in another",
        SEARCH,
        "tests.search.test_assertions:engines_agree",
        "Found(depth + 1, shows=takes_one_of(own))",
        "Found(depth + 1, shows=self.fails)",
    ),
    mutant(
        "assertions: of those of one level all are hidden",
        "explorer.system.assertions",
        "tests.search.test_assertions:engines_agree",
        "if not own.isdisjoint(actions)}",
        "if actions and own.issuperset(actions)}",
    ),
    mutant(
        "assertions: the run for all of them is one for each",
        "explorer.search.outcome",
        "tests.search.test_assertions:engines_agree",
        "return first if first is not None and first.actions[-1] in asserted.get(name, ()) else None",
        "return first if name in asserted else None",
    ),
    mutant(
        "assertions: partial order searches for none but the first",
        "explorer.search.goals",
        "tests.search.test_assertions:engines_agree",
        " and (ASSERTIONS not in self.paths or self.is_known(goal.name)):",
        ":",
    ),
    mutant(
        "assertions: a manifest names other actions",
        CHECKPOINT,
        "tests.search.test_assertions:foreign_assertions_are_refused",
        " or target.actions != self.search.assertions[name]",
        "",
    ),
    mutant(
        "assertions: what stands for others fails for them",
        "explorer.reduction.symmetry",
        "tests.search.test_assertions:alike_is_one_place",
        "sorts = crossing_sorts(system, generators)",
        "sorts: list[str] = []",
    ),
    # what a process last stored is somewhere
    mutant(
        "an ablation is not marked as one",
        f"{LINUX}.numa",
        "tests.kernel.test_kernels:ablations_are_marked",
        "  # ablation; pte_accessible()",
        "",
    ),
    mutant(
        "a rule may change without a commit",
        f"{LINUX}.rules.declare",
        "tests.kernel.test_kernels:rules_have_commits",
        'first: Change[T], *later: Change[T], unread: str = "") -> T:',
        'first: Change[T] | None = None, *later: Change[T], unread: str = "") -> T:',
    ),
    mutant(
        "a replaced routine is not used",
        f"{LINUX}.memory",
        "tests.kernel.test_slot_reuse:replaced_routines_are_used",
        "routines or the_kernels()",
        "the_kernels()",
    ),
    mutant(
        "mremap leaves swap entries behind",
        f"{LINUX}.protect",
        f"{ENTRIES}:moves_by_reclaim_lose_nothing",
        "memory.set_pte_at(process, new, None if entry is None else replace(entry, uffd_wp=False))",
        "memory.set_pte_at(process, new, replace(entry, uffd_wp=False) if pte_present(entry) else None)",
    ),
    mutant(
        "mremap does not look at the file",
        f"{LINUX}.page_cache",
        f"{ENTRIES}:moves_of_files_lose_nothing",
        "        self.vm_page[process, new] = self.vm_page[process, old]",
        "        pass",
    ),
    mutant(
        "rmap does not follow what has moved",
        f"{LINUX}.memory",
        f"{ENTRIES}:moves_by_migration_lose_nothing",
        "if self.moves:\n            for other in self.pages:\n                found = other if",
        "if self.moves:\n            for other in ():\n                found = other if",
    ),
    mutant(
        "migration looks for its entry where the page was first",
        f"{LINUX}.migrate",
        f"{ENTRIES}:moves_by_migration_lose_nothing",
        "at = memory.rmap_address(process, page, old)",
        "at = page",
    ),
    mutant(
        "migration leaves its entry",
        f"{LINUX}.migrate",
        f"{ENTRIES}:migration_loses_nothing",
        "if is_migration_entry(entry) and entry.frame == old:",
        "if is_migration_entry(entry) and entry.frame == target:",
    ),
    mutant(
        "migration sets no entry",
        f"{LINUX}.migrate",
        f"{ENTRIES}:migration_loses_nothing",
        """    memory.set_pte_at(process, at, MigrationEntry(frame, orig.writable, exclusive, orig.uffd_wp))
    memory.page_remove_rmap(frame)
    memory.put_page(frame)
""",
        """    memory.page_remove_rmap(frame)
    memory.put_page(frame)
""",
    ),
    mutant(
        "reclaim counts no entry that names the slot",
        f"{LINUX}.swap",
        f"{ENTRIES}:reclaim_loses_nothing",
        "    swap.swap_duplicate(slot)\n",
        "",
    ),
    mutant(
        "reclaim does not write the page",
        f"{LINUX}.swap",
        f"{ENTRIES}:reclaim_loses_nothing",
        "            swap.swap_writepage(frame)\n",
        "",
    ),
    mutant(
        "reclaim takes a page out of the swap cache before it is unmapped",
        f"{LINUX}.swap",
        f"{ENTRIES}:reclaim_loses_nothing",
        "    unmapped = True\n    for mapper",
        "    swap.delete_from_swap_cache(frame)\n    unmapped = True\n    for mapper",
    ),
    mutant(
        "a fault on a swap entry reads nothing",
        f"{LINUX}.swap_slots",
        f"{ENTRIES}:reclaim_loses_nothing",
        "            self.memory.data[frame, byte] = self.data[slot, byte]\n",
        "            pass\n",
    ),
    mutant(
        "stored_is_somewhere: somewhere is enough",
        "explorer.properties.stored_is_somewhere",
        f"{ENTRIES}:forgotten_swap_entries_are_noticed",
        "return all(",
        "return any(",
    ),
    mutant(
        "stored_is_somewhere: no entry is no loss",
        f"{LINUX}.memory",
        f"{ENTRIES}:forgotten_swap_entries_are_noticed",
        "return self.cache.holds(process, page, byte, value) or not self.pte_unlocked(process, page)",
        "return True",
    ),
    mutant(
        "stored_is_somewhere: a migration entry is enough",
        f"{LINUX}.memory",
        f"{ENTRIES}:left_migration_entries_are_noticed",
        "return self.data[entry.frame, byte] == value",
        "return isinstance(entry, MigrationEntry) or self.data[entry.frame, byte] == value",
    ),
    mutant(
        "stored_is_somewhere: what was copied is not looked at",
        f"{LINUX}.memory",
        f"{ENTRIES}:uncopied_pages_are_noticed",
        "return self.data[entry.frame, byte] == value",
        "return self.refcount[entry.frame] > 0",
    ),
    mutant(
        "stored_is_somewhere: a free slot is as good",
        f"{LINUX}.swap_slots",
        f"{ENTRIES}:dropped_slots_are_noticed",
        "return self.count[slot] > 0 and held == value",
        "return held == value",
    ),
    mutant(
        "stored_is_somewhere: only what is stored in the run",
        f"{LINUX}.stores",
        f"{ENTRIES}:forgotten_swap_entries_are_noticed",
        "memory.stored_before.get",
        "lambda key: None",
    ),
    mutant(
        "stored_is_somewhere: what has moved is forgotten",
        f"{LINUX}.stores",
        f"{ENTRIES}:forgotten_swap_entries_are_noticed",
        "self.last_value[process, (new, byte)] = self.last_value[process, (old, byte)]",
        "self.last_value[process, (new, byte)] = None",
    ),
    mutant(
        "stored_is_somewhere: what is given up is asked for",
        f"{LINUX}.stores",
        f"{ENTRIES}:stores_to_what_is_given_up_may_go",
        "self.going[process, page] = pending",
        "self.going[process, page] = False",
    ),
    mutant(
        "stored_is_somewhere: a store by a TLB is to where the page was",
        f"{LINUX}.stores",
        f"{ENTRIES}:stores_by_a_tlb_come_before_the_move",
        "self.place[process, old] = new",
        "self.place[process, old] = old",
    ),
    # files of the user's
    mutant(
        "a file of the user's is named by its stem",
        BESIDE,
        APART,
        "name = PREFIX + hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]",
        "name = PREFIX",
    ),
    mutant(
        "what is beside a file is not beside its helpers",
        BESIDE,
        APART,
        "if spec is not None and isinstance(spec.loader, SourceFileLoader):",
        "if False:",
    ),
    mutant(
        "what is beside a file is everybody's",
        BESIDE,
        APART,
        "    made.__path__ = [os.fspath(folder)]\n",
        "    made.__path__ = [os.fspath(folder)]\n    sys.path.insert(0, os.fspath(folder))\n",
    ),
    mutant(
        "a file beside stands in for a module of Python",
        BESIDE,
        NOBODY,
        "if name in sys.stdlib_module_names or name == TOOL:",
        "if name == TOOL:",
    ),
    mutant(
        "a file beside stands in for the tool",
        BESIDE,
        NOBODY,
        "if name in sys.stdlib_module_names or name == TOOL:",
        "if name in sys.stdlib_module_names:",
    ),
    # a process that is told to end
    mutant(
        "a library keeps Ctrl-C",
        STOP,
        f"{TOLD}:ctrl_c_is_pythons_again",
        "signal.SIG_IGN if process else handler",
        "signal.SIG_IGN",
    ),
    mutant(
        "a second Ctrl-C waits as the first did",
        STOP,
        f"{TOLD}:ctrl_c_is_pythons_again",
        "if not told.process and told.count > 1:",
        "if not told.process and told.count > 2:",
    ),
    mutant(
        "a library hears what is the process's",
        STOP,
        f"{TOLD}:ctrl_c_is_pythons_again",
        "wanted = SIGNALS if process else SIGNALS[:1]",
        "wanted = SIGNALS",
    ),
    mutant(
        "a second signal is raised wherever Python is",
        STOP,
        f"{TOLD}:signals_are_noted",
        "if not told.process and told.count > 1:",
        "if told.count > 1:",
    ),
    mutant(
        "the last signal says the exit code",
        STOP,
        f"{TOLD}:signals_are_noted",
        "    told.number = told.number or number\n    told.count",
        "    told.number = number\n    told.count",
    ),
    mutant(
        "every exit code is a signal's",
        STOP,
        f"{TOLD}:signals_are_noted",
        "if given == 130 and told.number else given",
        "if told.number else given",
    ),
    mutant(
        "signals wake a descriptor that is closed",
        STOP,
        f"{TOLD}:signals_are_noted",
        "signal.set_wakeup_fd(-1)\n",
        "pass\n",
    ),
    mutant(
        "it is raised after the end",
        STOP,
        f"{TOLD}:signals_are_noted",
        "        if process:\n            signal.setitimer(signal.ITIMER_REAL, 0)\n",
        "        if process:\n",
    ),
    mutant(
        "who hears for Python is never sent away",
        STOP,
        f"{TOLD}:signals_are_noted",
        "os.close(ends[1])  # ends the thread",
        "pass",
    ),
    mutant(
        "what is ignored is heard",
        STOP,
        f"{TOLD}:ignored_signals_stay_so",
        "if signal.getsignal(n) == usual.get(n, signal.SIG_DFL)]",
        "]",
    ),
    mutant(
        "what a library swallows is lost",
        STOP,
        f"{TOLD}:raised_again_and_again",
        "signal.setitimer(signal.ITIMER_REAL, ASKED, AGAIN)",
        "signal.setitimer(signal.ITIMER_REAL, ASKED)",
    ),
    mutant(
        "a second signal throws the answer away, wherever Python is",
        STOP,
        f"{TOLD}:raised_again_and_again",
        "    if told.pending and not told.answering:\n        raise KeyboardInterrupt",
        "    if told.pending:\n        raise KeyboardInterrupt",
    ),
    mutant(
        "a second signal throws the answer away",
        STOP,
        f"{TOLD}:answers_are_kept",
        "if told.pending and not told.answering and threading",
        "if told.pending and threading",
    ),
    mutant(
        "any thread takes what the main one is told",
        STOP,
        f"{TOLD}:answers_are_kept",
        "if told.pending and not told.answering and threading.current_thread() is threading.main_thread():",
        "if told.pending and not told.answering:",
    ),
    mutant(
        "it is deaf after an answer",
        STOP,
        f"{TOLD}:answers_are_kept",
        "    finally:\n        told.answering = False",
        "    finally:\n        pass",
    ),
    mutant("a second signal ends the process", STOP, f"{TOLD}:stuck_processes_end", "PRESSES = 3", "PRESSES = 2"),
    mutant(
        "nothing breaks a library off",
        STOP,
        f"{TOLD}:stuck_processes_end",
        "                broken()\n",
        "                pass\n",
    ),
    mutant("no number of signals is enough", STOP, f"{TOLD}:stuck_processes_end", "if seen >= PRESSES or (", "if ("),
    mutant(
        "an answer that takes long is thrown away",
        STOP,
        f"{TOLD}:stuck_processes_end",
        "(not told.answering and time.monotonic() - since > STUCK)",
        "(time.monotonic() - since > STUCK)",
    ),
    mutant(
        "who is held up stays",
        STOP,
        f"{TOLD}:stuck_processes_end",
        "(not told.answering and time.monotonic() - since > STUCK)",
        "False",
    ),
    mutant("its processes stay", STOP, f"{TOLD}:nobody_is_left_behind", "        process.kill()\n", "        pass\n"),
    mutant("there is time after Ctrl-C", STOP, f"{TOLD}:time_is_bounded", '("seconds", "interrupt")', '("seconds",)'),
    mutant(
        "more time within a bound than there is",
        STOP,
        f"{TOLD}:time_is_bounded",
        "if seconds is None or (outer is not None and outer[1] <= now + seconds):",
        "if seconds is None:",
    ),
    mutant(
        "a bound stays when the work is done",
        STOP,
        f"{TOLD}:time_is_bounded",
        "    before = bound.set((now, now + seconds))\n    try:\n        yield\n    finally:\n        bound.reset(before)",
        "    bound.set((now, now + seconds))\n    yield",
    ),
    mutant(
        "after a stop all of the time that is left is used",
        STOP,
        f"{TOLD}:time_is_bounded",
        "until = now if given is None or reason in STOPS else",
        "until = now if given is None else",
    ),
    mutant(
        "an interrupt while it is finished is not told",
        STOP,
        f"{TOLD}:reasons_are_told",
        'return None, "interrupt"',
        "return None, reason",
    ),
    mutant(
        "what was broken off is an answer",
        STOP,
        f"{TOLD}:broken_off_in_time",
        "        answer = ask()\n    here()\n",
        "        answer = ask()\n",
    ),
    mutant(
        "a library has all the time", STOP, f"{TOLD}:broken_off_in_time", "        timer.start()\n", "        pass\n"
    ),
    mutant(
        "a library is broken off when it has returned",
        STOP,
        f"{TOLD}:broken_off_in_time",
        "            timer.cancel()\n",
        "            pass\n",
    ),
    mutant("who has returned is told on", STOP, f"{TOLD}:broken_off_in_time", "breakers.remove(broken)", "pass"),
    mutant(
        "an error in another thread is none",
        STOP,
        f"{TOLD}:patience_has_bounds",
        "failed.append(e)",
        "given.append(None)  # type: ignore",
    ),
    mutant(
        "work may take its time",
        STOP,
        f"{TOLD}:patience_has_bounds",
        "done.wait(0.05):\n            here()",
        "done.wait(0.05):\n            pass",
    ),
    mutant(
        "what is left behind is waited for",
        STOP,
        f"{TOLD}:patience_has_bounds",
        "        told.left = True\n",
        "        pass\n",
    ),
    # processes
    mutant(
        "an error of one of many calls is none",
        WORKERS,
        f"{TOLD}:results_and_errors_arrive",
        "            yield futures[done], done.result()",
        "            if done.exception() is None:\n                yield futures[done], done.result()",
    ),
    mutant(
        "results are in the order in which they come",
        WORKERS,
        f"{TOLD}:results_and_errors_arrive",
        "        for done in as_completed(futures):\n            stop.here()\n            yield futures[done], done.result()",
        "        for at, done in enumerate(sorted(futures, key=futures.__getitem__, reverse=True)):\n"
        "            stop.here()\n            yield at, done.result()",
    ),
    mutant(
        "work that nobody wants is waited for",
        WORKERS,
        f"{TOLD}:results_and_errors_arrive",
        "            process.kill()\n",
        "            pass\n",
    ),
    mutant(
        "a process that was ended has answered",
        WORKERS,
        f"{TOLD}:lost_processes_are_noticed",
        '        raise UsageError("a process was ended from outside, perhaps for want of memory: --jobs 1 takes less") from e',
        "        return",
    ),
    mutant(
        "processes hear what is for this one",
        WORKERS,
        f"{TOLD}:signals_are_for_one_process",
        "signal.pthread_sigmask(signal.SIG_BLOCK, stop.SIGNALS)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, ())",
    ),
    mutant(
        "this process hears nothing any more",
        WORKERS,
        f"{TOLD}:signals_are_for_one_process",
        "signal.pthread_sigmask(signal.SIG_SETMASK, before)",
        "pass",
    ),
    mutant(
        "who waits for processes is deaf",
        WORKERS,
        f"{TOLD}:signals_are_for_one_process",
        "as_completed(futures):\n            stop.here()\n",
        "as_completed(futures):\n",
    ),
    mutant(
        "processes take files for modules",
        WORKERS,
        f"{TOLD}:signals_are_for_one_process",
        "with unheard(), wherever():",
        "with unheard():",
    ),
    mutant(
        "processes end at once", WORKERS, f"{TOLD}:nobody_works_for_nobody", "        parent.join()\n", "        pass\n"
    ),
    mutant(
        "processes work for nobody",
        WORKERS,
        f"{TOLD}:nobody_works_for_nobody",
        "        os._exit(1)\n",
        "        return\n",
    ),
    # what the command prints and writes
    mutant(
        "who writes files ends with its reader",
        OUTPUT,
        f"{TOLD}:lost_readers",
        "if self.fd == 1 and not self.elsewhere:",
        "if self.fd == 1:",
    ),
    mutant(
        "who has nobody to tell an error ends",
        OUTPUT,
        f"{TOLD}:lost_readers",
        "if self.fd == 1 and not self.elsewhere:",
        "if not self.elsewhere:",
    ),
    mutant(
        "a reader that goes away is a fault", OUTPUT, f"{TOLD}:lost_readers", "(errno.EPIPE, errno.EIO,", "(errno.EIO,"
    ),
    mutant("what nobody reads is kept", OUTPUT, f"{TOLD}:lost_readers", "            os.dup2(nowhere, self.fd)\n", ""),
    mutant("a full disk is nothing", OUTPUT, f"{TOLD}:full_disks", "if error.errno not in AWAY:", "if False:"),
    mutant(
        "a full disk is nothing where text was in a buffer",
        OUTPUT,
        f"{TOLD}:full_disks",
        "                self.stream.flush()\n            except OSError as e:\n                self.lose(e)",
        "                self.stream.flush()\n            except OSError:\n                pass",
    ),
    mutant(
        "what is closed is nothing",
        OUTPUT,
        f"{TOLD}:full_disks",
        '                    raise OSError(errno.EBADF, "it is closed")',
        "                    return len(text)",
    ),
    mutant(
        "a file is taken for standard input",
        OUTPUT,
        f"{TOLD}:streams_are_guarded",
        "            os.open(os.devnull, os.O_RDWR)",
        "            pass",
    ),
    mutant(
        "what was written stays in a buffer",
        OUTPUT,
        f"{TOLD}:streams_are_guarded",
        "        out.flush()\n        sys.stderr.flush()",
        "        sys.stderr.flush()",
    ),
    mutant(
        "the streams stay guarded",
        OUTPUT,
        f"{TOLD}:streams_are_guarded",
        "        sys.stdout, sys.stderr = before\n",
        "        pass\n",
    ),
    mutant(
        "the code is that of the pipe",
        RUN,
        f"{TOLD}:codes_and_files",
        "        also_in_files()\n",
        "        pass\n",
    ),
    mutant(
        "files are written after the text",
        RUN,
        f"{TOLD}:codes_and_files",
        "            written = [] if out is None else files(result, out)  # before a reader can go away\n        finally:\n"
        "            show(options, model, result, told)\n",
        "            show(options, model, result, told)\n        finally:\n"
        "            written = [] if out is None else files(result, out)\n",
    ),
    mutant(
        "text that was lost is no fault", "explorer.cli.main", f"{TOLD}:codes_and_files", "if out.failed:", "if False:"
    ),
    mutant(
        "half a file may be seen",
        WRITING,
        f"{TOLD}:files_are_whole",
        "            _put(Path(os.path.realpath(path)), text)\n",
        "            path.write_text(text)\n",
    ),
    mutant(
        "what failed stays beside",
        WRITING,
        f"{TOLD}:files_are_whole",
        "        if made:\n            _remove(beside)",
        "        pass",
    ),
    # answers as data
    mutant(
        "a word of JSON is the field's name",
        "explorer.process.data",
        "tests.answer.test_data:test_words",
        "word = next((s.word for s in said if isinstance(s, Named)), name)",
        "word = name",
    ),
    mutant(
        "a kept answer of another form is taken",
        "explorer.process.data",
        "tests.answer.test_data:test_other_forms_are_refused",
        "if type(value) is not wanted:",
        "if False:",
    ),
    mutant(
        "a command has an option once",
        "explorer.process.command_line",
        "tests.answer.test_data:test_command_line",
        "for each in value for word in (option, each)",
        "for each in [*value][:1] for word in (option, each)",
    ),
]
