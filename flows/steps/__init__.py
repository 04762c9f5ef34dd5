"""The steps of an advance: collect, interpret, record, check, open tasks, publish, report outcomes."""
