# The two commands: `make demo` and `make test`. Both set up their own virtual environment in .venv.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Two BLAS threads on a busy machine are slower than one.
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1
# Every process would compile again what changed since the installation, and every worker all tests.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test soak-test admit cluster-test record check install links clean

demo: install
	@$(BIN)/aiops demo

test: install
	@$(BIN)/python -m pytest -n auto --dist worksteal -rs

# What plays all kinds of faults, or hours, and properties with five times as many examples: about ten minutes on two cores.
soak-test: install
	@$(BIN)/python -m pytest -n auto --dist worksteal -rs -m "soak or hypothesis" --hypothesis-profile=soak --timeout=900

# Three scenarios of each kind of fault that count, of the first four that are drawn: about ten minutes on two cores. Known
# ones are remembered in the user's caches.
admit: install
	@$(BIN)/aiops bench admit --suite kinds --seeds 0..5 --at-least 3 --jobs $$(nproc)

# A real Kubernetes control plane on loopback, built from Go modules the first time (a quarter of an hour or more), or the
# cluster that AIOPS_TEST_KUBECONFIG names.
cluster-test: install
	@test -n "$$AIOPS_TEST_KUBECONFIG" || $(BIN)/python -m tests.cluster.build
	@$(BIN)/python -m pytest tests/cluster -m cluster -rs

# How that control plane answers the scripts under tests/conformance: the recordings that the lab is compared with.
record: install
	@test -n "$$AIOPS_TEST_KUBECONFIG" || $(BIN)/python -m tests.cluster.build
	@$(BIN)/python -m tests.conformance.record

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: .venv/.installed

# uv installs in seconds what pip needs a minute and a half for; byte code is compiled once, not at every start.
.venv/.installed: pyproject.toml | links
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aiops needs Python 3.11 or newer; set PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --editable . --group dev
	@$(BIN)/python -m compileall -q aiops tools faults knowledge ui
	@touch $@

# git on Windows may check links out as text files
links:
	@for name in tools faults knowledge ui; do test -d aiops/$$name || { \
	  echo "aiops/$$name is not a link to ../$$name: the checkout has no symbolic links." \
	       "Clone again with 'git clone -c core.symlinks=true' (on Windows: inside WSL)." >&2; exit 1; }; done

clean:
	rm -rf .venv .aiops .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
