# Targets install what they need. A fresh clone requires only Python 3.11 or newer, make and git.
#
#   make build        check every roster and render its artifacts into dist/    (CHECK_ARGS=--strict)
#   make test         run the fast tests      (PYTEST_ARGS="-k publish" selects some)
#   make test-slow    run the tests that need other programs, databases, browsers or server processes, and the property
#                     tests with five times as many examples as make test
#   make test-lowest  run the fast tests with the lowest versions of the dependencies that pyproject.toml allows
#   make lint         run ruff, mypy and import-linter, and check that the generated pages are up to date
#   make bench        run the benchmarks of `roster check`, `diff`, `import`, `catalogue`, the gateway and the instance
#   make soak         run the gateway and an instance under load for ten minutes    (SOAK_ARGS="--minutes 2")
#   make fixtures     regenerate the rules' expected outputs and the API's schema; review the diff
#   make lock         regenerate requirements/*.lock    (LOCK_ARGS=--upgrade upgrades the versions)
#   make clean        remove everything that these targets create

PYTHON ?= python3
CHECK_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
GATEWAY_BENCH_ARGS ?=
SOAK_ARGS ?=
LOCK_ARGS ?=

VENV := .venv
BIN = $(VENV)/bin
LOWEST := .cache/lowest
UV := .cache/lock/bin/uv
UV_VERSION := 0.13.9

MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DELETE_ON_ERROR:
# In parallel, two targets would install into the same environment at the same time.
.NOTPARALLEL:
.PHONY: build check render test test-slow test-lowest lint bench soak fixtures lock clean replace-environment
.DEFAULT_GOAL := build

# Wheels only: building a source distribution would download build tools that are in no lock file.
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
# The lock files are complete. --no-deps keeps pip from resolving them again, which old releases get wrong for extras.
INSTALL_LOCKED = $(PIP) install --require-hashes --no-deps --only-binary :all:
INSTALL_PROJECT = $(PIP) install --no-deps --no-build-isolation --editable .
# Without bytecode files, pytest and each started process would compile the tests and the package again.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

build: check render

check: $(VENV)/core.stamp
	$(BIN)/roster check $(CHECK_ARGS)

render: $(VENV)/core.stamp
	$(BIN)/roster render

test: $(VENV)/dev.stamp
	$(PYTEST) -m "not slow" -n auto $(PYTEST_ARGS)

test-slow: $(VENV)/dev.stamp
	$(PYTEST) -m "slow or hypothesis" --hypothesis-profile many -n auto $(PYTEST_ARGS)

test-lowest $(LOWEST)/lowest.stamp: BIN := $(LOWEST)/bin
test-lowest: $(LOWEST)/lowest.stamp
	$(PYTEST) -m "not slow" -n auto $(PYTEST_ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/roster docs --check

# Without bytecode files, each start would compile the package again, unlike an installed tool.
bench: $(VENV)/dev.stamp
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.gateway $(GATEWAY_BENCH_ARGS)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.instance_sync
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.instance_index
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.admin_page
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.importing
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.benchmarks.catalogue
	PYTHONDONTWRITEBYTECODE= $(BIN)/python tests/benchmarks/run.py $(BENCH_ARGS)

soak: $(VENV)/dev.stamp
	$(BIN)/python -m tests.benchmarks.soak $(SOAK_ARGS)

fixtures: $(VENV)/dev.stamp
	$(BIN)/python -m pytest tests/rules tests/instance/graphql/test_schema.py tests/check/test_parsed_registries.py \
		tests/check/test_provider_replay.py tests/gateway/test_openapi_examples.py --regenerate

# If the caller chose a Python, an environment of another one is replaced.
IDENTITY := import sys; print(sys.base_prefix, sys.version)
ifneq ($(origin PYTHON),file)
ifneq ($(shell $(PYTHON) -c '$(IDENTITY)' 2>&1),$(shell $(BIN)/python -c '$(IDENTITY)' 2>&1))
$(VENV)/venv.stamp: replace-environment
endif
endif

$(VENV)/venv.stamp:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("roster requires Python 3.11 or newer, \
	but $(PYTHON) is %d.%d; choose another one with: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/core.stamp: $(VENV)/venv.stamp requirements/core.lock requirements/build.lock pyproject.toml
	$(INSTALL_LOCKED) -r requirements/core.lock -r requirements/build.lock
	$(INSTALL_PROJECT)
	@touch $@

# For `roster providers update`, which downloads with the packages of the gateway.
$(VENV)/gateway.stamp: $(VENV)/core.stamp requirements/gateway.lock
	$(INSTALL_LOCKED) -r requirements/gateway.lock
	@touch $@

# For `roster gateway probe`.
$(VENV)/probe.stamp: $(VENV)/core.stamp requirements/probe.lock
	$(INSTALL_LOCKED) -r requirements/probe.lock
	@touch $@

# dev.lock contains all packages of core.lock, gateway.lock and build.lock, in the same versions, so that these targets
# share an environment.
$(VENV)/dev.stamp: $(VENV)/venv.stamp requirements/dev.lock pyproject.toml
	$(INSTALL_LOCKED) -r requirements/dev.lock
	$(INSTALL_PROJECT)
	@touch $@

# The development tools have the same versions as in .venv.
$(LOWEST)/lowest.stamp: requirements/dev.lock requirements/lowest.lock pyproject.toml
	$(PYTHON) -m venv --clear $(LOWEST)
	$(INSTALL_LOCKED) -r requirements/dev.lock
	$(INSTALL_LOCKED) -r requirements/lowest.lock
	$(INSTALL_PROJECT)
	@touch $@

# dev.lock is compiled first and constrains the smaller ones, so that a package never has two versions.
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(LOCK_ARGS)
EXTRAS := --extra calendar --extra gateway --extra instance
lock: $(UV)
	$(COMPILE) pyproject.toml $(EXTRAS) --group dev --output-file requirements/dev.lock
	$(COMPILE) pyproject.toml --constraint requirements/dev.lock --output-file requirements/core.lock
	$(COMPILE) pyproject.toml --extra gateway --constraint requirements/dev.lock --output-file requirements/gateway.lock
	$(COMPILE) pyproject.toml --extra gateway --extra instance --constraint requirements/dev.lock \
		--output-file requirements/servers.lock
	$(COMPILE) --group build --constraint requirements/dev.lock --output-file requirements/build.lock
	$(COMPILE) pyproject.toml $(EXTRAS) --resolution lowest-direct \
		--output-file requirements/lowest.lock
	$(COMPILE) --group litellm --output-file requirements/litellm.lock
	$(COMPILE) --group openapi-client --output-file requirements/openapi-client.lock
	$(COMPILE) --group graphql-client --output-file requirements/graphql-client.lock
	$(COMPILE) --group kubernetes --output-file requirements/kubernetes.lock
	$(COMPILE) pyproject.toml --extra probe --constraint requirements/core.lock \
		--constraint requirements/litellm.lock --output-file requirements/probe.lock

$(UV): Makefile
	$(PYTHON) -m venv --clear .cache/lock
	.cache/lock/bin/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION)
	@touch $@

clean:
	rm -rf $(VENV) .bench .cache dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find tools tests -name __pycache__ -prune -exec rm -rf {} +
