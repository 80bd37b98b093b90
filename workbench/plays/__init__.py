"""Plays: named parameterised questions with a budget."""
