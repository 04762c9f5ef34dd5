"""How far people agree, how reliable each is, and how fast: statistics of labels and times.

`coefficients` says how far labels agree, with intervals; `accuracy` how often people are right, clustered both
ways; `reliability` what each annotator's labels are worth; `pace` whose times are out of the ordinary. All of it
works on arrays and knows no ledger, so that every figure can be checked against published examples.
"""
