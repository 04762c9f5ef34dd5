"""What lies here runs in environments of its own, and is no test."""

collect_ignore_glob = ["*.py"]
