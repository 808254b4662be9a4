# make run    serves the sample district on http://localhost:8000 (PORT= and LIANXIN_DATA= change that)
# make test   sets itself up and checks everything
# make storm  kills servers and senders in the middle of crowds, at full size
# make bench  measures, as ratios to baselines of the same run
PYTHON ?= python3
PORT ?= 8000
HOST ?= 0.0.0.0
LIANXIN_DATA ?= data
BIN := .venv/bin

.PHONY: run test storm bench setup words lock pictures clean

run: setup
	@export LIANXIN_DATA="$(LIANXIN_DATA)" LIANXIN_PORT="$(PORT)" LIANXIN_HOST="$(HOST)" LIANXIN_LOG="$${LIANXIN_LOG:-plain}"; \
	$(BIN)/python -m web migrate && $(BIN)/python -m web seed --if-empty && $(BIN)/python -m web demo && exec $(BIN)/python -m web serve --code

test: .venv/.ready-to-test node_modules/.ready-to-test
	@sh tests/machine.sh
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	@for script in $$(find static/js -name "*.js") static/sw.js; do node --check $$script || exit 1; done
	$(BIN)/pytest -n 2 --dist loadgroup

storm: .venv/.ready-to-test node_modules/.ready-to-test
	WHOLE_STORM=1 $(BIN)/pytest -q tests/browser/queue/test_storm.py tests/push/test_killed.py

bench: .venv/.ready-to-test node_modules/.ready-to-test
	$(BIN)/python -m tests.bench

setup: .venv/.ready node_modules/.ready

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

node_modules/.ready: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian: apt-get install npm"; exit 1; }
	@echo "Installing browser packages …"
	@npm ci --omit=dev --silent --no-audit --no-fund
	@touch $@

node_modules/.ready-to-test: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed. On Debian: apt-get install npm"; exit 1; }
	@echo "Installing browser packages, and those the tests need …"
	@npm ci --silent --no-audit --no-fund
	@touch node_modules/.ready $@

# After words in templates or web/ changed: bring the catalogue up to date, then translate what is new.
words: .venv/.ready-to-test
	$(BIN)/pybabel -q extract -F babel.cfg --no-location -o words.pot .
	$(BIN)/pybabel -q update -i words.pot -o web/locale/zh_Hans/LC_MESSAGES/messages.po -l zh_Hans --no-fuzzy-matching --ignore-obsolete -w 110
	@rm words.pot

# After pyproject.toml changed: lock the versions again, with hashes and without addresses.
lock: .venv/.ready-to-test
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --universal --generate-hashes --no-header --no-emit-find-links -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group dev -c requirements.lock --universal --generate-hashes --no-header --no-emit-find-links -o requirements-dev.lock

# The app's icons and the screenshots of README and manifest, made from the running product.
pictures: .venv/.ready-to-test node_modules/.ready-to-test
	$(BIN)/python -m tests.browser.pictures

clean:
	rm -rf .venv node_modules
