# The commands of this course. Each sets up what it needs under .venv/ and is safe to repeat.
# PYTHON=python3.12 names the interpreter, N=week01_basics one notebook, FORCE=1 runs unchanged ones too.

export PYTHON
# Byte code is kept: without it every process parses matplotlib again.
unexport PYTHONDONTWRITEBYTECODE
# A set PYTHONPATH or PYTHONHOME would let other packages in, a set MPLBACKEND keep the figures out.
unexport PYTHONPATH
unexport PYTHONHOME
unexport MPLBACKEND
# Nor may pip put packages elsewhere than into the environment.
unexport PIP_TARGET
unexport PIP_PREFIX

TEST := .venv/test/bin/python
FRAMEWORKS := .venv/frameworks/bin/python
PEERS := .venv/peers/bin/python
NEWEST := .venv/newest/bin/python
OLDEST := .venv/oldest/bin/python
SITE := .venv/site/bin/python
LITE := .venv/lite/bin/python
WEB := .venv/web/bin/python
MYST := .venv/myst/bin/python
NBGRADER := .venv/nbgrader/bin/python
MUTANTS := .venv/mutants/bin/python
# JupyterLab refuses to run as root unless told so; in a container there is often no other user.
LAB_OPTIONS ?= $(if $(filter 0,$(shell id -u)),--allow-root)
# In a terminal of this JupyterLab, and after ! in a notebook, python and pip are the course's: a login
# shell, which it would start by itself, may set PATH anew. It has settings of its own in tools/lab.
ENTER = VIRTUAL_ENV='$(CURDIR)/.venv/$(@)' PATH='$(CURDIR)/.venv/$(@)/bin':"$$PATH" PIP_USER=0
OPEN_LAB = $(ENTER) python -m jupyterlab --LabApp.default_url=/lab/tree/notebooks \
	--LabApp.app_settings_dir='$(CURDIR)/tools/lab' \
	--ServerApp.terminado_settings="{'shell_command': ['$${SHELL:-/bin/sh}']}"
# The lecture that needs PyTorch and Keras. No other environment runs it; each says so.
WEEK10 := week10_frameworks
# One thread for each process: the same sums in the same order on every machine, and no process that
# slows down its neighbor. No progress bars in what is stored.
STEADY := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 TQDM_DISABLE=1
# Tests run beside each other: a worker for each core, up to four, since each takes its memory.
BESIDE := -n logical --maxprocesses 4
define RUN_ALL
$(STEADY) $(1) -m pytest $(BESIDE) --dist worksteal tests src
$(STEADY) $(1) -m pytest $(BESIDE) --dist loadfile --nbval notebooks
$(SAY) "all tests pass, and every lecture gives what notebooks/ holds"
endef
# The last line of a target whose last program does not say where the result is.
SAY = @echo "make $@:"

.PHONY: help lab author test test-newest pin edit new-week notebooks notebooks-frameworks figures links format site slides handouts assignment myst web-net lite time-lite check-site needs test-oldest test-frameworks test-peers test-assignments test-offline check-determinism check-equations check-claims mutants classics check-links clean env-lab env-author env-test env-frameworks env-peers env-newest env-oldest env-site env-lite env-web env-myst env-nbgrader env-mutants

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-20s %s\n", $$1, $$2}' Makefile

lab: env-lab ## open JupyterLab in notebooks/
	$(OPEN_LAB) $(LAB_OPTIONS)

author: env-author ## the same for authors: a notebook and its text are saved together
	$(OPEN_LAB) --config=tools/lab/pairing.json $(LAB_OPTIONS)

test: env-test env-author ## check style, run all tests, run every notebook and compare its outputs
	$(TEST) -m ruff check .
	$(TEST) -m ruff format --check .
	$(call RUN_ALL,$(TEST))

test-newest: env-newest env-author ## the same tests with the newest packages that there are
	$(call RUN_ALL,$(NEWEST))

test-oldest: env-oldest env-author ## the same tests with the oldest packages that pyproject.toml allows
	$(call RUN_ALL,$(OLDEST))

test-frameworks: env-frameworks ## the tests and the notebooks that need PyTorch and Keras
	$(STEADY) $(FRAMEWORKS) -m pytest tests/package/test_frameworks.py tests/package/test_torch_parity.py tests/package/test_exercises.py
	$(STEADY) $(FRAMEWORKS) -m pytest --nbval $(foreach folder,notebooks notebooks/solutions,$(folder)/$(WEEK10).ipynb)
	$(SAY) "week 10 gives what notebooks/ holds"

test-peers: env-peers ## ask other packages, the newest of each, what their words mean, and move nets to them
	$(STEADY) $(PEERS) -m pytest tests/package/test_networks_elsewhere.py tests/peers/test_peers.py
	$(SAY) "other packages mean what src/rnncourse/frameworks/peers.toml says"

test-assignments: env-nbgrader ## hand every week's exercises in to nbgrader, and compare its points with our marks
	$(STEADY) $(NBGRADER) -m pytest tests/lectures/test_assignment.py
	$(SAY) "nbgrader gives the points that our checkers give"

test-offline: env-test ## run every notebook where the operating system has no network
	$(STEADY) NOTEBOOKS_CUT_OFF=1 $(TEST) -m pytest tests/lectures/test_network_cut.py
	$(SAY) "every lecture of notebooks/ runs without a network"

