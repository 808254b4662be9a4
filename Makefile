# `make help` prints what there is.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 0.0.0.0
LIANXIN_DATA ?= data
# Simulated people in one hall of the sample; empty for none.
REHEARSE ?= yes
BIN := .venv/bin

.PHONY: run help test quick fix figures storm fuzz bench setup words lock pictures clean

run: setup ## serve the sample district on http://localhost:8000 (PORT=, LIANXIN_DATA= and REHEARSE= change that)
	@export LIANXIN_DATA="$(LIANXIN_DATA)" LIANXIN_PORT="$(PORT)" LIANXIN_HOST="$(HOST)" LIANXIN_LOG="$${LIANXIN_LOG:-plain}"; \
	$(BIN)/python -m web migrate && $(BIN)/python -m web seed --if-empty && $(BIN)/python -m web demo && exec $(BIN)/python -m web serve --code $(if $(REHEARSE),--rehearse)

help: ## print this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1 /p' $(MAKEFILE_LIST) | while read -r target words; do printf '%-10s %s\n' "$$target" "$$words"; done

# Styles and scripts, and the script that checks scripts.
PRETTIER := node_modules/.bin/prettier --log-level warn 'static/**/*.{css,js}' 'tests/**/*.js'

# What needs neither a browser nor a database server.
define CHECKS
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(PRETTIER) --check
endef

# Without a restart: with one, xdist can wait for ever for a worker that took a crashed one's place.
# Once thirty tests failed, the others say nothing new, and each may wait for its time limit.
PYTEST := $(BIN)/pytest -n 2 --max-worker-restart=0 --maxfail=30

# Each test file has a budget of time. On a quiet machine: make test TIME_BUDGET=1
export TIME_BUDGET ?= 3

test: .venv/.ready-to-test node_modules/.ready-to-test ## check everything, and set up what that needs
	@sh tests/machine.sh
	@$(BIN)/python -m tests.commit_subject
	$(CHECKS)
	@FAILED_TESTS=.venv/failed $(PYTEST); code=$$?; [ $$code -ne 1 ] || exec $(BIN)/python -m tests.again .venv/failed; exit $$code

quick: .venv/.ready-to-test node_modules/.ready-to-test ## check format, lint, types, domain and web, on SQLite only
	$(CHECKS)
	ONLY_SQLITE=1 $(PYTEST) tests/domain tests/web tests/test_*.py

fix: .venv/.ready-to-test node_modules/.ready-to-test ## format, and correct what the linter can
	$(PRETTIER) --write
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

figures: .venv/.ready-to-test node_modules/.ready-to-test ## write the figures of the code's structure into docs/structure.md
	$(BIN)/python -m tests.figures > docs/structure.md

storm: .venv/.ready-to-test node_modules/.ready-to-test ## kill servers and senders in the middle of crowds, at full size
	WHOLE_STORM=1 $(BIN)/pytest -q tests/browser/queue/test_storm.py tests/push/test_killed.py

fuzz: .venv/.ready-to-test node_modules/.ready-to-test ## send 30,000 hostile requests, another 30,000 each time (FUZZ_SEED=1 for the same again)
	TIME_BUDGET=0 FUZZ=$${FUZZ:-30000} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(BIN)/pytest -q -s -k sqlite --timeout 3600 -o faulthandler_timeout=3600 tests/web/site/test_fuzz.py

bench: .venv/.ready-to-test node_modules/.ready-to-test ## measure, as ratios to baselines of the same run (PART=tickets for one part)
	$(BIN)/python -m tests.bench $(PART)

setup: .venv/.ready node_modules/.ready ## install what the product needs

.venv/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON= to one."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing Python packages …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.ready-to-test: .venv/.ready requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Debian's npm asks for peers that the lock of a newer npm does not hold; nothing here needs them.
node_modules/.ready: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian: apt-get install npm"; exit 1; }
	@echo "Installing browser packages …"
	@npm ci --omit=dev --legacy-peer-deps --silent --no-audit --no-fund
	@touch $@

node_modules/.ready-to-test: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian: apt-get install npm"; exit 1; }
	@echo "Installing browser packages, and those the tests need …"
	@npm ci --legacy-peer-deps --silent --no-audit --no-fund
	@touch node_modules/.ready $@

# It only reads, so it installs nothing: run `make setup` before it in a new copy.
words: ## after words in templates or web/ changed: add them to the catalogue, to be translated
	$(BIN)/pybabel -q extract -F babel.cfg --no-location --sort-output -o words.pot .
	$(BIN)/pybabel -q update -i words.pot -o web/locale/zh_Hans/LC_MESSAGES/messages.po -l zh_Hans --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 110
	@rm words.pot

lock: .venv/.ready-to-test ## after pyproject.toml changed: lock the versions again, with hashes and without addresses
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --universal --generate-hashes --no-header --no-emit-find-links -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group dev -c requirements.lock --universal --generate-hashes --no-header --no-emit-find-links -o requirements-dev.lock

pictures: .venv/.ready-to-test node_modules/.ready-to-test ## make the icons and screenshots from the running product
	$(BIN)/python -m tests.browser.pictures

clean: ## remove what was installed
	rm -rf .venv node_modules
