"""When each stage's tasks are due and what they carry, one file a stage, and what only stages need."""
