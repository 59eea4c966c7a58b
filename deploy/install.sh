#!/bin/sh
# Installs the app into the folder that it lies in: the libraries, exactly as locked, and the engine, compiled.
# The Dockerfile runs this and nothing else; a machine without containers can run it too (Python 3.11 or newer).
#   PYTHON=python3.12   which Python the environment is made of
#   VENV=/opt/venv      where the environment goes, or is already
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=python3}" "${VENV:=$PWD/.venv}"

if [ ! -x "$VENV/bin/python" ]; then
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-cache-dir --quiet --require-hashes \
    --requirement requirements.txt
fi
"$VENV/bin/python" -m compileall -q app.py serve.py pages sim
# Numba writes beside what it has kept; start.sh gives every process a copy of this where that is allowed.
NUMBA_CACHE_DIR="$PWD/.compiled" "$VENV/bin/python" -m sim warm
mkdir -p .store
