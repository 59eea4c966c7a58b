# `make run` and `make test` work on a fresh machine with Python 3.11 or newer; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --custom-compile-command "make lock"

# Many processes start here, and each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test bench load image-check lock clean

help:  ## list what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(VENV)/.run  ## start the app with a sample book and print its address (PORT=8600 for another port)
	@$(BIN)/python -m sim warm
	@$(BIN)/python -m streamlit run serve.py $(if $(PORT),--server.port $(PORT))

test: $(VENV)/.dev  ## run the whole suite: lint, format, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m sim warm & $(BIN)/mypy && wait
	$(BIN)/python -m pytest -n logical

bench: $(VENV)/.dev  ## measure speed and memory
	PYTHONPATH=. $(BIN)/python tests/bench/run.py

load: $(VENV)/.dev  ## measure many sessions on this machine (an hour) and write docs/load.json
	$(BIN)/python tests/bench/load.py
	$(BIN)/python docs/generate.py

image-check: $(VENV)/.dev  ## install in an empty folder exactly as the image does, libraries too, and serve from it
	CS_COMP_FULL_IMAGE=1 $(BIN)/python -m pytest tests/test_deploy.py

lock: $(VENV)/.dev  ## pin the newest versions that the ranges in the .in files allow
	$(LOCK) --upgrade requirements.in --output-file requirements.txt
	$(LOCK) --upgrade requirements-dev.in --output-file requirements-dev.txt

clean:  ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say what is installed; a changed lock file installs again.
$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  f"Python 3.11 or newer is needed (this is {sys.version.split()[0]}): make PYTHON=python3.12 ...")'
	@echo "Installing into $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(BIN)/python -m sim warm & $(PIP) -r requirements-dev.txt && wait
	@touch $@
