# The one door. `make` alone lists what it can do.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
export DATA PORT

.DEFAULT_GOAL := help
.PHONY: help demo test check bench screenshots lock translations clean

help: ## List what make can do
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp says for which lock file the environment was built.
$(VENV)/base.stamp: requirements/base.txt pyproject.toml
	@bash tools/make-venv $(PYTHON) $(VENV) requirements/base.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/base.stamp
	@bash tools/make-venv $(PYTHON) $(VENV) requirements/dev.txt
	@touch $@

translations: $(VENV)/base.stamp
	@$(BIN)/python tools/translations.py compile

demo: $(VENV)/base.stamp translations ## Start the demonstration federation (PORT=8000, DATA=data)
	@$(BIN)/python demo/run.py

test: $(VENV)/dev.stamp translations ## Run the tests; what needs an absent service says so
	@$(BIN)/python tools/run_tests.py

check: $(VENV)/dev.stamp translations ## Lint, types, import contracts, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=src:. $(BIN)/lint-imports --no-cache --config tools/contracts.ini
	PYTHONPATH=src:. $(BIN)/lint-imports --no-cache --config tools/privacy.ini
	$(BIN)/djlint --check --quiet src
	$(BIN)/djlint --lint --quiet src
	$(BIN)/python tools/translations.py check

bench: $(VENV)/dev.stamp translations ## Measure (QUICK=1: briefly, without thresholds)
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

screenshots: $(VENV)/dev.stamp translations ## Take the pictures of the docs again
	@$(BIN)/python tools/screenshots.py

lock: $(VENV)/dev.stamp ## Renew the hash-locked requirements
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make lock" pyproject.toml -o requirements/base.txt -q
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make lock" --extra dev pyproject.toml -c requirements/base.txt -o requirements/dev.txt -q

clean: ## Remove the environment and what was built; the data stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build
	find src -name '*.mo' -delete
