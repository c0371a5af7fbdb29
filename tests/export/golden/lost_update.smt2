; lost_update
; Written by `explore export --to smtlib`. Give it to a solver as it is:
;
;     z3 lost_update.smt2
;     cvc5 --incremental lost_update.smt2
;
; The question: is one of these violated: never_goes_down? The answers, one for each depth: sat, it is; unsat, it is not.
; The last answer is the induction step: if that and the first are unsat, then never, at any depth.
; (Where it is sat, nothing follows: the property may hold all the same.)
(set-logic QF_LIA)

(define-fun worker_0_at_finished () Int 0)
(define-fun worker_0_at_read () Int 1)
(define-fun worker_0_at_write () Int 2)
(define-fun worker_0_at_read_2 () Int 3)
(define-fun worker_0_at_write_2 () Int 4)
(define-fun worker_1_at_finished () Int 0)
(define-fun worker_1_at_read () Int 1)
(define-fun worker_1_at_write () Int 2)
(define-fun worker_1_at_read_2 () Int 3)
(define-fun worker_1_at_write_2 () Int 4)
(define-fun checker_at_finished () Int 0)
(define-fun checker_at_check () Int 1)

; the initial states
(define-fun init (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int)) Bool
  (and true true
    (= counter_count 0)
    (= worker_0_at worker_0_at_read)
    (= worker_1_at worker_1_at_read)
    (= checker_at checker_at_check)
    (= worker_0_worker_seen 0)
    (= worker_1_worker_seen 0)
  ))

; what each variable may hold
(define-fun domain (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int)) Bool
  (and true true
    (<= 0 counter_count 4)
    (<= 0 worker_0_at 4)
    (<= 0 worker_1_at 4)
    (<= 0 checker_at 1)
    (<= 0 worker_0_worker_seen 4)
    (<= 0 worker_1_worker_seen 4)
  ))

; the steps: from the state before to the one after, whose variables end in .next
(define-fun trans (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int) (counter_count.next Int) (worker_0_at.next Int) (worker_1_at.next Int)
    (checker_at.next Int) (worker_0_worker_seen.next Int) (worker_1_worker_seen.next Int)) Bool
  (or false false
    ; worker[0]: read; lost_update.py:32
    (and
      (= worker_0_at worker_0_at_read)
      (= worker_0_worker_seen.next counter_count)
      (= worker_0_at.next worker_0_at_write)
      (= counter_count.next counter_count) (= worker_1_at.next worker_1_at) (= checker_at.next checker_at)
      (= worker_1_worker_seen.next worker_1_worker_seen) )
    ; worker[0]: write; lost_update.py:35
    (and
      (= worker_0_at worker_0_at_write)
      (<= (+ worker_0_worker_seen 1) 4)
      (= counter_count.next (+ worker_0_worker_seen 1))
      (= worker_0_worker_seen.next 0)
      (= worker_0_at.next worker_0_at_read_2)
      (= worker_1_at.next worker_1_at) (= checker_at.next checker_at)
      (= worker_1_worker_seen.next worker_1_worker_seen) )
    ; worker[0]: read; lost_update.py:32
    (and
      (= worker_0_at worker_0_at_read_2)
      (= worker_0_worker_seen.next counter_count)
      (= worker_0_at.next worker_0_at_write_2)
      (= counter_count.next counter_count) (= worker_1_at.next worker_1_at) (= checker_at.next checker_at)
      (= worker_1_worker_seen.next worker_1_worker_seen) )
    ; worker[0]: write; lost_update.py:35
    (and
      (= worker_0_at worker_0_at_write_2)
      (<= (+ worker_0_worker_seen 1) 4)
      (= counter_count.next (+ worker_0_worker_seen 1))
      (= worker_0_worker_seen.next 0)
      (= worker_0_at.next worker_0_at_finished)
      (= worker_1_at.next worker_1_at) (= checker_at.next checker_at)
      (= worker_1_worker_seen.next worker_1_worker_seen) )
    ; worker[1]: read; lost_update.py:32
    (and
      (= worker_1_at worker_1_at_read)
      (= worker_1_worker_seen.next counter_count)
      (= worker_1_at.next worker_1_at_write)
      (= counter_count.next counter_count) (= worker_0_at.next worker_0_at) (= checker_at.next checker_at)
      (= worker_0_worker_seen.next worker_0_worker_seen) )
    ; worker[1]: write; lost_update.py:35
    (and
      (= worker_1_at worker_1_at_write)
      (<= (+ worker_1_worker_seen 1) 4)
      (= counter_count.next (+ worker_1_worker_seen 1))
      (= worker_1_worker_seen.next 0)
      (= worker_1_at.next worker_1_at_read_2)
      (= worker_0_at.next worker_0_at) (= checker_at.next checker_at)
      (= worker_0_worker_seen.next worker_0_worker_seen) )
    ; worker[1]: read; lost_update.py:32
    (and
      (= worker_1_at worker_1_at_read_2)
      (= worker_1_worker_seen.next counter_count)
      (= worker_1_at.next worker_1_at_write_2)
      (= counter_count.next counter_count) (= worker_0_at.next worker_0_at) (= checker_at.next checker_at)
      (= worker_0_worker_seen.next worker_0_worker_seen) )
    ; worker[1]: write; lost_update.py:35
    (and
      (= worker_1_at worker_1_at_write_2)
      (<= (+ worker_1_worker_seen 1) 4)
      (= counter_count.next (+ worker_1_worker_seen 1))
      (= worker_1_worker_seen.next 0)
      (= worker_1_at.next worker_1_at_finished)
      (= worker_0_at.next worker_0_at) (= checker_at.next checker_at)
      (= worker_0_worker_seen.next worker_0_worker_seen) )
    ; checker: check; lost_update.py:40
    (and
      (= checker_at checker_at_check)
      (= worker_0_at worker_0_at_finished)
      (= worker_1_at worker_1_at_finished)
      (= counter_count 4)
      (= checker_at.next checker_at_finished)
      (= counter_count.next counter_count) (= worker_0_at.next worker_0_at) (= worker_1_at.next worker_1_at)
      (= worker_0_worker_seen.next worker_0_worker_seen) (= worker_1_worker_seen.next worker_1_worker_seen) )
  ))

