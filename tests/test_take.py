"""What is taken away: every file read back by another reader, its figures those of the page, its texts only texts."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import time
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest
from pdf_text import pdf_text
from pptx import Presentation
from python_calamine import CalamineWorkbook

from pages.parts import charts
from pages.parts.stamped import theme
from sim.book.samples import load_sample
from sim.book.schema import Book
from sim.decide.compare import differences, summaries
from sim.decide.headline import FIGURES, headlines
from sim.decide.verdict import verdict
from sim.engine.outcome import Outcome
from sim.engine.run import MODEL_VERSION, Stage, set_stage, simulate
from sim.plan.curve import pay_curve, payout
from sim.plan.levers import with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.share import redact
from sim.share.audience import AUDIENCES, Audience
from sim.share.link import Link, encode, fingerprint_of, opening, to_query
from sim.share.redact import ACCOUNTS, OTHERS
from sim.share.take.decision import Decision, Setting, decision
from sim.share.take.deck import ROWS_SHOWN, deck
from sim.share.take.document import decision_pdf
from sim.share.take.picture import Picture, to_png, to_svg
from sim.share.take.plain import printable
from sim.share.take.plan_document import plan_data, plan_pdf
from sim.share.take.plan_examples import EXAMPLE_TARGET
from sim.share.take.stamp import Stamp, stamp_of
from sim.share.take.tables import decision_sheets
from sim.share.take.typeset import to_pdf
from sim.share.take.workbook import Sheet, sheet_name, workbook

TRIALS = 64
MADE = date(2026, 3, 1)
EMU = 914_400
NAMES = (
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(A1)",
    "-2+3",
    "\t=1",
    "\r=1",
    "<b>x</b> #set page(fill: red) $a$ *b* @ref [c](http://e.x) \\u{0}",
    "Größe, 漢字, مرحبا بالعالم, עברית, 😀👩‍👩‍👧",
    "\x00\x07\x1b\u202e",
    "x" * 10_000,
)


def renamed(book: Book) -> Book:
    """Every name of the book a hostile one, all different."""

    def names(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{NAMES[i % len(NAMES)]}{i}" for i in range(len(texts)))

    team = replace(
        book.team, **{name: names(getattr(book.team, name)) for name in ("csm_id", "csm_name", "role", "level")}
    )
    columns = {name: names(getattr(book, name)) for name in ("account_id", "account_name", "segment")}
    return replace(book, name=NAMES[0], team=team, **columns)


LINK = replace(
    opening(),
    sample="startup",
    candidate=with_lever(plan_preset("at_risk_70_30"), "accelerator", 2.0),
    preset=plan_preset("at_risk_70_30"),
    world=opening().world.changed({"churn_cut": 0.05}),
    seed=7,
    trials=TRIALS,
)


@cache
def ran() -> tuple[Stage, Outcome, Outcome]:
    stage = set_stage(load_sample("startup"), LINK.current, LINK.world, seed=LINK.seed, trials=TRIALS)
    return stage, simulate(stage, LINK.candidate), simulate(stage, LINK.current)


def stamped(audience: Audience = "full", link: Link = LINK) -> Stamp:
    address = f"http://localhost:8501/?{to_query(encode(link)[0])}"
    return stamp_of(link, load_sample("startup"), MADE, audience, address)


def said(audience: Audience = "full", link: Link = LINK) -> Decision:
    _, candidate, current = ran()
    return decision(candidate, current, link, stamped(audience, link))


def tables(audience: Audience = "full", book: Book | None = None) -> list[Sheet]:
    book, (_, candidate, current) = book or load_sample("startup"), ran()
    groups = redact.group_table(book, candidate, current, audience)
    return decision_sheets(said(audience), redact.visible_book(book, audience), groups, candidate, current)


def drawn() -> Picture:
    _, candidate, current = ran()
    return charts.totals(candidate, current)


@cache
def document() -> bytes:
    return decision_pdf(said(), drawn(), theme())


@cache
def slide_deck() -> bytes:
    return deck(said(), drawn(), theme())


@cache
def picture_file() -> bytes:
    return to_png(drawn(), theme(), stamped())


def squeezed(text: str) -> str:
    return "".join(text.split())


def slides(content: bytes) -> list[list[str]]:
    """The texts of each slide, tables by their cells."""
    found = []
    for slide in Presentation(io.BytesIO(content)).slides:
        texts = []
        for shape in slide.shapes:
            if shape.has_text_frame:
                texts.append(shape.text_frame.text)
            if shape.has_table:
                texts += [cell.text for row in shape.table.rows for cell in row.cells]
        found.append(texts)
    return found


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


# --- the figures ------------------------------------------------------------------------------------------


def test_the_document_says_what_the_page_says():
    _, candidate, current = ran()
    text = pdf_text(document())
    assert squeezed(verdict(candidate, current).sentence) in text
    assert squeezed(drawn().title) in text
    for row in headlines(candidate, current):
        assert squeezed("".join((row.label, row.candidate, row.current, row.change, row.spread, row.error))) in text
    assert squeezed("Churn cut at reference effort 5 % 10 %") in text
    assert squeezed("Accelerator 2 x 1.5 x") in text


def test_the_slides_say_what_the_page_says():
    _, candidate, current = ran()
    pages = slides(slide_deck())
    everything = [text for page in pages for text in page]
    assert verdict(candidate, current).sentence in everything
    assert drawn().title in everything
    for row in headlines(candidate, current):
        assert {row.label, row.candidate, row.current, row.change, row.spread, row.error} <= set(everything)
    assert {"Accelerator", "2 x", "1.5 x", "Churn cut at reference effort", "5 %", "10 %"} <= set(everything)
    assert all(any(stamped().line in text for text in page) for page in pages)


def test_the_workbook_holds_the_figures_themselves():
    _, candidate, current = ran()
    found = sheets(workbook(tables(), stamped()))
    head = found["Figures"][2]
    rows = [dict(zip(head, row, strict=True)) for row in found["Figures"][3:]]
    then, now, change = summaries(candidate), summaries(current), differences(candidate, current)
    headline = {row.label: row for row in headlines(candidate, current)}
    for row, figure in zip(rows, FIGURES, strict=True):
        assert row["Figure"] == figure.label
        assert (said_of := headline[figure.label]).candidate == figure.written(then[figure.name].mean)
        assert said_of.current == figure.written(now[figure.name].mean)
        assert row["Candidate"] == pytest.approx(then[figure.name].mean, rel=1e-15)
        assert row["In force"] == pytest.approx(now[figure.name].mean, rel=1e-15)
        assert row["Difference"] == pytest.approx(change[figure.name].mean, rel=1e-15, abs=1e-15)
    assert [row[:2] for row in found["About"][1:]] == [list(row) for row in stamped().rows]


def test_every_file_bears_the_stamp():
    marked = stamped()
    assert marked.model == MODEL_VERSION
    assert marked.fingerprint == fingerprint_of(load_sample("startup"))
    parts = ("seed 7", f"{TRIALS} trials", f"model {MODEL_VERSION}", "2026-03-01", marked.fingerprint, "for: full")
    assert all(part in marked.line for part in parts)
    assert all(part in marked.in_a_name for part in ("seed-7", "trials-64", MODEL_VERSION, "2026-03-01", "full"))
    line = squeezed(marked.line)
    assert line in pdf_text(document())
    assert line in pdf_text(plan_pdf(ran()[0], LINK.candidate, marked, theme()))
    assert line in squeezed("".join(ElementTree.fromstring(to_svg(drawn(), theme(), marked)).itertext()))
    texts = png_texts(picture_file())
    assert texts == {"Title": drawn().title, **dict(marked.rows)}
    assert load_sample("startup").digest not in "".join(value for _, value in marked.rows)


def png_texts(png: bytes) -> dict[str, str]:
    """Text chunks of a PNG; every checksum holds."""
    found, place = {}, 8
    while place < len(png):
        (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        body = png[place + 8 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + body)
        if kind == b"iTXt":
            name, _, rest = body.partition(b"\0")
            found[name.decode()] = rest[4:].decode()
        place += 12 + length
    return found


def test_the_same_is_the_same_to_the_byte():
    stage, _, _ = ran()

    def small() -> list[bytes]:
        return [workbook(tables(), stamped()), plan_pdf(stage, LINK.candidate, stamped(), theme())]

    first = [document(), slide_deck(), picture_file(), *small()]
    time.sleep(2.0)  # archives count in steps of two seconds
    for made in (document, slide_deck, picture_file):
        made.cache_clear()
    assert [document(), slide_deck(), picture_file(), *small()] == first


# --- slides that can be shown -----------------------------------------------------------------------------


def test_nothing_on_a_slide_overlaps_or_leaves_it():
    longest = replace(LINK, candidate=plan_preset("flowfuse").model_copy(update={"name": "W" * 80}))
    for content in (slide_deck(), deck(said(link=longest), drawn(), theme())):
        show = Presentation(io.BytesIO(content))
        assert (show.slide_width / show.slide_height) == pytest.approx(16 / 9, rel=1e-3)
        for slide in show.slides:
            boxes = [shape for shape in slide.shapes if shape.width < show.slide_width and shape.left > 0]
            assert slide.shapes.title.text_frame.text
            for shape in boxes:
                assert shape.left >= 0.5 * EMU
                assert shape.left + shape.width <= show.slide_width - 0.5 * EMU
                assert shape.top + shape.height <= show.slide_height
            for shape, other in ((a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]):
                apart = (
                    shape.left + shape.width <= other.left + 2  # roundings of inches
                    or other.left + other.width <= shape.left + 2
                    or shape.top + shape.height <= other.top + 2
                    or other.top + other.height <= shape.top + 2
                )
                assert apart, (shape.name, other.name)


def test_letters_can_be_read_from_the_back_of_a_room():
    for slide in Presentation(io.BytesIO(slide_deck())).slides:
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text not in ("", stamped().line):
                sizes = [run.font.size.pt for part in shape.text_frame.paragraphs for run in part.runs]
                assert min(sizes) >= 12 or shape.text_frame.text.isdigit()


# --- hostile names ----------------------------------------------------------------------------------------


def test_names_are_texts_in_a_workbook():
    book = renamed(load_sample("startup"))
    content = workbook(tables("full", book), stamped())
    found = sheets(content)
    head, *rows = found["CSMs"]
    told = [row[head.index("csm_name")] for row in rows]
    assert [str(name)[:5] for name in told] == [f"{name}{i}".replace("\t", " ")[:5] for i, name in enumerate(NAMES[:4])]
    segments = [str(row[0]) for row in found["Segments"][1:]]
    assert any(name.startswith("=cmd") for name in segments)
    names = pd.DataFrame({"name": list(NAMES), "=1+1": 1.0})
    back = sheets(workbook([Sheet(sheet_name("a:b/[c]" * 9), names)], stamped()))
    written = next(iter(back.values()))
    assert [len(str(row[0])) for row in written[1:]] == [len(name) for name in NAMES]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_names_are_texts_in_documents_and_slides():
    stage, _, _ = ran()
    moved = tuple(Setting(name, name, f"{name}!") for name in NAMES)
    picture = drawn()._replace(title=NAMES[6])
    found = said()._replace(candidate=NAMES[0], current=NAMES[7], moved=moved)
    plan = plan_data(stage, LINK.candidate, stamped())
    plan["parts"] = [{**plan["parts"][0], "name": name, "lines": [name]} for name in NAMES]
    plain = [re.sub(r"[\x00-\x1f]", " ", name) for name in NAMES]
    for text in (pdf_text(decision_pdf(found, picture, theme())), pdf_text(to_pdf("plan", plan, theme(), stamped()))):
        assert [name for name in plain if name.isascii() and squeezed(name[:1_999]) not in text] == []
    shown = [text for page in slides(deck(found, picture, theme())) for text in page]
    assert [name for name in plain[:ROWS_SHOWN] if name not in shown] == []


def test_a_chart_draws_any_name():
    """The renderer ends the whole process when it meets a control character: none may reach it."""
    data = pd.DataFrame({"name": NAMES, "x": 1.0})
    spec = {"$schema": drawn().spec["$schema"], "mark": "bar"}
    spec["encoding"] = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "name", "axis": {"labelLimit": 0}}}
    for title in NAMES:
        svg = ElementTree.fromstring(to_svg(Picture(spec, data, title), theme(), stamped()))
        texts = "".join(svg.itertext())
        assert printable(title).strip() in texts
    assert [name for name in NAMES if squeezed(printable(name, 200)) not in squeezed(texts)] == []
    assert png_texts(to_png(Picture(spec, data, NAMES[8]), theme(), stamped()))["Title"] == NAMES[8]


def test_names_in_other_scripts_are_drawn_where_the_machine_has_fonts_for_them():
    """Boxes in the place of letters look the same whatever they stand for."""
    lister = shutil.which("fc-list")
    if lister is None or not subprocess.run([lister, ":lang=ja"], capture_output=True, check=True).stdout:
        pytest.skip("no font here has Japanese letters (on Debian: apt-get install fonts-noto-cjk)")
    spec = {"$schema": drawn().spec["$schema"], "mark": "bar", "encoding": {"y": {"field": "name"}}}

    def chart(name: str) -> Picture:
        return Picture(spec, pd.DataFrame({"name": [name]}), "A title")

    boxes = to_png(chart("\U000f0000\U000f0001"), theme(), None)
    assert boxes == to_png(chart("\U000f0001\U000f0000"), theme(), None)  # for private use: in no font
    assert to_png(chart("漢字"), theme(), None) != to_png(chart("字漢"), theme(), None)
    plain, japanese = (
        decision_pdf(said()._replace(candidate=name), drawn(), theme()).count(b"/FontDescriptor")
        for name in ("A", "漢字")
    )
    assert japanese > plain  # the letters of a further font are in the file


# --- audiences --------------------------------------------------------------------------------------------


def test_a_summary_holds_nobody_and_no_pay():
    book = load_sample("startup")
    for audience in ("summary", "team"):
        found = sheets(workbook(tables(audience), stamped(audience)))
        texts = {str(cell) for rows in found.values() for row in rows for cell in row}
        assert not texts & {*book.account_name, *book.account_id, *book.team.csm_name, *book.team.csm_id}
        assert not any("pay_" in text for text in texts)
        assert "CSMs" not in found
        assert ("Roles" in found) == (audience == "team")
        people = [row[0] for row in found["Segments"][1:-1]]
        assert people == [ACCOUNTS if audience == "summary" else OTHERS]  # four people: no segment stands alone
    whole = sheets(workbook(tables(), stamped()))
    assert {row[1] for row in whole["CSMs"][1:]} == set(book.team.csm_name)
    assert len(AUDIENCES) == 3


def test_small_groups_are_merged_until_they_are_not_small():
    def found(labels: list[str], people: list[int] | None = None) -> list[str]:
        place, names = redact.merged(labels, people)
        return [names[index] for index in place]

    assert found(["a"] * 6 + ["b"] * 5 + ["c"] * 2) == ["a"] * 6 + [OTHERS] * 7
    assert found(["a"] * 6 + ["b"] * 5) == ["a"] * 6 + ["b"] * 5
    assert found(["a", "b"] * 3, [0, 1] * 3) == [OTHERS] * 6  # many entries, two people
    shared = ["a"] * 6 + ["b"] * 6 + ["c"] * 4 + ["d"] * 4  # c and d are of the same four
    people = [*range(6), *range(6), *range(4), *range(4)]
    assert found(shared, people) == [OTHERS] * 6 + ["b"] * 6 + [OTHERS] * 8


def test_a_plan_for_csms_holds_nobodys_pay_unless_all_may_be_seen():
    stage, _, _ = ran()
    team = stage.portfolio.book.team
    generic = plan_data(stage, LINK.candidate, stamped("team"), 1)
    assert generic == plan_data(stage, LINK.candidate, stamped("full"), None)
    assert generic["person"] == ""
    own = plan_data(stage, LINK.candidate, stamped("full"), 1)
    assert own["person"] == f"{team.csm_name[1]}, {team.level[1]}"
    assert "http" not in pdf_text(plan_pdf(stage, LINK.candidate, stamped(), theme()))


# --- the plan's worked examples ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAN_PRESETS)
def test_examples_pay_what_the_curves_say(name):
    plan = plan_preset(name)
    stage, _, _ = ran()
    data = plan_data(stage, plan, stamped(), None)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[plan.period]
    weighted = [component for component in plan.components if component.weight is not None]
    (reached,) = [example for example in data["examples"] if example["title"] == "Every quota reached"] or [None]
    if reached is None:
        assert not plan.components
        return
    for component, section in zip(plan.components, reached["sections"], strict=True):
        if component in weighted:
            share = float(payout(pay_curve(component.curve, component.kind), 1.0))
            due = share * (component.weight or 0.0) * EXAMPLE_TARGET * months / 12.0
            assert float(section["sum"].replace(",", "")) == pytest.approx(due, abs=0.005)
    for example in data["examples"]:
        sums = [float(section["sum"].replace(",", "")) for section in example["sections"]]
        assert float(example["total"].replace(",", "")) == pytest.approx(sum(sums), abs=1e-6)
        for section in example["sections"]:
            lines = [float(amount.replace(",", "")) for _, amount in section["lines"]]
            assert float(section["sum"].replace(",", "")) == pytest.approx(sum(lines), abs=1e-6)
    for part in data["parts"]:
        paid = [float(pays.removesuffix(" %")) for _, pays in part["table"]]
        assert all(low <= high for low, high in pairwise(paid))
