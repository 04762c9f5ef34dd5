"""`belebele rehearse`: a real campaign played by simulated people, to see what it would take."""
