# run, test, check, lock, and the benches: everything that this project does from a shell.
# Needs make, a POSIX shell and Python 3.12 or later (or uv). Makes .venv and keeps it up to date.

PYTHON = .venv/bin/python
INSTALL = $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r
LOCK = $(PYTHON) -m piptools compile --quiet --no-config --generate-hashes --allow-unsafe --strip-extras \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

# All tests run side by side, more of them than a machine has cores, since half of them wait for
# servers and browsers. Who has nothing left takes over what another process still has before it.
# ARGS run in one process, since a part is done before others have begun.
SIDE_BY_SIDE = -n 4 --dist worksteal

# Whoever says that Python shall keep no bytecode makes every start three times as slow, and the
# tests start some hundred processes.
unexport PYTHONDONTWRITEBYTECODE

# Checks read and write no data of a real site, and see none of its variables.
APART = env $(foreach name,CONTENT DATABASE_URL KEY_RING ERASURES SECRET_KEY HOST PORT SITE_URL \
	ALLOWED_HOSTS SITE_NAME SITE_OPERATOR SITE_CONTACT TIME_ZONE EMAIL_URL EMAIL_FROM TRUSTED_PROXIES \
	HSTS_SECONDS WORKERS THREADS LOG_LEVEL LOG_FORMAT ADMIN_PATH DEBUG,-u $(name)) DATA=.venv/check
DEPLOYED = SITE_URL=https://devotional.example TRUSTED_PROXIES=1 HSTS_SECONDS=31536000 ADMIN_PATH=host-desk

.PHONY: help install run test test-engines test-postgres check lock audit bench bench-population bench-steady \
	bench-reliability bench-postgres bench-journal bench-invitations bench-street \
	bench-code

help:
	@echo "make run     run the site at http://127.0.0.1:8000 (PORT=… and DATA=… change that)"
	@echo "make install make or update .venv, for a service that starts the site by itself"
	@echo "make test    run all tests, side by side (ARGS=… goes to pytest, in one process)"
	@echo "make test-engines    the main journeys in Firefox and in Safari's engine too"
	@echo "make test-postgres   the same on PostgreSQL: needs its server here, or the address of one"
	@echo "make check   what CI runs: style, types, imports, migrations, settings, all tests, on both"
	@echo "make bench   answers a second beside the plainest views and nginx, and what pages weigh"
	@echo "             (about ten minutes; ARGS=load, weight or interface for one of them)"
	@echo "make bench-population    panel, save and journal with 10, 1,000 and 100,000 readers"
	@echo "make bench-steady        100 saves a second for ten minutes"
	@echo "make bench-reliability   kill, cut and break it, and count what is lost (ARGS=… as in"
	@echo "             ARGS='--only B1 --kills 20'; all of it takes about half an hour)"
	@echo "make bench-postgres      the same on PostgreSQL, but for what looks into files"
	@echo "make bench-journal       time and queries of the journal at 10, 1,000 and 10,000 reflections"
	@echo "make bench-invitations   guess invitations, and visit one as previews do"
	@echo "make bench-street        floods and silent connections, while other readers go on"
	@echo "make bench-code          how much code one request runs, and how much there is"
	@echo "make audit   ask the package index whether a pinned version has a known weakness"
	@echo "make lock    pin what pyproject.toml asks for (UPGRADE=--upgrade for newer releases)"

install: .venv/run.stamp
	@$(PYTHON) -m compileall -q devotional

run: install
	@exec $(PYTHON) manage.py serve

test: .venv/dev.stamp
	@env -u TEST_DATABASE_URL $(PYTHON) -m pytest -m "not other_engine" $(or $(ARGS),$(SIDE_BY_SIDE))

# The journeys that must hold in every engine, in the two that `make test` leaves out.
test-engines: .venv/dev.stamp
	@env -u TEST_DATABASE_URL $(PYTHON) -m pytest -m other_engine $(or $(ARGS),$(SIDE_BY_SIDE)) tests/browser

