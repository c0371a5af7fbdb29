"""A System for other people's checkers: Promela for Spin, TLA+ for TLC, SMT-LIB for z3 and cvc5. Text from data."""
