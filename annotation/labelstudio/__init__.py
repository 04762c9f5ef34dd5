"""Label Studio: `annotation_server` is what the program needs of it, `fake` one that is held to the real one."""
