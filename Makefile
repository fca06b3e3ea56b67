# Two commands: `make demo` and `make test`. Each sets up what it needs.
PY ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= lab,embed,pg,model,dev

# torch as its CPU build: a wheel in a folder that pip's own find-links setting names wins;
# elsewhere uv is asked for the CPU build
FIND := $(firstword $(shell $(PY) -m pip config get :env:.find-links 2>/dev/null || $(PY) -m pip config get global.find-links 2>/dev/null))
TORCH := $(if $(wildcard $(FIND)/torch-2.13.0*),--find-links $(FIND),--torch-backend cpu)

.PHONY: setup demo test test-all check lab tiers clean

setup: $(VENV)/.done

$(VENV)/.done: pyproject.toml constraints.txt
	$(PY) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check uv==0.13.8
	$(BIN)/uv pip install -q -p $(BIN)/python $(TORCH) -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

demo: setup
	$(BIN)/workbench demo

# every test outside the tiers, and the notebooks
test: setup
	$(BIN)/python -m pytest -p no:nbval -n logical --dist worksteal -m "not registry and not browser and not airflow and not postgres" $(PYTEST)
	$(BIN)/python -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=120 --override-ini=testpaths=notebooks notebooks

# the tiers that this machine can run; a tier that it cannot run says why
tiers: setup
	PY=$(BIN)/python .ci/tiers

test-all: test tiers

# what must hold of the text of the code: style, types, floor plan
check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb
	$(BIN)/workbench patterns check

lab: setup
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf out $(VENV)
