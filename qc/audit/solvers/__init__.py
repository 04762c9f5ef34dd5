"""What solvers' answers, people's or models', say of the items."""
