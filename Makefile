# Every developer action is a task here; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PYTHONHASHSEED ?= 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help book serve pdf lab test quick bench launch reproduce rows lighthouse links outputs audit-deps licences lint format lock clean

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

book: $(VENV)/.book ## run every notebook and build the book into _build/html/
	@$(BIN)/python scripts/build.py

serve: book ## build the book and serve it on http://localhost:8000 (PORT=... for another)
	@echo "The book is at http://localhost:$(PORT)/ (Ctrl+C stops)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

pdf: $(VENV)/.test book ## build the book and print it into _build/sco-2004-rerun.pdf
	@$(BIN)/python scripts/pdf.py

lab: $(VENV)/.book ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=. notebooks

test: $(VENV)/.test pdf ## build the book and its PDF and pass every test, on the cores there are
	@$(BIN)/python -m pytest -n auto --dist loadfile

quick: $(VENV)/.test ## pass the tests that need neither book nor browser
	@$(BIN)/python -m pytest -m "not book" --ignore=notebooks

bench: $(VENV)/.test ## measure speed, as ratios taken side by side, for the page on speed
	@$(BIN)/python scripts/bench.py --write

launch: $(VENV)/.book ## measure the launch environment: packages, size, wait for the first cell
	@$(BIN)/python scripts/launch.py --write

lighthouse: book ## rate a page of each kind with Lighthouse (needs Node.js and Chromium)
	@$(BIN)/python scripts/lighthouse.py

links: book ## ask every outside address of the book and report the dead ones (needs a network)
	@$(BIN)/python scripts/links.py

rows: $(VENV)/.test ## count the rows of every table anew after rows were added or removed
	@$(BIN)/python scripts/rows.py

outputs: $(VENV)/.test ## run the notebooks and store the outputs that the tests compare
	@$(BIN)/python scripts/outputs.py

lint: $(VENV)/.test ## check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(VENV)/.test ## put code and notebooks into the book's style
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q . && $(BIN)/ruff format -q --config "format.exclude=[]" --line-length 76 notebooks/*.ipynb book/*.ipynb

lock: $(VENV)/.test ## compile requirements.txt and requirements-dev.txt from pyproject.toml
	@$(BIN)/python scripts/lock.py

reproduce: $(VENV)/.book ## build the book twice under different circumstances and compare every file
	@$(BIN)/python scripts/reproduce.py

audit-deps: $(VENV)/.test ## look for known vulnerabilities in the pinned packages (asks the network)
	@$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt

licences: $(VENV)/.book ## list the licence of every package of the book; fail on one that is not free
	@$(BIN)/python scripts/licences.py

clean: ## remove what was built (the environment stays)
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no '$(PYTHON)'; install Python 3.11 or newer, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Python 3.11 or newer is needed, $$($(PYTHON) --version 2>&1) was found; say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making the environment in $(VENV)/ ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { echo "make: python3 could not make a virtual environment; on Debian install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.book: $(VENV)/.python requirements.txt
	@echo "Installing the packages of the book (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt || { echo "make: the packages could not be installed; is there a network?" >&2; exit 1; }
	@touch $@

$(VENV)/.test: $(VENV)/.book requirements-dev.txt
	@echo "Installing the packages of the tests ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt || { echo "make: the packages could not be installed; is there a network?" >&2; exit 1; }
	@touch $@
