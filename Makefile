# `make help` lists what there is. Everything runs in .venv, from hash-pinned locks, on Python >= 3.11.
SHELL := bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= .workbench
PORT ?= 8501
STORE ?= embedded
DEV := $(VENV)/.installed-dev
RUN := $(VENV)/.installed

.PHONY: help demo test check quality bench neo4j lock docs clean

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*  ## ' $(MAKEFILE_LIST) | sort | awk -F':.*  ## ' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: $(RUN)  ## Make the quickstart world, ingest, analyse, open the app (PORT=8501, STORE=embedded)
	$(BIN)/workbench demo --workspace $(DATA)/quickstart --store $(STORE) --port $(PORT)

test: $(DEV)  ## The whole suite: lint, types, layers, tests (a real Chromium where there is one)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(DEV)  ## Only what takes seconds: format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

quality: $(DEV)  ## Ten seeds end to end, the worst reported (about ten minutes)
	$(BIN)/python benchmarks/quality.py

bench: $(DEV)  ## Each stage against its yardstick in the same run
	$(BIN)/python benchmarks/engine.py

neo4j:  ## A real Neo4j without Docker (arrives with the Neo4j store)
	@echo "The Neo4j store is not part of this version; the embedded store needs no server." >&2; exit 2

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
