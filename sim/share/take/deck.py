"""The decision as slides: seven of 16:9, native tables, text that can be edited, readable from the back of a room."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from sim.share.take.archive import settled
from sim.share.take.decision import HOW, TITLE, Decision, Setting
from sim.share.take.picture import Picture, Theme, to_png
from sim.share.take.typeset import printable

WIDE, HIGH = 13.333, 7.5
"""Of a slide, inches; the margins within."""
LEFT, TOP, BOTTOM = 0.75, 0.55, 6.85
INSIDE = WIDE - 2 * LEFT
FONT = "Arial"
ROWS_SHOWN = 7
"""Settings on a slide before the rest is only counted."""
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's name for a table without style and grid."""
KEY_FIGURES = ("Plan cost", "Retained ARR", "NRR")


def deck(found: Decision, picture: Picture, theme: Theme) -> bytes:
    """A PowerPoint file; the same input gives the same bytes."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDE), Inches(HIGH)
    about = show.core_properties
    about.title, about.author, about.comments = TITLE, "CS compensation what-if", found.stamp.line
    about.last_modified_by, about.revision = "", 1
    about.created = about.modified = found.stamp.moment.replace(tzinfo=None)
    _Slides(show, found, picture, theme).draw()
    buffer = io.BytesIO()
    show.save(buffer)
    return settled(buffer.getvalue(), found.stamp.moment)


class _Slides:
    """Draws one slide after the other; all measures in inches, from the top left."""

    def __init__(self, show: Any, found: Decision, picture: Picture, theme: Theme) -> None:
        self.show, self.found, self.picture, self.theme = show, found, picture, theme
        self.slide: Any = None

    def draw(self) -> None:
        self._cover()
        self._answer()
        self._picture()
        self._figures()
        self._settings()
        if self.found.worlds:
            self._hangs_on()
        self._again()

    # --- the slides -------------------------------------------------------------------------------------------

    def _cover(self) -> None:
        found, theme = self.found, self.theme
        self._new(TITLE, 40, top=2.0, height=1.6)
        self._band()
        against = [(f"{found.candidate}", theme.categorical[0], True), (" against ", theme.quiet, False)]
        long = len(found.candidate) + len(found.current) > 80
        self._text([*against, (f"{found.current}, the plan in force", theme.ink, True)], 17 if long else 24, 3.75, 1.0)
        self._text([(f"{found.stamp.book} · {found.stamp.made.isoformat()}", theme.quiet, False)], 18, 4.85, 0.6)

    def _answer(self) -> None:
        self._new(self.found.sentence, 32 if len(self.found.sentence) < 170 else 26, height=2.7)
        shown = [row for row in self.found.figures if row.label in KEY_FIGURES]
        width = INSIDE / len(shown)
        for place, row in enumerate(shown):
            left = LEFT + place * width
            colour = self._tone(row.tone)
            self._text([(row.label, self.theme.quiet, False)], 20, 3.6, 0.5, left, width - 0.3)
            self._text([(row.change, colour, True)], 44, 4.1, 0.9, left, width - 0.3)
            line = f"{row.candidate}, in force {row.current}"
            self._text([(line, self.theme.ink, False)], 18, 5.05, 0.5, left, width - 0.3)
            self._text([(f"90 % of trials: {row.spread}", self.theme.quiet, False)], 16, 5.5, 0.45, left, width - 0.3)

    def _picture(self) -> None:
        from pptx.util import Inches

        self._new(self.picture.title, 28)
        larger = self.picture._replace(width=560, height=290)  # the smaller the chart, the larger its letters
        image = self.slide.shapes.add_picture(
            io.BytesIO(to_png(larger, self.theme, None)), Inches(LEFT), Inches(1.55), height=Inches(5.15)
        )
        image.left = round((self.show.slide_width - image.width) / 2)
        image._element.nvPicPr.cNvPr.set("descr", printable(self.picture.title, 400))

    def _figures(self) -> None:
        self._new("The figures", 28)
        rows = [
            [row.label, row.candidate, row.current, row.change, row.spread, row.error] for row in self.found.figures
        ]
        head = ["", "Candidate", "In force", "Difference", "90 % of trials", "Std. error"]
        widths = [2.8, 1.75, 1.75, 1.85, 2.1, 1.58]
        table = self._table(head, rows, 1.6, widths, 20, 0.55)
        for place, row in enumerate(self.found.figures, 1):
            self._colour(table.cell(place, 3), self._tone(row.tone))
        self._text([(HOW, self.theme.quiet, False)], 14, 5.75, 0.9)

    def _settings(self) -> None:
        self._new("What the candidate changes, and what is assumed", 28)
        half = (INSIDE - 0.6) / 2
        self._half("Settings", self.found.moved, "Candidate", "In force", LEFT, half, "None: the plans are the same.")
        right = LEFT + half + 0.6
        self._half("Assumptions", self.found.assumed, "Here", "Default", right, half, "All at their defaults.")
        self._text([(f"Response to pay: {self.found.world}", self.theme.quiet, False)], 14, 6.15, 0.6)

    def _half(
        self, name: str, rows: Sequence[Setting], first: str, second: str, left: float, width: float, none: str
    ) -> None:
        if not rows:
            self._text([(name, self.theme.quiet, True)], 16, 1.6, 0.45, left, width)
            self._text([(none, self.theme.ink, False)], 18, 2.1, 0.5, left, width)
            return
        shown = [[row.label, row.value, row.usual] for row in rows[:ROWS_SHOWN]]
        if len(rows) > ROWS_SHOWN:
            shown.append([f"and {len(rows) - ROWS_SHOWN} more, in the document and the workbook", "", ""])
        self._table([name, first, second], shown, 1.6, [width - 2.3, 1.15, 1.15], 15, 0.5, left)

    def _hangs_on(self) -> None:
        self._new(self.found.hangs_on, 26, height=1.5)
        rows = [[row.world, row.standing, row.mean, row.spread] for row in self.found.worlds]
        self._table(["World", "The candidate", "Mean", "Range"], rows, 2.5, [2.4, 3.4, 1.8, 4.23], 20, 0.6)

    def _again(self) -> None:
        self._new("How to make these figures again", 28)
        rows = [[name, value] for name, value in self.found.stamp.rows if name != "Link"]
        self._table(None, rows, 1.5, [3.6, INSIDE - 3.6], 18, 0.48)
        link = self.found.stamp.link
        if link:
            box = self._text([("Open this scenario", self.theme.categorical[0], True)], 20, 5.75, 0.5)
            box.text_frame.paragraphs[0].runs[0].hyperlink.address = link
            if len(link) <= 160:
                self._text([(link, self.theme.quiet, False)], 12, 6.25, 0.5)

    # --- what they are made of --------------------------------------------------------------------------------

    def _new(self, title: str, size: int, top: float = TOP, height: float = 0.85) -> None:
        from pptx.util import Inches

        self.slide = self.show.slides.add_slide(self.show.slide_layouts[5])  # a title, for the outline, and nothing
        shape = self.slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = (Inches(x) for x in (LEFT, top, INSIDE, height))
        self._fill(shape.text_frame, [(title, self.theme.ink, True)], size)
        number = str(len(self.show.slides))
        self._text([(self.found.stamp.line, self.theme.quiet, False)], 10, 6.95, 0.35, LEFT, INSIDE - 0.8)
        self._text([(number, self.theme.quiet, False)], 10, 6.95, 0.35, WIDE - LEFT - 0.7, 0.7, right=True)

    def _band(self) -> None:
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches

        band = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Inches(0.28), Inches(HIGH))
        band.fill.solid()
        band.fill.fore_color.rgb = _rgb(self.theme.categorical[0])
        band.line.fill.background()

    def _text(
        self,
        runs: Sequence[tuple[str, str, bool]],
        size: int,
        top: float,
        height: float,
        left: float = LEFT,
        width: float = INSIDE,
        *,
        right: bool = False,
    ) -> Any:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Inches

        box = self.slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
        self._fill(box.text_frame, runs, size)
        if right:
            box.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        return box

    def _fill(self, frame: Any, runs: Sequence[tuple[str, str, bool]], size: int) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.LEFT
        for text, colour, bold in runs:
            run = paragraph.add_run()
            run.text = printable(text, 400)
            run.font.name, run.font.size, run.font.bold = FONT, Pt(size), bold
            run.font.color.rgb = _rgb(colour)

    def _table(
        self,
        head: Sequence[str] | None,
        rows: Sequence[Sequence[str]],
        top: float,
        widths: Sequence[float],
        size: int,
        row_height: float,
        left: float = LEFT,
    ) -> Any:
        """A native table; the first column to the left, figures to the right."""
        from pptx.util import Inches

        every = [*([head] if head else []), *rows]
        shape = self.slide.shapes.add_table(
            len(every), len(widths), Inches(left), Inches(top), Inches(sum(widths)), Inches(row_height * len(every))
        )
        table = shape.table
        shape._element.graphic.graphicData.tbl.tblPr.find(
            "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"
        ).text = _NO_STYLE
        table.horz_banding, table.first_row = False, head is not None
        for place, width in enumerate(widths):
            table.columns[place].width = Inches(width)
        for r, row in enumerate(every):
            table.rows[r].height = Inches(row_height)
            for c, text in enumerate(row):
                heading = bool(head) and r == 0
                colour = self.theme.quiet if heading or (not head and c == 0) else self.theme.ink
                self._write(
                    table.cell(r, c), text, colour, size, right=c > 0 and bool(head), bold=c == 1 and not heading
                )
                _underline(table.cell(r, c), self.theme.quiet if heading else self.theme.line)
        return table

    def _write(self, cell: Any, text: str, colour: str, size: int, *, right: bool, bold: bool) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Inches

        self._fill(cell.text_frame, [(text, colour, bold)], size)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        cell.margin_left = cell.margin_right = Inches(0.06)
        cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT

    def _colour(self, cell: Any, colour: str) -> None:
        run = cell.text_frame.paragraphs[0].runs[0]
        run.font.color.rgb, run.font.bold = _rgb(colour), True

    def _tone(self, tone: str) -> str:
        return {"good": self.theme.categorical[3], "bad": self.theme.categorical[2]}.get(tone, self.theme.quiet)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor(*bytes.fromhex(colour.removeprefix("#")))  # type: ignore[no-untyped-call]  # it has no types


def _underline(cell: Any, colour: str) -> None:
    """A hair line below a cell; python-pptx has no word for borders."""
    from pptx.oxml import parse_xml

    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    fill = f'<a:solidFill><a:srgbClr val="{colour.removeprefix("#").upper()}"/></a:solidFill>'
    cell._tc.get_or_add_tcPr().insert(0, parse_xml(f'<a:lnB {space} w="9525">{fill}</a:lnB>'))
