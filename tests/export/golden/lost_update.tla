-------------------- MODULE lost_update --------------------
(*
 lost_update
 Written by `explore export --to tla`. Beside this file stands the configuration. To count:

     java -cp tla2tools.jar tlc2.TLC -deadlock -config lost_update.cfg lost_update.tla

 "distinct states found" are the states that `explore` counts; "states generated" are its transitions
 and the 1 initial state. A failing step leads back to its state, so that it is counted.
*)
EXTENDS Integers

VARIABLES
    counter_count,                                \* counter.count
    worker_0_at,                                  \* worker[0].at
    worker_1_at,                                  \* worker[1].at
    checker_at,                                   \* checker.at
    worker_0_worker_seen,                         \* worker[0].worker.seen
    worker_1_worker_seen                          \* worker[1].worker.seen

vars == <<counter_count, worker_0_at, worker_1_at, checker_at, worker_0_worker_seen, worker_1_worker_seen>>

worker_0_at_finished == 0
worker_0_at_read == 1
worker_0_at_write == 2
worker_0_at_read_2 == 3
worker_0_at_write_2 == 4
worker_1_at_finished == 0
worker_1_at_read == 1
worker_1_at_write == 2
worker_1_at_read_2 == 3
worker_1_at_write_2 == 4
checker_at_finished == 0
checker_at_check == 1

Init ==
    /\ counter_count = 0
    /\ worker_0_at = worker_0_at_read
    /\ worker_1_at = worker_1_at_read
    /\ checker_at = checker_at_check
    /\ worker_0_worker_seen = 0
    /\ worker_1_worker_seen = 0

\* worker[0]: read; lost_update.py:32
worker_0_read ==
    /\ worker_0_at = worker_0_at_read
    /\ worker_0_worker_seen' = counter_count
    /\ worker_0_at' = worker_0_at_write
    /\ UNCHANGED <<counter_count, worker_1_at, checker_at, worker_1_worker_seen>>

\* worker[0]: write; lost_update.py:35
worker_0_write ==
    /\ worker_0_at = worker_0_at_write
    /\ (worker_0_worker_seen + 1) <= 4
    /\ counter_count' = worker_0_worker_seen + 1
    /\ worker_0_worker_seen' = 0
    /\ worker_0_at' = worker_0_at_read_2
    /\ UNCHANGED <<worker_1_at, checker_at, worker_1_worker_seen>>

\* worker[0]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4
worker_0_write_fails ==
    /\ worker_0_at = worker_0_at_write
    /\ 4 < (worker_0_worker_seen + 1)
    /\ UNCHANGED vars

\* worker[0]: read; lost_update.py:32
worker_0_read_2 ==
    /\ worker_0_at = worker_0_at_read_2
    /\ worker_0_worker_seen' = counter_count
    /\ worker_0_at' = worker_0_at_write_2
    /\ UNCHANGED <<counter_count, worker_1_at, checker_at, worker_1_worker_seen>>

\* worker[0]: write; lost_update.py:35
worker_0_write_2 ==
    /\ worker_0_at = worker_0_at_write_2
    /\ (worker_0_worker_seen + 1) <= 4
    /\ counter_count' = worker_0_worker_seen + 1
    /\ worker_0_worker_seen' = 0
    /\ worker_0_at' = worker_0_at_finished
    /\ UNCHANGED <<worker_1_at, checker_at, worker_1_worker_seen>>

\* worker[0]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4
worker_0_write_fails_2 ==
    /\ worker_0_at = worker_0_at_write_2
    /\ 4 < (worker_0_worker_seen + 1)
    /\ UNCHANGED vars

\* worker[1]: read; lost_update.py:32
worker_1_read ==
    /\ worker_1_at = worker_1_at_read
    /\ worker_1_worker_seen' = counter_count
    /\ worker_1_at' = worker_1_at_write
    /\ UNCHANGED <<counter_count, worker_0_at, checker_at, worker_0_worker_seen>>

