"""People's own pages: what each shows, how it gets to the servers with our layer, and its address."""
