"""Decisions: how verdicts become outcomes, by the rule table, an item's case, and the handling of disputes."""
