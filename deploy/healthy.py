"""Exit code 0 when the server on this machine answers Streamlit's own health check; for the container's."""

import os
import urllib.request

path = "/".join(
    part for part in (os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/"), "_stcore/health") if part
)
urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '8501')}/{path}", timeout=5).close()
