# Two commands on a bare Debian machine: `make demo` and `make test`. Each installs what it needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME := .demo
READY := $(VENV)/.ready

.PHONY: demo test test-all check chat system clean lint types layers wheel train bench-core bench-patients bench-reader

demo: $(READY) system
	@$(BIN)/python examples/demo.py --home $(DEMO_HOME)

test: $(READY) system
	$(BIN)/python -m pytest -m "not long"

test-all: $(READY) system
	$(BIN)/python -m pytest

chat: $(READY) system
	@$(BIN)/readingroom --home $(DEMO_HOME) sandbox up --load
	@$(BIN)/readingroom --home $(DEMO_HOME)

check: $(READY) lint types layers wheel

PACKAGES := $(shell $(PYTHON) -c "import tomllib; print(*sorted({'.'.join(p.split('.')[:2]) for p in tomllib.load(open('pyproject.toml','rb'))['tool']['setuptools']['packages'] if '.' in p}))" 2>/dev/null)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES)) -p readingroom.training

layers: $(READY)
	PYTHONPATH=.typing $(BIN)/lint-imports --no-cache

wheel: $(READY)
	@rm -rf build
	$(BIN)/python tests/wheel_holds_every_package.py

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; assert (3, 11) <= v < (3, 14), "Python 3.11 to 3.13 is needed, this is %d.%d: make PYTHON=python3.12 …" % v[:2]'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || bash examples/system_packages.sh python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Reading Room and its libraries into $(VENV) (some minutes the first time)…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt torch
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

train: $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[train]'
	$(BIN)/python -m training.all $(if $(DATA),--data $(DATA))

bench-patients: $(READY)
	$(BIN)/python benchmarks/patients.py $(if $(DATA),--data $(DATA))

bench-reader: $(READY)
	$(BIN)/python benchmarks/reader.py $(if $(DATA),--data $(DATA))

bench-core: $(READY)
	$(BIN)/python benchmarks/core.py $(if $(DATA),--data $(DATA))
	$(BIN)/python benchmarks/look.py $(if $(DATA),--data $(DATA))

bench-%: $(READY)
	$(BIN)/python benchmarks/$*.py

system:
	@bash examples/system_packages.sh

clean:
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache
