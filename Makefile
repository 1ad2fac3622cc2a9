# Two commands matter: `make run` and `make test`. Both do all the set-up.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
INSTALL = $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes

# Kept, whatever the machine is set to: to compile all of it takes each process three times as long as to start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test lint types arrows collected tests bench quality chaos rehearse restarts schemathesis hostile fuzz audit \
	lighthouse screenshots requirements states clean

run: .venv/.run
	@exec $(BIN)/python -m workers.supervisor

# Side by side, with what makes the tests start sooner.
test:
	$(MAKE) --no-print-directory -j 2 types lint arrows collected
	$(MAKE) --no-print-directory tests

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

arrows: .venv/.dev
	$(BIN)/lint-imports --no-logo

# The tests compiled once, which else each of the processes below would do for itself.
collected: .venv/.dev .venv/.browser
	@$(BIN)/pytest --collect-only --quiet --no-summary -p no:xdist | tail -1

tests: .venv/.dev .venv/.browser
	$(BIN)/pytest -n 4 --dist worksteal  # many of them wait for processes

# Kill and stop everything at random, for longer than `make test` does: make chaos SECONDS=600 SEED=1
chaos: .venv/.dev
	CHAOS_SECONDS=$(or $(SECONDS),60) CHAOS_SEED=$(SEED) $(BIN)/pytest -s tests/faults/test_chaos.py

# A day in production on this machine, with deploys, outages and deaths: make rehearse SECONDS=300 SEED=1
rehearse: .venv/.dev
	REHEARSE_SECONDS=$(or $(SECONDS),300) REHEARSE_SEED=$(SEED) $(BIN)/pytest -s tests/rehearsal

# Everything is restarted at random moments under load: make restarts TIMES=100 SEED=1
restarts: .venv/.dev
	RESTARTS=$(or $(TIMES),100) RESTARTS_SEED=$(SEED) $(BIN)/pytest -s tests/faults/test_restarts.py

# Ask each operation of the API's description EXAMPLES times, other things each time.
schemathesis: .venv/.dev
	SCHEMATHESIS_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/pytest -n auto tests/api/test_schemathesis.py

# Every nasty file, written to build/hostile to look at, and sent to a running product.
hostile: .venv/.dev
	$(BIN)/python -m tests.support.hostile build/hostile
	HOSTILE_LONG=1 $(BIN)/pytest -s tests/security/test_hostile_files.py

# Harm pictures in ever new ways; what makes the probe or an upload stumble is kept in build/fuzz.
fuzz: .venv/.dev
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),60) $(SEED)

# Known weaknesses of what is installed. Needs the network; what could not be looked up counts as a failure.
audit: .venv/.uv
	$(UV) tool run pip-audit==2.10.1 --strict --require-hashes --disable-pip -r requirements.txt -r requirements-dev.txt

bench: .venv/.dev
	$(BIN)/python -m tests.bench

# How often the search finds what was meant, on documents and questions of our own.
quality: .venv/.dev
	$(BIN)/python -m tests.search.quality $(KIND)

# Needs Node with npm besides; what it installs stays in build.
lighthouse: .venv/.dev .venv/.browser
	$(BIN)/python -m tests.lighthouse

# Every screen, on a desk and on a phone, light and dark, into build/screenshots.
screenshots: .venv/.dev .venv/.browser
	$(BIN)/python -m tests.screenshots
	$(BIN)/python -m tests.screenshots --readme

# The drawing that README.md shows.
states: .venv/.run
	@$(BIN)/python -c 'from webapp.jobs.states import drawing; print(drawing())'

# Compile the hashed requirements anew from pyproject.toml; add UPGRADE=--upgrade for newer versions.
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url $(UPGRADE)
requirements: .venv/.uv
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv build

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

# The run set leaves what a developer installed in place, so that `make run` and `make test` can take turns.
.venv/.run: .venv/.uv requirements.txt
	$(INSTALL) -r requirements.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	@touch $@

.venv/.browser: .venv/.dev
	$(BIN)/python -m tests.support.chromium
	@touch $@
