"""Agreement between people, the reliability of each, and their pace: statistics of labels and times.

`agreement_coefficients` measures agreement of labels, with intervals; `human_accuracy` how often people are right,
clustered both ways; `annotator_reliability` the quality of each annotator's labels; `time_on_task` unusual times.
All of it works on arrays and knows no ledger, so that every figure can be checked against published examples.
"""
