# Two commands are enough: `make run` and `make test`. Each sets up what it needs in .venv first.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python
# The others in tests/bench want a folder of labelled data as an argument.
BENCHES := matching pipeline storage folder startup gui kill alert_storm
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test lint types contracts screens bench strings clean

run: $(VENV)/run.stamp
	@$(PY) -m app $(ARGS)

# Three at a time: many tests wait for a server or a process. `make test ARGS="-n 0 …"` for one after the other.
test: $(VENV)/test.stamp
	$(PY) -m pytest -n 3 --dist loadfile $(ARGS)

lint: $(VENV)/test.stamp
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: $(VENV)/test.stamp
	$(PY) -m mypy

contracts: $(VENV)/test.stamp
	$(BIN)/lint-imports

screens: $(VENV)/test.stamp
	$(PY) tests/screens/render.py build/screens

bench: $(VENV)/test.stamp
	@for one in $(BENCHES); do echo "== $$one"; $(PY) tests/bench/$$one.py || exit 1; done

strings: $(VENV)/test.stamp
	$(PY) tests/rules/strings.py --update

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tingfeng needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: $(PY) pyproject.toml constraints.txt
	@echo "Setting up (once) …"
	@$(INSTALL) -e '.[window,team]'
	@touch $@

$(VENV)/test.stamp: $(PY) pyproject.toml constraints.txt
	@echo "Setting up for the tests (once) …"
	@$(INSTALL) -e '.[window,team,dev]'
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) build
