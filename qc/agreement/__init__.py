"""How far people agree, how reliable each is, and how fast: statistics of labels and times.

`agreement_coefficients` says how far labels agree, with intervals; `human_accuracy` how often people are right,
clustered both ways; `annotator_reliability` what each annotator's labels are worth; `time_on_task` whose times are
out of the ordinary. All of it works on arrays and knows no ledger, so that every figure can be checked against
published examples.
"""
