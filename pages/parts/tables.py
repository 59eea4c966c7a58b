"""What tables on pages share: the download of a table as it is."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sim.share.tables import to_csv


def download(
    label: str,
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    file: str,
    *,
    place: DeltaGenerator | None = None,
    key: str | None = None,
    help: str | None = None,
    disabled: bool = False,
) -> None:
    """A button for the table as CSV, which is written, and made if a function makes it, only when it is pressed."""
    (place or st).download_button(
        label,
        data=lambda: to_csv(table() if callable(table) else table),
        file_name=file,
        mime="text/csv",
        on_click="ignore",
        key=key or f"get_{file}",
        help=help,
        disabled=disabled,
    )
