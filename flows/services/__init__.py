"""Services beside the work: servers, their processes, the schedule, the assistant."""
