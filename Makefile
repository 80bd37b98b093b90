# `make help` lists what there is. Everything runs in .venv, from hash-pinned locks, on Python >= 3.11.
SHELL := bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= .workbench
PORT ?= 8501
STORE ?= embedded
NEO4J_PORT ?= 7687
NEO4J_VERSION ?= 5.26.30
NEO4J = $(BIN)/python -m graph_models.stores.neo4j.server --version $(NEO4J_VERSION)
DEV := $(VENV)/.installed-dev
RUN := $(VENV)/.installed

.PHONY: help demo test check quality quality-quick peers bench bench-large presets neo4j neo4j-status neo4j-stop neo4j-wipe faults lock docs pictures clean

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*  ## ' $(MAKEFILE_LIST) | sort | awk -F':.*  ## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(RUN)  ## Make the quickstart world, ingest, analyse, open the app (PORT=8501, STORE=embedded|neo4j)
ifeq ($(STORE),neo4j)
	store=$$($(NEO4J) start --port $(NEO4J_PORT)) && WORKBENCH_SECRETS=$$($(NEO4J) secrets) \
	  $(BIN)/workbench demo --workspace $(DATA)/quickstart --store "$$store" --port $(PORT)
else
	$(BIN)/workbench demo --workspace $(DATA)/quickstart --store $(STORE) --port $(PORT)
endif

test: $(DEV)  ## The whole suite: lint, types, layers, tests (a real Chromium where there is one)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(DEV)  ## Only what takes seconds: format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

quality: $(DEV)  ## Every world of the report split, the worst reported and kept (about an hour)
	$(BIN)/python -m benchmarks.quality --split report --repeats 20 --date $$(date -u +%F)

quality-quick: $(DEV)  ## One world of each group of the tuning split, nothing kept (minutes)
	$(BIN)/python -m benchmarks.quality --split tuning --quick --repeats 2

peers: $(DEV)  ## Others' methods and ours on the same tables; those not installed are named (CONTRIBUTING.md)
	$(BIN)/python -m benchmarks.peers --split report --date $$(date -u +%F)

bench: $(DEV)  ## Each stage against its yardstick in the same run
	$(BIN)/python -m benchmarks.scale --millions 1 3 --date $$(date -u +%F)
	$(BIN)/python -m benchmarks.sources
	$(BIN)/python -m benchmarks.serve --scale 0.1

bench-large: $(DEV)  ## The same up to a hundred million exchanges, and a graph of a million accounts (hours, 40 GB)
	$(BIN)/python -m benchmarks.scale --millions 1 3 10 30 100 --date $$(date -u +%F)
	$(BIN)/python -m benchmarks.serve --scale 1
	$(BIN)/python -m benchmarks.neo4j_bulk
	$(BIN)/python benchmarks/prompts.py --sizes 1000000 3000000

presets: $(DEV)  ## The five presets end to end at scale 0.02, one seed (about ten minutes)
	$(BIN)/python benchmarks/presets.py

neo4j: $(RUN)  ## Start a real Neo4j without Docker (NEO4J_PORT=7687, NEO4J_VERSION=…); prints its URL
	@$(NEO4J) start --port $(NEO4J_PORT)
	@echo "Its password lies in $$($(NEO4J) secrets)" >&2

neo4j-status: $(RUN)  ## Whether that Neo4j runs, and where
	@$(NEO4J) status

neo4j-stop: $(RUN)  ## Stop it; its data stays (remove it with: make neo4j-wipe)
	@$(NEO4J) stop

neo4j-wipe: $(RUN)  ## Stop it and remove its data and password
	@$(NEO4J) wipe

faults: $(DEV)  ## A load into Neo4j killed, cut and its server restarted, ten random moments each
	WORKBENCH_FAULTS=10 WORKBENCH_REQUIRE=neo4j $(BIN)/python -m pytest tests/integration/test_neo4j_faults.py

pictures: $(DEV)  ## Take the pictures of the docs again: every page, both themes (needs a Chromium)
	$(BIN)/python -m tests.browser.pictures

docs: $(DEV)  ## Write the generated reference pages again
	$(BIN)/python docs/generate.py

lock: pyproject.toml  ## Resolve the dependencies again and pin them with hashes
	uv pip compile pyproject.toml --group build --group dev $(LOCK) -o requirements-dev.lock
	uv pip compile pyproject.toml --group build -c requirements-dev.lock $(LOCK) -o requirements.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet

clean:  ## Remove the environment, the demo's data and all caches
	rm -rf $(VENV) $(DATA) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed; try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN)
