"""Answers for a reader: text, diagrams, pictures, notebooks and pages, from data.

It knows results and traces; no search, and no model.
"""
