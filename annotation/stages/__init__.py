"""What people see and hand in, one page a stage: its form, what it shows, how a result is read and refilled."""
