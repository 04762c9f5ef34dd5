"""The terminal: a console that clears texts, a progress bar, and the lines of an advance."""
