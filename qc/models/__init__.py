"""Learners that look for shortcuts in partial inputs: the only importer of torch and transformers.

Threads of torch that wait for each other spin by default, and on a machine that does other things too that makes
everything up to three times slower; here they sleep, unless somebody says otherwise. The setting is read when
torch is first imported, hence its place.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
