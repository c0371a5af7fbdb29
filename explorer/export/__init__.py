"""A System for other people's checkers: Promela for Spin, TLA+ for TLC, SMT-LIB for z3 and cvc5. Text from data.

It knows the form of a system, and not what it means: that is theirs to say.
"""
