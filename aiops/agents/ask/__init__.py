"""Answers questions of people from the reading tools: no model is needed for the kinds of question that stand here."""
