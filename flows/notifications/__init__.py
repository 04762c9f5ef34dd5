"""Messages: people are told of work and deadlines, the lead of what waits and what goes wrong."""
