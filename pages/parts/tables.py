"""What tables on pages share: the formats of the field, and the download of a table as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import access, shared_link
from pages.parts.stamped import stamp
from sim.share.tables import to_csv
from sim.share.take.stamp import Stamp
from sim.share.take.workbook import Sheet, sheet_name, workbook

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
    figures: bool = True,
    marked: Stamp | None = None,
) -> None:
    """Buttons for the table as CSV and as XLSX, which are written, and made if a function makes it, when pressed.

    What the figures were made from stands in the workbook's sheet ``About``; a CSV has no place for it that every
    reader skips, so there it is the name of the file. marked: where that is not the scenario on the screen. figures:
    False for a table that nothing was simulated for, as one to be read again: CSV alone, under its own name.
    """
    row = place or st.container(horizontal=True)

    def made() -> pd.DataFrame:
        return table() if callable(table) else table

    def as_csv() -> bytes:
        return to_csv(made())

    button = partial(row.download_button, on_click="ignore", disabled=disabled)
    key = key or f"get_{file}"
    if not figures:
        button(label, data=shared_link.noted(as_csv), file_name=file, mime="text/csv", key=key, help=help)
        return
    marked, stem = marked or stamp(access.audience()), file.removesuffix(".csv")
    name = f"{stem}_{marked.in_a_name}"
    button(label, data=shared_link.noted(as_csv), file_name=f"{name}.csv", mime="text/csv", key=key, help=help)
    button(
        "XLSX",
        data=shared_link.noted(lambda: workbook([Sheet(sheet_name(stem), made())], marked)),
        file_name=f"{name}.xlsx",
        mime=EXCEL,
        key=f"{key}.xlsx",
        help="The same as a workbook, with a sheet that says what the figures were made from.",
    )
