"""Litmus tests: their language, and their end states by runs or by a search.

It knows no shipped model; `models/linux/litmus.py` makes a model of a test.
"""
