"""The loops of the compiled search, by numba: expand, insert, go back along a counterexample."""
