"""Label Studio: the interface to it (`annotation_server`), the client, and a fake server for tests (`fake`)."""
