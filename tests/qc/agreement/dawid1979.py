"""Five anaesthetists on 45 patients' fitness for a general anaesthetic: table 1 of Dawid and Skene (1979).

A line a patient; the first saw each patient's form three times, so three digits, then one of each other.
"""

import numpy as np

TABLE = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 "
    "2223343 1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 "
    "2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 "
    "2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 "
    "2222222 "
)


def counts() -> np.ndarray:
    """(45, 5, 4): how often who put whom in which class."""
    told = np.zeros((45, 5, 4), np.int64)
    for patient, line in enumerate(TABLE.split()):
        for place, digit in enumerate(line):
            told[patient, max(0, place - 2), int(digit) - 1] += 1
    return told
