# Every check and test has its one definition here, called by hand, by pre-commit and by CI alike.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev

.PHONY: app serve demo check format-check lint types contracts tests test format lock clean

app: $(RUN)  ## set up and open the app
	$(BIN)/python -m streamlit run app.py

serve: $(RUN)  ## serve to other machines, which need the link with the token that it prints
	$(BIN)/python -m streamlit run app.py --server.address=0.0.0.0 --server.headless=true

demo: $(RUN)  ## the whole walk, small, without a browser
	$(BIN)/python -m jobs demo

check: format-check lint types contracts tests  ## the one gate: all of these, in this order

format-check: $(DEV)
	$(BIN)/ruff format --check .

lint: $(DEV)
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)  ## who may import whom
	$(BIN)/lint-imports --no-cache

tests test: $(DEV)  ## all tests, those of the browser apart; without Chromium they are left out, and named
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser"
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m browser

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(DEV)  ## the exact versions and hashes that the container installs: Linux x86-64, its Python
	$(BIN)/python -m pip install --disable-pip-version-check "uv>=0.9"
	$(BIN)/uv pip compile requirements.txt -o requirements.lock --quiet --generate-hashes \
	  --python-version "$$(sed -n 's/^FROM python:\([0-9]*\.[0-9]*\).*/\1/p' Dockerfile)" \
	  --python-platform x86_64-manylinux_2_28 --only-binary :all: \
	  --no-annotate --no-emit-index-url --custom-compile-command "make lock"

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Morph needs Python 3.11 or newer; set PYTHON=python3.11 or the like")'
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(DEV): requirements-dev.txt requirements-exchange.txt requirements-cluster.txt requirements-environment.txt $(RUN)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	touch $@