check-determinism: env-test ## run the notebooks on 1 and 2 threads, as on an older processor, and compiled: same text and pictures
	for setting in NOTEBOOK_THREADS=1 NOTEBOOK_THREADS=2 OPENBLAS_CORETYPE=Haswell RNNCOURSE_COMPILED=1; do \
		env $$setting NOTEBOOK_FAR=0.03 TQDM_DISABLE=1 \
			$(TEST) -m pytest --nbval $(if $(N),notebooks/$(N).ipynb,notebooks) || exit 1; done
	$(SAY) "each setting gives what notebooks/ holds"

check-equations: env-test ## make the function of each equation 5 % too large, and see a test notice
	$(STEADY) PYTHONPATH=tools:tests/support $(TEST) tools/plant_errors.py

check-claims: env-frameworks ## ask of each assertion of the lectures whether it can fail: N=week01_basics, or all
	$(STEADY) $(FRAMEWORKS) -W ignore tools/check_claims.py $(N)

pin: env-test ## write the newest versions into constraints.txt, to be tested and committed
	$(TEST) tools/pin_versions.py

mutants: env-mutants ## change the package in many small ways, and list what no test notices
	$(STEADY) $(MUTANTS) tools/run_mutants.py $(N)

classics: env-test ## run a small part of each reproduced paper again, beside what is recorded
	$(STEADY) $(TEST) -m rnncourse.experiments.classics --check
	$(SAY) "each paper gives what src/rnncourse/experiments/recorded holds"

check-links: env-site ## ask every address that the texts name whether it is still there
	$(SITE) tools/check_addresses.py

edit: ## open the text of a lecture in $EDITOR: make edit N=week01_basics
	@test -n "$(N)" || { echo "Which lecture? For example: make edit N=week01_basics" >&2; exit 1; }
	$${EDITOR:-vi} notebooks/text/$(N).md
	$(SAY) "notebooks/text/$(N).md; make notebooks N=$(N) runs what changed"

new-week: ## write the texts of a new week to start from: make new-week N=week12_topic
	@'$(or $(PYTHON),python3)' tools/new_week.py $(N)

notebooks: env-test ## run the changed lectures of notebooks/text and store their outputs
	$(STEADY) $(TEST) tools/run_notebooks.py $(if $(FORCE),--force) $(N)

notebooks-frameworks: env-frameworks ## the same for the lecture that needs PyTorch and Keras
	$(STEADY) $(FRAMEWORKS) tools/run_notebooks.py $(if $(FORCE),--force) $(WEEK10)

figures: env-test ## draw the figures anew
	$(STEADY) $(TEST) -m rnncourse.figures figures
	$(SAY) "figures/"

links: env-test ## write the repository's address, set in pyproject.toml, into every link
	$(TEST) tools/rewrite_address.py
	$(STEADY) $(TEST) tools/run_notebooks.py
	$(SAY) "every link has the address of pyproject.toml"

format: env-test ## lay out the code of the package, the tools and the tests
	$(TEST) -m ruff check --fix-only --quiet --extend-exclude '*.ipynb' .
	$(TEST) -m ruff format --quiet .
	$(SAY) "src/, tools/ and tests/ are laid out"

site: env-site ## build the book from the stored notebooks, in dist/site
	$(SITE) tools/build_book.py

slides: env-site ## build a deck of slides from each lecture, in dist/slides
	$(SITE) tools/build_slides.py

handouts: site ## print each lecture of the book as a PDF, in dist/handouts
	$(SITE) tools/build_handouts.py

assignment: env-nbgrader ## make the exercises of a lecture an assignment of nbgrader: N=week03_bptt
	$(STEADY) $(NBGRADER) tools/build_assignment.py $(N)

myst: env-myst ## build the lectures with MyST (Jupyter Book 2), and check equations and alt texts
	$(MYST) tools/build_myst.py

web-net: env-web ## make a web page in which a net of the course runs, in dist/web_net
	$(STEADY) $(WEB) tools/build_web_net.py

lite: env-lite ## build the edition for the browser alone, all weeks but 10, in dist/lite
	$(LITE) tools/build_lite.py

time-lite: lite env-site ## run every lecture of it in a browser, and measure the processor time
	$(SITE) tools/time_in_browser.py $(N)
	$(SAY) "the table above; the notebooks as the browser left them are in dist/in_browser"

check-site: site slides lite web-net ## open every page, every slide and the browser's kernel, and test them
	$(SITE) -m pytest -p no:cacheprovider tests/site
	$(SAY) "dist/site, dist/slides, dist/lite and dist/web_net are as they should be"

needs: env-test ## measure the memory and processor time that a student needs in each lecture
	$(STEADY) $(TEST) tools/measure_needs.py $(N)

clean: ## remove everything that make made, the environments too
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
	$(SAY) "only what is stored is left"

env-lab env-author env-test env-frameworks env-peers env-newest env-oldest env-site env-lite env-web env-myst env-nbgrader env-mutants: env-%:
	@command -v '$(or $(PYTHON),python3)' > /dev/null || { \
		echo "Python 3.11 or newer is needed, and '$(or $(PYTHON),python3)' was not found:" \
			"name another with 'make $* PYTHON=python3.12'." >&2; exit 1; }
	@'$(or $(PYTHON),python3)' tools/set_up.py $*
