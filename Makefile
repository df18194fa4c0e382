# Needs python3 (3.11 or newer), make and a package registry; everything else is in the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# WHEELS=wheels: from that folder, asking no registry.
INSTALL := $(PIP) install --no-deps $(if $(WHEELS),--no-index --find-links $(WHEELS))
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header pyproject.toml
LOCKS := requirements.txt requirements-dask.txt requirements-dev.txt

# What a further unit costs, counted: a gate of `make check`, so `make test` leaves it out.
COUNTS := tests/integration/test_counts.py
# Three at once on two cores, for servers and mailboxes make tests wait; the long files stand first.
TESTS := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore $(COUNTS)

AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: demo test coverage check install wheelhouse format lock lock-check docs licences templates golden looks soak audit \
	campaign mutants reliability bench bench-gate clean

demo: install  ## a whole month of the sample ministry, in ./demo
	$(BIN)/dondoc demo

test: $(DEVELOPMENT) $(BIN)/dondoc
	$(TESTS)

# Apart: watching the lines nearly doubles the processor's time.
coverage: $(DEVELOPMENT) $(BIN)/dondoc  ## which lines no test reaches
	$(TESTS) --cov --cov-report=term:skip-covered

check: $(DEVELOPMENT) $(BIN)/dondoc lock-check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive dondoc.py flows tasks rules reports schemas migrations
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n 0 $(COUNTS)  # no further unit costs more than before

install: $(BIN)/dondoc  ## what a server needs: no tools of development

install-dask: $(BIN)/dondoc  ## and Dask, on each machine that takes part: docs/past-one-machine.md
	$(INSTALL) --require-hashes -r requirements-dask.txt

# Builds nothing: fails where something that the lock names is no wheel for this system and Python.
wheelhouse:  ## all that `make install WHEELS=wheels` needs on a server without internet
	$(PYTHON) -m pip --disable-pip-version-check --quiet download --no-deps --only-binary :all: \
		--require-hashes -r $(or $(LOCK),requirements.txt) -d $(or $(WHEELS),wheels)

format: $(DEVELOPMENT)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# Another lock means another environment, made from nothing: of the old one nothing stays behind.
# A lock names everything, so pip resolves nothing: older ones take a newer release than the locked
# one for a requirement with extras (coverage[toml]), and then refuse it for having no hash.
$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dondoc needs Python 3.11")'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

$(BIN)/dondoc: pyproject.toml $(RUNTIME)
	$(INSTALL) --no-build-isolation -e .
	@$(BIN)/python -m compileall -q dondoc.py flows migrations reports rules schemas tasks
	@touch $@

# uv keeps the versions that a lock holds; ARGS="--upgrade-package NAME" raises one.
lock: $(DEVELOPMENT)
	$(COMPILE) --group build --output-file requirements.txt $(ARGS)
	$(COMPILE) --extra dask --constraints requirements.txt --group build --output-file requirements-dask.txt $(ARGS)
	$(COMPILE) --extra dask --constraints requirements-dask.txt --group dev --output-file requirements-dev.txt $(ARGS)

# The locks are in step with pyproject.toml when compiling them again changes nothing.
lock-check: $(DEVELOPMENT)
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	cp $(LOCKS) "$$scratch"; \
	$(COMPILE) --group build --output-file "$$scratch/requirements.txt"; \
	$(COMPILE) --extra dask --constraints requirements.txt --group build --output-file "$$scratch/requirements-dask.txt"; \
	$(COMPILE) --extra dask --constraints requirements-dask.txt --group dev --output-file "$$scratch/requirements-dev.txt"; \
	for lock in $(LOCKS); do \
		cmp -s $$lock "$$scratch/$$lock" || { \
			echo "$$lock is not in step with pyproject.toml: run 'make lock'" >&2; exit 1; }; \
	done

docs: $(DEVELOPMENT) $(BIN)/dondoc  ## the part of docs/ that is generated
	$(BIN)/python -m reports.dictionary docs/data-dictionary.md
	$(BIN)/python -m tasks.rulebook docs

licences: install  ## under which licence each installed package stands
	$(BIN)/python tests/licences.py docs/licences.md

templates: $(DEVELOPMENT) $(BIN)/dondoc  ## the Word templates that the programme brings
	$(BIN)/python -m reports.letters.layout reports/templates
	$(BIN)/python -m reports.consolidated.layout reports/templates

golden: $(DEVELOPMENT) $(BIN)/dondoc  ## writes the golden files anew; read the difference
	@set -e; for test in tests/golden/test_*.py; do echo $$test; $(BIN)/python $$test; done

looks: $(DEVELOPMENT) $(BIN)/dondoc  ## a picture of every document at its usual sizes, in build/looks
	$(BIN)/python tests/looks.py build/looks

soak: $(DEVELOPMENT) $(BIN)/dondoc  ## long campaigns: mutated files, a killed mailbox, two years of faults, many examples
	@command -v dovecot > /dev/null || $(AS_ROOT) apt-get install -qq -y --no-install-recommends dovecot-imapd
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -m "soak or hypothesis or figures"
	$(MAKE) mutants
	$(MAKE) audit

audit: $(DEVELOPMENT)  ## known vulnerabilities of what the locks name, where there is a database to ask
	$(BIN)/python tests/vulnerable.py requirements-dev.txt

campaign: $(DEVELOPMENT) $(BIN)/dondoc  ## a thousand kills; what they show goes to docs/reliability.md
	$(BIN)/pytest -n 2 -m campaign
	$(MAKE) reliability

# mutmut keeps what it found in mutants/ and goes on there; only what changed is tried again.
mutants: $(DEVELOPMENT) $(BIN)/dondoc  ## do the tests notice a change of rules or outbox? at least 90 of 100
	HYPOTHESIS_PROFILE=mutants $(BIN)/mutmut run
	$(BIN)/python tests/mutants.py 90

reliability: $(DEVELOPMENT)  ## docs/reliability.md from what the tests measured since
	$(BIN)/python tests/reliability.py docs

bench: $(DEVELOPMENT) $(BIN)/dondoc  ## the month, measured side by side; ARGS="--largest" for 10,000 units
	$(BIN)/python benchmarks/month.py $(ARGS)
	$(BIN)/python benchmarks/country_wide.py docs/past-one-machine.md

bench-gate: $(DEVELOPMENT) $(BIN)/dondoc  ## ours against the floor at 200 units, for whoever changes the path
	$(BIN)/python benchmarks/month.py --gate --folder build/bench-gate

clean:
	rm -rf $(VENV) build demo .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
