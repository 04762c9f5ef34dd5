"""Views of people: who qualified as an author, by which quiz, and whose verdicts can be compared."""
