"""The month's chart: its size, what it draws and says, and the same bytes every time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal
from unittest.mock import patch

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

from reports.chart import IN_PACE, INK, PICTURED, SLOW, TRACK, alternative_text, progress_chart
from schemas.board import Board, State, Totals, UnitStatus
from schemas.period import Period

PACE = 0.6333
LONG = (
    "Ban Quản lý dự án Hỗ trợ giảm nghèo các xã đặc biệt khó khăn vùng dân tộc thiểu số và miền "
    "núi phía Bắc"
)
SILENT = UnitStatus("HVDT", "Học viện Dân tộc", State.MISSING, True, Decimal(226000), None)
RETURNED = replace(SILENT, name="Vụ Kế hoạch - Tài chính", state=State.RETURNED)


def accepted(name: str, disbursed: str, budget: str = "10000") -> UnitStatus:
    return UnitStatus(name, name, State.ACCEPTED, False, Decimal(budget), Decimal(disbursed))


def board(*units: UnitStatus) -> Board:
    reported = [u for u in units if u.disbursed_to_date is not None]
    totals = Totals(
        sum((u.budget_current for u in reported), Decimal(0)),
        sum((u.disbursed_to_date or Decimal(0) for u in reported), Decimal(0)),
        Decimal(0),
    )
    return Board(Period(2021, 10), date(2021, 11, 5), totals, units)


COMMITTEE = board(
    accepted("Văn phòng Ủy ban", "4567"), accepted(LONG, "6333"), SILENT, accepted("Thanh tra", "0")
)


class Drawing:
    """What was drawn: the figure is caught on its way to the file."""

    def __init__(self, shown: Board, pace: float = PACE) -> None:
        figures: list[Figure] = []
        save = Figure.savefig

        def catch(figure: Figure, *args: Any, **kwargs: Any) -> None:
            figures.append(figure)
            save(figure, *args, **kwargs)

        with patch.object(Figure, "savefig", catch):
            self.png = progress_chart(shown, pace)
        (self.figure,) = figures
        self.axes: Axes = self.figure.axes[0]

    @property
    def texts(self) -> list[Text]:
        """Without the white grounds below them."""
        return [text for text in self.axes.texts if text.get_bbox_patch() is None]

    @property
    def said(self) -> list[str]:
        return [text.get_text().strip() for text in self.texts if text.get_text()]

    @property
    def bars(self) -> list[tuple[float, tuple[float, ...]]]:
        """Length and colour, without the grey tracks that they lie on."""
        drawn = [bar for bar in self.axes.patches if isinstance(bar, Rectangle)]
        return [
            (round(bar.get_width(), 4), to_rgba(bar.get_facecolor()))
            for bar in drawn
            if to_rgba(bar.get_facecolor()) != to_rgba(TRACK)
        ]


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return Drawing(COMMITTEE)


def test_every_unit_has_its_figure_slowest_first_silent_last(drawing: Drawing) -> None:
    name = ["Ban Quản lý dự án Hỗ trợ giảm nghèo", "các xã đặc biệt khó khăn vùng dân"]
    assert drawing.said == [
        "Tỷ lệ giải ngân đến hết tháng 10 năm 2021",
        "Tính trên dự toán sau điều chỉnh",
        "Tiến độ yêu cầu 63,33%",
        *("Bình quân chung", "36,33%"),
        *("Thanh tra", "0,00%"),
        *("Văn phòng Ủy ban", "45,67%"),
        *(*name, "tộc thiểu số và miền núi phía Bắc", "63,33%"),
        *("Học viện Dân tộc", "chưa báo cáo"),
        *("0%", "50%", "100%"),
    ]


def test_bars_are_as_long_as_the_rates_and_coloured_by_the_pace(drawing: Drawing) -> None:
    slow, in_pace = to_rgba(SLOW), to_rgba(IN_PACE)
    assert drawing.bars == [
        (0.3633, to_rgba("white")),
        *((0.0, slow), (0.4567, slow), (0.6333, in_pace)),
    ]


def test_a_line_stands_at_the_expected_pace(drawing: Drawing) -> None:
    (line,) = drawing.axes.collections
    vertices: Any = line.get_paths()[0].vertices
    assert vertices[:, 0] == pytest.approx([PACE, PACE])


def test_the_two_colours_differ_in_grey_print() -> None:
    def luminance(colour: str) -> float:  # WCAG 2.2, relative luminance
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert (luminance(IN_PACE) + 0.05) / (luminance(SLOW) + 0.05) >= 3  # WCAG 2.2, 1.4.11


def boxes(drawing: Drawing) -> list[Any]:
    return [text.get_window_extent() for text in drawing.texts if text.get_text()]


def assert_inside(drawing: Drawing) -> None:
    picture = drawing.figure.bbox
    for box in boxes(drawing):
        assert min(box.x0, box.y0) >= 0
        assert box.x1 <= picture.x1
        assert box.y1 <= picture.y1


def test_texts_stay_inside_the_picture_and_apart(drawing: Drawing) -> None:
    assert_inside(drawing)
    drawn = boxes(drawing)
    for number, one in enumerate(drawn):
        assert not any(one.overlaps(other) for other in drawn[number + 1 :])


@pytest.mark.parametrize("pace", [0.0, 0.05, 0.49, 0.51, 0.95, 1.0])
@pytest.mark.parametrize("disbursed", ["0", "9999", "12500", "99000"])
def test_texts_stay_inside_whatever_the_rates(disbursed: str, pace: float) -> None:
    assert_inside(Drawing(board(accepted("Văn phòng Ủy ban", disbursed)), pace))


def test_letters_are_large_enough_at_400_pixels(drawing: Drawing) -> None:
    shrunk = 400 / drawing.figure.bbox.width
    heights = {
        float(text.get_fontsize()) / 72 * drawing.figure.dpi * shrunk for text in drawing.texts
    }
    assert min(heights) >= 10  # pixels of type size


def test_one_typeface_that_has_every_letter(drawing: Drawing) -> None:
    assert {tuple(text.get_fontfamily()) for text in drawing.texts} == {("DejaVu Sans",)}
    letters = {
        *"".join(drawing.said),
        *"ẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỲỴỶỸĐắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựỳỵỷỹđ",
    }
    styles: tuple[tuple[str, Literal["normal", "italic"]], ...] = (
        ("normal", "normal"),
        ("bold", "normal"),
        ("normal", "italic"),
    )
    for weight, style in styles:
        font = FontProperties(family="DejaVu Sans", weight=weight, style=style)
        glyphs = get_font(findfont(font, fallback_to_default=False)).get_charmap()
        assert not [letter for letter in letters if ord(letter) not in glyphs]


def test_the_picture_is_a_png_twice_400_pixels_wide(drawing: Drawing) -> None:
    with Image.open(BytesIO(drawing.png)) as picture:
        assert (picture.format, picture.width) == ("PNG", 800)
        assert set(picture.info) <= {"dpi"}  # no date, no software


def test_the_picture_has_our_colours_only_and_stays_small() -> None:
    """Twelve units with names of three lines, in a mail of less than 100 kB."""
    long = board(*(accepted(f"{LONG} số {n}", str(n * 1000)) for n in range(40)))
    png = progress_chart(long, PACE)
    assert len(png) < 84_000
    with Image.open(BytesIO(png)) as picture:
        assert picture.mode == "P"
        colours = picture.convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) <= 16
    drawn = {"#{:02X}{:02X}{:02X}".format(*colour) for _, colour in colours}  # type: ignore[misc]
    assert {SLOW, IN_PACE, TRACK, INK, "#FFFFFF"} <= drawn


def test_the_alternative_text_of_a_thousand_units_can_be_listened_to() -> None:
    silent = [replace(SILENT, name=f"Đơn vị {n}") for n in range(1000)]
    text = alternative_text(board(*COMMITTEE.units, *silent), PACE)
    assert len(text) < 500
    assert "Đơn vị 1 (chưa báo cáo) và 998 đơn vị khác." in text


def test_the_same_board_gives_the_same_bytes(drawing: Drawing) -> None:
    assert progress_chart(COMMITTEE, PACE) == drawing.png


@pytest.mark.parametrize("number", [PICTURED - 1, PICTURED, PICTURED + 1])
def test_of_too_many_units_the_lowest_are_shown_and_it_says_so(number: int) -> None:
    drawing = Drawing(board(*(accepted(f"Trung tâm {n}", str(n * 100)) for n in range(number))))
    names = [text for text in drawing.said if text.startswith("Trung tâm")]
    assert names == [f"Trung tâm {n}" for n in range(min(number, 12))]
    note = f"Chỉ hiện 12 đơn vị thấp nhất trong {number} đơn vị"
    assert (note in drawing.said) is (number > 12)
    assert_inside(drawing)


def test_a_month_of_silence_still_draws() -> None:
    drawing = Drawing(board(SILENT, RETURNED, accepted("Tạp chí Dân tộc", "0", "0")))
    assert drawing.said[2:-3] == [
        "Tiến độ yêu cầu 63,33%",
        *("Học viện Dân tộc", "chưa báo cáo"),
        *("Vụ Kế hoạch - Tài chính", "báo cáo đã trả lại để sửa"),
        *("Tạp chí Dân tộc", "không xác định, do không có dự toán"),
    ]
    assert drawing.bars == []


def test_the_alternative_text_says_what_the_chart_says() -> None:
    assert alternative_text(COMMITTEE, PACE) == (
        "Biểu đồ tỷ lệ giải ngân (trên dự toán sau điều chỉnh) của 3 đơn vị đến hết tháng 10 năm "
        "2021: bình quân 36,33%, tiến độ yêu cầu 63,33%, 2 đơn vị dưới mức yêu cầu. Thấp nhất: "
        "Thanh tra (0,00%), Văn phòng Ủy ban "
        "(45,67%). Chưa có số liệu: Học viện Dân tộc (chưa báo cáo)."
    )
    assert alternative_text(board(SILENT), PACE) == (
        "Biểu đồ tỷ lệ giải ngân đến hết tháng 10 năm 2021: chưa có số liệu."
    )
