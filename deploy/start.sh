#!/bin/sh
# Serves the app to others, from a folder that install.sh has made ready and that nobody may write to.
# Written to are only .store (the SQLite file, unless the store is elsewhere) and the scratch folder.
#   PORT=8501            where it listens, on all addresses
#   SCRATCH=/tmp         a folder in memory for the compiled engine
#   STREAMLIT_...        any further setting of Streamlit's, such as STREAMLIT_SERVER_BASE_URL_PATH
set -eu
cd "$(dirname "$0")/.."
: "${VENV:=$PWD/.venv}" "${PORT:=8501}" "${SCRATCH:=/tmp}"

export HOME="$SCRATCH" NUMBA_CACHE_DIR="$SCRATCH/compiled" PYTHONDONTWRITEBYTECODE=1
mkdir -p "$NUMBA_CACHE_DIR"
cp -R .compiled/. "$NUMBA_CACHE_DIR/"
chmod -R u+w "$NUMBA_CACHE_DIR"
# The password of PostgreSQL, when it comes as a file; libpq takes it from here.
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi
# browser.serverAddress is only printed; without it Streamlit would ask the internet for its own address.
# At once where the processor is of the kind that compiled it; elsewhere compile before the first visitor comes.
"$VENV/bin/python" -m sim warm >&2
exec "$VENV/bin/python" -m streamlit run serve.py \
  --server.address 0.0.0.0 --server.port "$PORT" --server.headless true --server.fileWatcherType none \
  --server.enableCORS true --server.enableXsrfProtection true --server.maxUploadSize 50 \
  --client.showErrorDetails none --browser.gatherUsageStats false --browser.serverAddress localhost
