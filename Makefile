# One entry to everything. Needs Python 3.11 or newer with venv, and make; nothing else.
# Every target makes what it needs in .venv first; 'make help' lists the targets.

PYTHON = python3
VENV = .venv
PY = $(VENV)/bin/python
# Twice quiet: errors only, and no address of whatever index pip is configured for.
PIP = $(PY) -m pip --disable-pip-version-check -q -q
RUN = $(VENV)/.stamp-run
DEV = $(VENV)/.stamp-dev
FAST = not conformance and not crash and not bench and not agreement

.PHONY: help demo test check bench docs messages setup lock clean

help:
	@echo "make demo   the main job on sample evidence, in ./demo-case"
	@echo "make test   the fast tests"
	@echo "make check  format, lint, types, layers, clean files"
	@echo "make bench  speed beside copying and plain hashing"
	@echo "make docs   write the generated parts of the documentation again"
	@echo "make messages  collect the sentences of the report for the catalogues"
	@echo "make setup  only prepare $(VENV)"
	@echo "make lock   write requirements*.txt again (LOCK=--upgrade moves the pins)"
	@echo "make clean  remove $(VENV), caches and ./demo-case"

demo: $(RUN)
	@if [ -d demo-case ] && [ ! -L demo-case ]; then chmod -R u+w demo-case; fi
	@rm -rf ./demo-case
	@$(VENV)/bin/custody demo demo-case

test: $(DEV)
	$(PY) -m pytest -q -rsfE -n 2 --dist loadfile -m "$(FAST)"

check: $(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest -q tests/packaging/test_hygiene.py

bench: $(DEV)
	$(PY) -m bench

docs: $(DEV)
	$(PY) tests/docs/generate.py

messages: $(DEV)
	$(PY) -m tests.docs.messages

setup: $(DEV)

lock: $(DEV)
	$(PY) .ci/lock.py $(LOCK)

clean:
	rm -rf ./$(VENV) ./demo-case ./dist ./build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# --- the environment ----------------------------------------------------------------

# A folder that is there but whose Python is gone or too old is made again.
$(RUN): requirements.txt pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "custody needs Python 3.11 or newer, which '$(PYTHON)' is not." >&2; \
	  echo "If it is there under another name: make PYTHON=python3.12 ..." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python has no venv module." >&2; \
	  echo "On Debian and Ubuntu install the package python3-venv." >&2; \
	  exit 1; }
	@echo "Preparing $(VENV): once, needs the network, about a minute." >&2
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements-dev.txt
	@echo "Adding the tools for tests and checks to $(VENV)." >&2
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