; always_step: never_goes_down
(define-fun never_goes_down (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int) (counter_count.next Int) (worker_0_at.next Int) (worker_1_at.next Int)
    (checker_at.next Int) (worker_0_worker_seen.next Int) (worker_1_worker_seen.next Int)) Bool
  (<= counter_count counter_count.next))

; reachable: the first is done
(define-fun the_first_is_done (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int)) Bool
  (= worker_0_at worker_0_at_finished))

; reachable: checked
(define-fun checked (
    (counter_count Int) (worker_0_at Int) (worker_1_at Int) (checker_at Int) (worker_0_worker_seen Int)
    (worker_1_worker_seen Int)) Bool
  (= checker_at checker_at_finished))

; the state at depth 0
(declare-fun counter_count.0 () Int)
(declare-fun worker_0_at.0 () Int)
(declare-fun worker_1_at.0 () Int)
(declare-fun checker_at.0 () Int)
(declare-fun worker_0_worker_seen.0 () Int)
(declare-fun worker_1_worker_seen.0 () Int)
; the state at depth 1
(declare-fun counter_count.1 () Int)
(declare-fun worker_0_at.1 () Int)
(declare-fun worker_1_at.1 () Int)
(declare-fun checker_at.1 () Int)
(declare-fun worker_0_worker_seen.1 () Int)
(declare-fun worker_1_worker_seen.1 () Int)
; the state at depth 2
(declare-fun counter_count.2 () Int)
(declare-fun worker_0_at.2 () Int)
(declare-fun worker_1_at.2 () Int)
(declare-fun checker_at.2 () Int)
(declare-fun worker_0_worker_seen.2 () Int)
(declare-fun worker_1_worker_seen.2 () Int)
; the state at depth 3
(declare-fun counter_count.3 () Int)
(declare-fun worker_0_at.3 () Int)
(declare-fun worker_1_at.3 () Int)
(declare-fun checker_at.3 () Int)
(declare-fun worker_0_worker_seen.3 () Int)
(declare-fun worker_1_worker_seen.3 () Int)
; the state at depth 4
(declare-fun counter_count.4 () Int)
(declare-fun worker_0_at.4 () Int)
(declare-fun worker_1_at.4 () Int)
(declare-fun checker_at.4 () Int)
(declare-fun worker_0_worker_seen.4 () Int)
(declare-fun worker_1_worker_seen.4 () Int)
; the state at depth 5
(declare-fun counter_count.5 () Int)
(declare-fun worker_0_at.5 () Int)
(declare-fun worker_1_at.5 () Int)
(declare-fun checker_at.5 () Int)
(declare-fun worker_0_worker_seen.5 () Int)
(declare-fun worker_1_worker_seen.5 () Int)
; the state at depth 6
(declare-fun counter_count.6 () Int)
(declare-fun worker_0_at.6 () Int)
(declare-fun worker_1_at.6 () Int)
(declare-fun checker_at.6 () Int)
(declare-fun worker_0_worker_seen.6 () Int)
(declare-fun worker_1_worker_seen.6 () Int)

