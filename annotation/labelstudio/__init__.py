"""Label Studio: what the program needs of it (`seam`), and a fake of it that is held to the real one (`fake`)."""
