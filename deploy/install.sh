#!/bin/sh
# Installs the app into the folder that it lies in: the libraries, exactly as locked, and the engine, compiled.
# The Dockerfile runs this and nothing else; a machine without containers can run it too (Python 3.11 or newer).
#   PYTHON=python3.12   which Python the environment is made of
#   VENV=/opt/venv      where the environment goes, or is already
#   FONTS=yes           also fonts for names in any script, for the whole system: needs root and apt-get
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=python3}" "${VENV:=$PWD/.venv}"

# Documents and charts are drawn here, with the system's fonts; an image has none. All of it is set without serifs, so
# that half of the bytes can go.
if [ "${FONTS:-no}" = yes ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    fonts-liberation fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji
  find /usr/share/fonts -name 'NotoSerif*' -delete
  rm -rf /var/lib/apt/lists/*
fi
if [ ! -x "$VENV/bin/python" ]; then
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-cache-dir --quiet --require-hashes \
    --requirement requirements.txt
fi
"$VENV/bin/python" -m compileall -q app.py serve.py pages sim
# Numba writes beside what it has kept; start.sh gives every process a copy of this where that is allowed.
NUMBA_CACHE_DIR="$PWD/.compiled" "$VENV/bin/python" -m sim warm
mkdir -p .store