\* worker[1]: write; lost_update.py:35
worker_1_write ==
    /\ worker_1_at = worker_1_at_write
    /\ (worker_1_worker_seen + 1) <= 4
    /\ counter_count' = worker_1_worker_seen + 1
    /\ worker_1_worker_seen' = 0
    /\ worker_1_at' = worker_1_at_read_2
    /\ UNCHANGED <<worker_0_at, checker_at, worker_0_worker_seen>>

\* worker[1]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4
worker_1_write_fails ==
    /\ worker_1_at = worker_1_at_write
    /\ 4 < (worker_1_worker_seen + 1)
    /\ UNCHANGED vars

\* worker[1]: read; lost_update.py:32
worker_1_read_2 ==
    /\ worker_1_at = worker_1_at_read_2
    /\ worker_1_worker_seen' = counter_count
    /\ worker_1_at' = worker_1_at_write_2
    /\ UNCHANGED <<counter_count, worker_0_at, checker_at, worker_0_worker_seen>>

\* worker[1]: write; lost_update.py:35
worker_1_write_2 ==
    /\ worker_1_at = worker_1_at_write_2
    /\ (worker_1_worker_seen + 1) <= 4
    /\ counter_count' = worker_1_worker_seen + 1
    /\ worker_1_worker_seen' = 0
    /\ worker_1_at' = worker_1_at_finished
    /\ UNCHANGED <<worker_0_at, checker_at, worker_0_worker_seen>>

\* worker[1]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4
worker_1_write_fails_2 ==
    /\ worker_1_at = worker_1_at_write_2
    /\ 4 < (worker_1_worker_seen + 1)
    /\ UNCHANGED vars

\* checker: check; lost_update.py:40
checker_check ==
    /\ checker_at = checker_at_check
    /\ worker_0_at = worker_0_at_finished
    /\ worker_1_at = worker_1_at_finished
    /\ counter_count = 4
    /\ checker_at' = checker_at_finished
    /\ UNCHANGED <<counter_count, worker_0_at, worker_1_at, worker_0_worker_seen, worker_1_worker_seen>>

\* checker: check; lost_update.py:40; assert: lost update
checker_check_fails ==
    /\ checker_at = checker_at_check
    /\ worker_0_at = worker_0_at_finished
    /\ worker_1_at = worker_1_at_finished
    /\ ~(counter_count = 4)
    /\ UNCHANGED vars

Next ==
    \/ worker_0_read
    \/ worker_0_write
    \/ worker_0_write_fails
    \/ worker_0_read_2
    \/ worker_0_write_2
    \/ worker_0_write_fails_2
    \/ worker_1_read
    \/ worker_1_write
    \/ worker_1_write_fails
    \/ worker_1_read_2
    \/ worker_1_write_2
    \/ worker_1_write_fails_2
    \/ checker_check
    \/ checker_check_fails

Spec == Init /\ [][Next]_vars

\* always_step: never_goes_down
\* (TLC does not look at steps that change nothing)
never_goes_down == [][counter_count <= counter_count']_vars

\* reachable: the first is done
\* (where TLC reports this as violated, the state is reached)
Never_the_first_is_done == ~(worker_0_at = worker_0_at_finished)

\* reachable: checked
\* (where TLC reports this as violated, the state is reached)
Never_checked == ~(checker_at = checker_at_finished)

\* everybody is finished or may wait for ever
AtRest == (worker_0_at = worker_0_at_finished) /\ (worker_1_at = worker_1_at_finished) /\ (checker_at = checker_at_finished)

NoDeadlock == AtRest \/ ENABLED Next

NoAssertionFails ==
    /\ ~((checker_at = checker_at_check) /\ (worker_0_at = worker_0_at_finished) /\ (worker_1_at = worker_1_at_finished) /\ (~(counter_count = 4)))
    /\ TRUE

NoError ==
    /\ ~((worker_0_at = worker_0_at_write) /\ (4 < (worker_0_worker_seen + 1)))
    /\ ~((worker_0_at = worker_0_at_write_2) /\ (4 < (worker_0_worker_seen + 1)))
    /\ ~((worker_1_at = worker_1_at_write) /\ (4 < (worker_1_worker_seen + 1)))
    /\ ~((worker_1_at = worker_1_at_write_2) /\ (4 < (worker_1_worker_seen + 1)))
    /\ TRUE
============================================================
