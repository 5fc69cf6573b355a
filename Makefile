# shopctl: `make up` brings the shop up on this machine, `make test` proves that it works.
# Both do their own set-up (system packages, virtualenv, pinned tools) and are safe to repeat.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up test check format bench lock clean destroy bootstrap root

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: bootstrap root ## Bring the local stack up, deploy the shop and print its address
	@$(BIN)/shopctl up --yes

destroy: bootstrap root ## Take the local stack away, without a trace
	@$(BIN)/shopctl destroy --yes

test: bootstrap root ## Run every test: unit, region and whole stack
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: bootstrap ## Lint, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline

format: bootstrap ## Put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: bootstrap root ## Measure bringing the stack up, against its limits
	@$(BIN)/python bench/up.py $(BENCH_ARGS)

lock: bootstrap ## Lock the dependencies again from requirements/*.in
	@$(BIN)/python -m tools.lock

clean: ## Remove this project's caches and virtualenv (a running stack stays)
	@$(PYTHON) -m tools.clean

bootstrap:
	@$(PYTHON) -m tools.bootstrap

root:
	@test "$$(id -u)" = 0 || { echo "error: this needs root: it makes network namespaces, mounts and hosts. Next: sudo make $(MAKECMDGOALS)" >&2; exit 1; }
