"""Office files are ZIP archives, which bear the time of writing in every entry."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime


def settled(archive: bytes, moment: datetime) -> bytes:
    """The same archive, every entry dated ``moment``: what holds the same is the same, to the byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            dated = zipfile.ZipInfo(entry.filename, moment.timetuple()[:6])
            dated.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(dated, source.read(entry))
    return out.getvalue()
