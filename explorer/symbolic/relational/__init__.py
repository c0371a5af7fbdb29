"""Transition systems over sorts of any size, and proofs that hold for every size: `induction.py` asks z3, the rest does not."""
