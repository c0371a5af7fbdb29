"""Proofs for any number of processes, threads, pages and frames: the proof NAME is the function NAME in ``NAME.py``."""
