"""How a campaign's service fares: what `belebele health` says, and files of metrics for Prometheus."""
