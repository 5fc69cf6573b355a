# shopctl: `make up` brings the shop up on this machine, `make test` proves that it works.
# Both do their own set-up (system packages, virtualenv, pinned tools) and are safe to repeat.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up test check format bench lock clean destroy setup setup-tests root

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: setup root ## Bring the local stack up, deploy the shop and print its address
	@$(BIN)/shopctl up --yes

destroy: setup root ## Take the local stack away, without a trace
	@$(BIN)/shopctl destroy --yes

test: setup-tests root ## Run every test: unit, region and whole stack
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup ## Lint, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd app && ../$(BIN)/mypy --config-file ../mypy.app.ini .
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline

format: setup ## Put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup root ## Measure bringing the stack up, against its limits
	@$(BIN)/python bench/up.py $(BENCH_ARGS)

lock: setup ## Lock the dependencies again from requirements/*.in
	@$(BIN)/python -m tools.lock

clean: ## Remove this project's caches and virtualenv (after destroying what runs)
	@$(PYTHON) -m tools.clean

setup: ## Get this machine ready: system packages and the virtualenv
	@$(PYTHON) -m tools.bootstrap

setup-tests:
	@$(PYTHON) -m tools.bootstrap --tests

root:
	@test "$$(id -u)" = 0 || { echo "error: this needs root: it makes network namespaces, mounts and hosts. Next: sudo make $(MAKECMDGOALS)" >&2; exit 1; }
