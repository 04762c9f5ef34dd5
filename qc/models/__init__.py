"""Learners that look for shortcuts in partial inputs: the only importers of torch and transformers.

By default, torch's threads spin while they wait for each other, and on a machine with other work that makes
everything up to three times slower; here they sleep, unless the environment says otherwise. The setting is read
when torch is first imported, so it is made here.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
