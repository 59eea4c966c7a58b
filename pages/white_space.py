"""White space: what accounts could buy, judged by their peers; complexity; accounts by products."""

from __future__ import annotations

import hashlib
from functools import cache, partial

import altair as alt
import pandas as pd
import streamlit as st

from pages.parts import applied, compute, state
from pages.parts.charts import MONEY, Spec, draw, kept
from pages.parts.problems import show_problems
from pages.parts.tables import dollars, download
from sim.book.products import Products, read_products
from sim.book.samples import SAMPLE_DATA
from sim.book.schema import Book
from sim.decide.customers import white_space
from sim.problems import InputError
from sim.runs.setting import key_of
from sim.words import money

HOW = """
* **Level** of a product: a quantile of what its holders in the same segment pay (of the whole book where fewer than
  five of the segment hold it).
* **Upsell**: a holder who pays less than the level could buy the difference.
* **Cross-sell**: who does not hold a product could buy the level. It counts by the share of peers who hold it: where
  two in ten do, two tenths of the level.
* **Without a table of products** only ARR is known: what an account pays below the quantile of its segment is upsell.
* **Complexity**: 1 + 4 times the weighted mean of the account's ranks in the parts below; an account in the middle of
  everything has 3.
"""
_PRODUCTS = alt.Axis(orient="top", labelAngle=-60, ticks=False, labelOverlap=False, labelLimit=110)
_ACCOUNTS = alt.Axis(labelLimit=120, ticks=False, labelOverlap=False)


@cache
def _heat_spec() -> Spec:
    x = alt.X("product:N", title=None, sort=None, axis=_PRODUCTS)
    y = alt.Y("account_id:N", title=None, sort=alt.SortField("order"), axis=_ACCOUNTS)
    legend = alt.Legend(orient="bottom", labelExpr=MONEY, title="white space, USD a year", gradientLength=220)
    told = [
        alt.Tooltip("account:N"),
        alt.Tooltip("product:N"),
        alt.Tooltip("room:Q", title="white space", format="$,.0f"),
        alt.Tooltip("kind:N"),
    ]
    shade = alt.Color("room:Q", scale=alt.Scale(type="sqrt"), legend=legend)
    cells = alt.Chart().mark_rect().encode(x=x, y=y, color=shade, tooltip=told)
    # The third colour of the theme, which stands out from both ends of the shades.
    mark = alt.Color("kind:N", scale=alt.Scale(domain=["", "upsell: holds it", white_space.NOT_HELD]), legend=None)
    new = alt.Chart().transform_filter(f"datum.kind === '{white_space.NOT_HELD}' && datum.room > 0")
    plus = new.mark_text(text="+", fontWeight="bold", fontSize=13).encode(x=x, y=y, color=mark)
    return kept(alt.layer(cells, plus).resolve_scale(color="independent"))


@st.cache_resource(max_entries=8, show_spinner="Reading who holds what...")
def _read(key: str, _content: bytes, _book: Book) -> Products:
    return read_products(_content, _book)


def _products(book: Book) -> Products | None:
    """Who holds what: from the user's file, or the sample's; None when there is none."""
    with st.expander("Bring a table of products"):
        file = st.file_uploader(
            "products.csv, XLSX or Parquet",
            type=["csv", "xlsx", "parquet"],
            key="products_file",
            help="Rows are accounts, columns products, cells what they pay in USD a year (or 1 and 0).",
        )
        st.caption(
            "account_id and a column for each product, with USD a year in the cells; or the columns account_id, "
            "product and arr. With only 1 and 0 (yes and no), prices are those that explain ARR best."
        )
        if file is not None and st.button("Read it"):
            content = file.getvalue()
            try:
                _read(_key(content, book), content, book)
            except InputError as error:
                show_problems("Nothing was loaded:", error)
            else:
                st.session_state["products_content"] = (book.account_id, content)
    held: tuple[tuple[str, ...], bytes] | None = st.session_state.get("products_content")
    if held is not None and held[0] == book.account_id:
        return _read(_key(held[1], book), held[1], book)
    name = state.scenario().sample
    if book.account_id == compute.sample_book(name).account_id:
        st.caption("The sample's products are made up, as the sample is. Bring your own above.")
        content = (SAMPLE_DATA / name / "products.csv").read_bytes()
        return _read(_key(content, book), content, book)
    st.info("No table of products yet: white space comes from the ARR of peers, and all of it counts as upsell.")
    return None


def _key(content: bytes, book: Book) -> str:
    return key_of(hashlib.sha256(content).hexdigest(), *book.account_id, book.arr.tobytes())