(push 1)
(assert (init counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0))
(assert (trans counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0 counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1))
(echo "violated at depth 1:")
(push 1)
(assert (not (never_goes_down counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0 counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1)))
(check-sat)
(pop 1)
(assert (trans counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1 counter_count.2 worker_0_at.2 worker_1_at.2 checker_at.2 worker_0_worker_seen.2
    worker_1_worker_seen.2))
(echo "violated at depth 2:")
(push 1)
(assert (not (never_goes_down counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1 counter_count.2 worker_0_at.2 worker_1_at.2 checker_at.2 worker_0_worker_seen.2
    worker_1_worker_seen.2)))
(check-sat)
(pop 1)
(assert (trans counter_count.2 worker_0_at.2 worker_1_at.2 checker_at.2 worker_0_worker_seen.2
    worker_1_worker_seen.2 counter_count.3 worker_0_at.3 worker_1_at.3 checker_at.3 worker_0_worker_seen.3
    worker_1_worker_seen.3))
(echo "violated at depth 3:")
(push 1)
(assert (not (never_goes_down counter_count.2 worker_0_at.2 worker_1_at.2 checker_at.2 worker_0_worker_seen.2
    worker_1_worker_seen.2 counter_count.3 worker_0_at.3 worker_1_at.3 checker_at.3 worker_0_worker_seen.3
    worker_1_worker_seen.3)))
(check-sat)
(pop 1)
(assert (trans counter_count.3 worker_0_at.3 worker_1_at.3 checker_at.3 worker_0_worker_seen.3
    worker_1_worker_seen.3 counter_count.4 worker_0_at.4 worker_1_at.4 checker_at.4 worker_0_worker_seen.4
    worker_1_worker_seen.4))
(echo "violated at depth 4:")
(push 1)
(assert (not (never_goes_down counter_count.3 worker_0_at.3 worker_1_at.3 checker_at.3 worker_0_worker_seen.3
    worker_1_worker_seen.3 counter_count.4 worker_0_at.4 worker_1_at.4 checker_at.4 worker_0_worker_seen.4
    worker_1_worker_seen.4)))
(check-sat)
(pop 1)
(assert (trans counter_count.4 worker_0_at.4 worker_1_at.4 checker_at.4 worker_0_worker_seen.4
    worker_1_worker_seen.4 counter_count.5 worker_0_at.5 worker_1_at.5 checker_at.5 worker_0_worker_seen.5
    worker_1_worker_seen.5))
(echo "violated at depth 5:")
(push 1)
(assert (not (never_goes_down counter_count.4 worker_0_at.4 worker_1_at.4 checker_at.4 worker_0_worker_seen.4
    worker_1_worker_seen.4 counter_count.5 worker_0_at.5 worker_1_at.5 checker_at.5 worker_0_worker_seen.5
    worker_1_worker_seen.5)))
(check-sat)
(pop 1)
(assert (trans counter_count.5 worker_0_at.5 worker_1_at.5 checker_at.5 worker_0_worker_seen.5
    worker_1_worker_seen.5 counter_count.6 worker_0_at.6 worker_1_at.6 checker_at.6 worker_0_worker_seen.6
    worker_1_worker_seen.6))
(echo "violated at depth 6:")
(push 1)
(assert (not (never_goes_down counter_count.5 worker_0_at.5 worker_1_at.5 checker_at.5 worker_0_worker_seen.5
    worker_1_worker_seen.5 counter_count.6 worker_0_at.6 worker_1_at.6 checker_at.6 worker_0_worker_seen.6
    worker_1_worker_seen.6)))
(check-sat)
(pop 1)
(pop 1)

; the induction step, from any state, not only one that can be reached
(assert (domain counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0))
(assert (trans counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0 counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1))
(assert (not (never_goes_down counter_count.0 worker_0_at.0 worker_1_at.0 checker_at.0 worker_0_worker_seen.0
    worker_1_worker_seen.0 counter_count.1 worker_0_at.1 worker_1_at.1 checker_at.1 worker_0_worker_seen.1
    worker_1_worker_seen.1)))
(echo "induction step:")
(check-sat)