# Beside a server of its own, or on that of TEST_DATABASE_URL.
test-postgres: .venv/dev.stamp
	@$(PYTHON) -m harness.postgresql $(ELSE) $(PYTHON) -m pytest -m "not other_engine" $(or $(ARGS),$(SIDE_BY_SIDE))

check: .venv/dev.stamp
	@mkdir -p .venv/check
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PYTHON) -m pip check --disable-pip-version-check
	$(APART) $(PYTHON) manage.py makemigrations --check --dry-run
	$(APART) $(PYTHON) manage.py check --fail-level WARNING
	$(APART) $(DEPLOYED) $(PYTHON) manage.py check --deploy --fail-level WARNING
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-engines
	@$(MAKE) --no-print-directory test-postgres ELSE=--else-leave-out

bench: .venv/dev.stamp
	@$(PYTHON) -m bench $(ARGS)

bench-population: .venv/dev.stamp
	@$(PYTHON) -m bench population $(ARGS)

bench-steady: .venv/dev.stamp
	@$(PYTHON) -m bench steady $(ARGS)

bench-reliability: .venv/dev.stamp
	@$(PYTHON) -m bench.reliability $(ARGS)

bench-postgres: .venv/dev.stamp
	@$(PYTHON) -m harness.postgresql $(PYTHON) -m bench.reliability $(ARGS)

bench-journal: .venv/dev.stamp
	@$(PYTHON) -m bench.journal $(ARGS)

bench-invitations: .venv/dev.stamp
	@$(PYTHON) -m bench.invitations $(ARGS)

bench-street: .venv/dev.stamp
	@$(PYTHON) -m bench.street $(ARGS)

bench-code: .venv/dev.stamp
	@$(PYTHON) -m bench.code $(ARGS)

lock: .venv/dev.stamp
	$(LOCK) $(UPGRADE) --output-file requirements.txt pyproject.toml
	$(LOCK) $(UPGRADE) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

# Needs a network, so no part of `check`. In an environment of its own: nothing of it is installed
# with the site, and what it asks about is what is pinned, not what happens to be installed.
audit: .venv/audit/bin/pip-audit
	@for file in requirements.txt requirements-dev.txt; do \
		$< --strict --require-hashes --disable-pip --requirement $$file || exit 1; \
	done

.venv/audit/bin/pip-audit: $(PYTHON)
	@$(PYTHON) -m venv .venv/audit
	@.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit

# Installing ends with bytecode, also where PYTHONDONTWRITEBYTECODE is set: without it every start
# compiles everything anew. A package may carry files for another Python, hence the `|| true`.
.venv/run.stamp: requirements.txt $(PYTHON)
	@echo "Installing the packages of requirements.txt …"
	@$(INSTALL) requirements.txt
	@$(PYTHON) -m compileall -q .venv/lib >/dev/null 2>&1 || true
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing the packages of requirements-dev.txt …"
	@$(INSTALL) requirements-dev.txt
	@$(PYTHON) -m compileall -q .venv/lib >/dev/null 2>&1 || true
	@touch $@

# Make sees a link to a Python that is gone as a missing file, and so builds the environment anew.
# A name on the PATH may be a shim that fails, so each is asked for its version, not for its place.
$(PYTHON):
	@rm -rf .venv
	@for python in python3 python3.13 python3.12 python3.14 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
			found=$$python; break; \
		fi; \
	done; \
	if [ -n "$$found" ] && "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "Making .venv with $$("$$found" --version) …"; \
		exec "$$found" -m venv .venv; \
	elif command -v uv >/dev/null; then \
		echo "Making .venv with uv …"; \
		exec uv venv --quiet --seed --python '>=3.12' .venv; \
	elif [ -n "$$found" ]; then \
		echo "This Python lacks its venv module. On Debian and Ubuntu: apt install python3-venv" >&2; \
	else \
		echo "Devotional needs Python 3.12 or later, found: $$(python3 --version 2>&1 | head -n 1)" >&2; \
	fi; exit 1
