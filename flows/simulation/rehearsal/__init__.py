"""`belebele rehearse`: a real campaign played by scripted people, and what it would take."""
