"""The searches, on the evaluator and compiled: every state level by level, liveness, end states, families of settings.

They know the form of a system and what reductions give them, and no model, no Linux and no picture.
"""
