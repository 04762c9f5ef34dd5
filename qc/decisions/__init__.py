"""How verdicts become outcomes: the rule table, an item's case, and what follows when reviewers disagree."""
