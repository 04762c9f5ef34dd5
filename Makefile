# Every target does its own set-up: `make demo` on a fresh clone needs nothing but Python 3.11, 3.12 or 3.13 and this file.

export BELEBELE_STATE_DIR ?= $(CURDIR)/.state

# The tests start Python hundreds of times: it compiles a module once, also where the environment says otherwise.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
UV := .venv/bin/uv
READY := .venv/.ready
SITE := $(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --fresh-env --write-all --builder html docs build/docs
COMPILE := $(UV) pip compile --quiet --upgrade --extra dev --no-header --no-annotate pyproject.toml

.PHONY: install demo test test-slow test-real check fix words docs bench bench-translation pins newest clean

install: $(READY)

demo: $(READY)
	$(BIN)/belebele demo

# Most get a fake Label Studio (annotation/labelstudio/fake), and a few of each kind the real one; `test-slow` and
# `test-real` give the real one to all.
# Three at a time on two cores, a file's tests together: a fifth of the time is waiting for servers and disks
# (make test WORKERS=2 for fewer). In the order of their names, since by number of tests the longest files, which have
# few, would come last and one worker would wait for the others.
WORKERS ?= 3

test: $(READY)
	$(BIN)/python -m pytest -m "not slow" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-slow: $(READY)
	BELEBELE_TEST_SERVER=real $(BIN)/python -m pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder

test-real: $(READY)
	BELEBELE_TEST_SERVER=real $(BIN)/python -m pytest -m "servers and not slow" -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(SITE)

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Renews the template of what pages say, and the catalogues after it.
words: $(READY)
	$(BIN)/python -m annotation.words.extraction

docs: $(READY)
	$(SITE)
	@echo "build/docs/index.html"

bench: $(READY)
	$(BIN)/python benchmarks

# Faults planted in translations, by language and length: build/seeded_faults has the table and the heat map.
bench-translation: $(READY)
	$(BIN)/python benchmarks/translation/seeded_faults.py
	$(BIN)/python benchmarks/translation/seeded_text_faults.py
	$(BIN)/python benchmarks/translation/clean_items.py

# Renews constraints.txt: the newest of everything that pyproject.toml allows, for the oldest and the newest Python.
pins: $(UV)
	@mkdir -p build
	$(COMPILE) --python-version 3.11 --output-file build/pins-3.11.txt
	$(COMPILE) --python-version 3.13 --constraints build/pins-3.11.txt --output-file build/pins-3.13.txt
	LC_ALL=C sort -u build/pins-3.11.txt build/pins-3.13.txt > constraints.txt

# The newest of everything that pyproject.toml allows, in a fresh environment that is gone afterwards: both servers are
# started with it, and a run of the schedule is awaited. What breaks there is narrowed in pyproject.toml.
newest: $(READY)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	  $(BIN)/python -m venv "$$folder/env"; \
	  "$$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check torch; \
	  $(UV) pip install --quiet --python "$$folder/env/bin/python" --compile-bytecode '.[dev]'; \
	  $(UV) pip list --python "$$folder/env/bin/python"; \
	  "$$folder/env/bin/python" -m pytest -x tests/flows/services/test_up.py

# Leaves .state alone: work that people have not finished may lie in the servers there.
clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f docs/reference/*.md docs/decisions.md docs/changelog.md
	find . -name __pycache__ -not -path './.state/*' -prune -exec rm -rf {} +

$(UV): constraints.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  for found in $(PYTHON) python3.11 python3 python3.12 python3.13 none; do \
	    "$$found" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1 && break; \
	  done; \
	  if [ "$$found" = none ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 here. On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv" >&2; \
	    echo "One that is not on the PATH: make PYTHON=/where/it/is/python3.11" >&2; \
	    exit 1; \
	  fi; \
	  if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "$$found cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	    echo "(or python3.11-venv, for a python3.11 beside another python3)" >&2; \
	    exit 1; \
	  fi; \
	  echo "making .venv with $$found"; \
	  "$$found" -m venv --clear .venv; \
	}
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@touch $@

$(READY): $(UV) pyproject.toml constraints.txt
	@# torch by pip, which asks every place that this machine is set up to ask: its small build for CPUs, where one
	@# lies there, satisfies the same pin as the large one for GPUs, and uv then leaves it alone.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraints constraints.txt \
	  --build-constraints constraints.txt --editable '.[dev]'
	@touch $@
