# Everything a developer or CI runs. Needs Python 3.11+ and make; all else is set up in .venv.
PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
CLIENTS := .clients
SEED    ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup clients demo test check format soak bench pins clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with pinned, hash-checked dependencies

$(READY): requirements-hashed.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found. Python 3.11 or newer is needed; name it with PYTHON=..."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11. Name a newer one with PYTHON=..."; exit 2; }
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-hashed.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clients: $(CLIENTS)/.ready ## install the published clients that tests/clients drives; without them those tests are skipped

$(CLIENTS)/.ready: tests/clients/requirements.txt tests/clients/package.json
	@command -v npm >/dev/null || { echo "make: npm not found. Some of the clients are node packages; install node and npm."; exit 2; }
	@echo "setting up $(CLIENTS) ..."
	@$(PYTHON) -m venv $(CLIENTS)/python
	@$(CLIENTS)/python/bin/python -m pip install --quiet --disable-pip-version-check -r tests/clients/requirements.txt
	@cp tests/clients/package.json $(CLIENTS)/
	@npm install --prefix $(CLIENTS) --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

demo: $(READY) ## check a mock of all four vendors and write the reports
	@$(BIN)/contracts demo --seed $(SEED) --report-dir reports

test: $(READY) ## the whole test suite
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: $(READY) ## lint, format, types, import rules, specs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --config pyproject.toml
	@$(BIN)/contracts lint

format: $(READY) ## rewrite the code in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

soak: $(READY) ## the long runs: many seeds, crashes, load
	@$(BIN)/python -m pytest -m soak --timeout 7200

bench: $(READY) ## measure speed against peers and write docs/performance.md
	@$(BIN)/python -m benchmarks

pins: ## renew constraints.txt and requirements-hashed.txt (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --all-extras pyproject.toml -o requirements-hashed.txt
	sed -n 's/^\([a-zA-Z0-9._-]*==.*[^ ]\) *\\$$/\1/p' requirements-hashed.txt > constraints.txt

clean: ## remove what the targets made
	rm -rf $(VENV) $(CLIENTS) build dist *.egg-info reports .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
