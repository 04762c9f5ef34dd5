"""`belebele demo`: the sample campaign, played from start to end and narrated."""