def _weights() -> dict[str, float]:
    """Weights of the parts of complexity, as edited."""
    table = pd.DataFrame({"part": [label for label, _ in white_space.PARTS.values()],
                          "weight": [weight for _, weight in white_space.PARTS.values()]})  # fmt: skip
    edited = st.data_editor(
        table,
        hide_index=True,
        key="complexity_weights",
        disabled=["part"],
        column_config={
            "part": "Part of complexity",
            "weight": st.column_config.NumberColumn("Weight", min_value=0.0, max_value=10.0, required=True),
        },
    )
    return {name: float(weight) for name, weight in zip(white_space.PARTS, edited["weight"], strict=True)}


def _take_away(accounts: pd.DataFrame) -> None:
    with st.expander(f"All {len(accounts):,} accounts, most white space first"):
        st.dataframe(
            accounts,
            hide_index=True,
            width="stretch",
            height=420,
            column_config={
                "account_id": st.column_config.TextColumn("Account", pinned=True),
                "account_name": "Name",
                "segment": "Segment",
                "arr": dollars("ARR"),
                "upsell": dollars("Upsell"),
                "cross_sell": dollars("Cross-sell"),
                "complexity": st.column_config.NumberColumn("Complexity", format="%.1f"),
                **{str(name): dollars() for name in accounts if str(name).startswith("white space: ")},
            },
        )
    download("Download all accounts by products", partial(accounts.round, 2), "white_space.csv")


book = compute.book_of(state.scenario())
st.markdown("### White space and complexity")
products = _products(book)
level = st.slider(
    "Level of peers that counts as full, %",
    25,
    90,
    50,
    5,
    key="white_quantile",
    width=420,
    help="50: what the middle holder in the segment pays. Higher is more ambitious.",
)
if products is None:
    white = white_space.from_peers(book, level / 100)
else:
    white = white_space.from_products(book, products, level / 100)
    if products.strangers:
        st.caption(f"{products.strangers:,} rows are of accounts that are not in the book; they count for nothing.")
    if products.priced:
        st.caption("The file says who holds what, not what they pay: prices are those that explain ARR best.")
upsell, cross_sell = white.upsell.sum(axis=1), white.cross_sell.sum(axis=1)
row = st.container(horizontal=True, gap="medium")
for label, computed, present in (
    ("Upsell", upsell, book.upsell_whitespace),
    ("Cross-sell", cross_sell, book.cross_sell_whitespace),
):
    row.metric(
        f"{label}, computed",
        money(computed.sum()),
        f"{money(present.sum())} in use",
        "off",
        delta_arrow="off",
        width=200,
    )
picture = white_space.heat_map(book, white, products)
title = white_space.finding(book, white)
shown = 170 + 19 * picture["order"].nunique()
draw(_heat_spec(), picture, title, f"{title}. Stronger shade: more white space; + marks cross-sell.", shown, "heat")
st.caption("A plus sign marks a product that the account does not hold (cross-sell); the other cells are upsell.")
by_product = white_space.product_table(white, products)
st.dataframe(
    by_product,
    hide_index=True,
    width="stretch",
    column_config={
        "product": "Product",
        "holders": st.column_config.NumberColumn("Accounts that hold it", format="%,d"),
        "paid": dollars("They pay"),
        "upsell": dollars("Upsell"),
        "cross_sell": dollars("Cross-sell"),
        "white_space": dollars("White space"),
    },
)
st.markdown("#### Complexity")
try:
    complexity = white_space.complexity_score(book, products, _weights())
except InputError as error:
    show_problems("Complexity cannot be computed:", error)
    st.stop()
st.caption(
    f"Computed from 1 to 5: mean {complexity.mean():.1f}, {(complexity >= 4).sum():,} accounts at 4 and more. "
    f"In use: mean {book.complexity.mean():.1f}."
)
uses = st.container(horizontal=True)
uses.button(
    "Use this white space",
    type="primary",
    on_click=applied.use,
    args=("white", "this page", {"upsell_whitespace": upsell, "cross_sell_whitespace": cross_sell}),
    help="Every page then simulates with it.",
)
uses.button(
    "Use this complexity",
    on_click=applied.use,
    args=("complexity", "this page", {"complexity": complexity}),
    help="Hours to serve on the page Segments hang on it.",
)
for key, label in (("white", "Back to the white space of the book"), ("complexity", "Back to its complexity")):
    if applied.in_use(key):
        uses.button(label, on_click=applied.back, args=(key,))
_take_away(white_space.account_room(book, white, complexity))
with st.expander("How this is measured"):
    st.markdown(HOW)
