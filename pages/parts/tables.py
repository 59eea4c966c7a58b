"""What tables on pages share: the formats of the field, and the download of a table as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sim.share.tables import to_csv

dollars = partial(st.column_config.NumberColumn, format="$%,d")
signed_dollars = partial(st.column_config.NumberColumn, format="%+,d")
rate = partial(st.column_config.NumberColumn, format="%.1f %%")
points_gap = partial(st.column_config.NumberColumn, format="%+.1f pp")
whole = partial(st.column_config.NumberColumn, format="%,d")


def hundredfold(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Fractions as the formats of rates and points want them."""
    return table.assign(**{name: 100.0 * table[name] for name in columns})


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
