import pytest

from ingest.loaders import html
from rag.errors import UnreadableFile


def load(body, head=""):
    return html.load(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "a.html")


def searched(loaded):
    return "".join(loaded.text[s.span.start : s.span.end] for s in loaded.sections)


def test_blocks_become_paragraphs_and_inline_markup_none():
    assert load("<p>One <b>bold</b>word,\n a <a href='x'>link</a>.</p><p>Two<br>lines</p>").text == (
        "One boldword, a link.\n\nTwo\nlines"
    )


def test_a_table_row_is_one_line():
    loaded = load(
        "<table><tr><th> City </th><th>Limit</th></tr><tr><td><p>北京</p></td><td>550 元</td></tr></table>"
    )
    assert loaded.text == "City | Limit\n北京 | 550 元"


def test_a_table_that_lays_out_the_page_is_no_row():
    assert load("<table><tr><td><h1>Title</h1><p>Text</p></td></tr></table>").text == "Title\n\nText"


def test_lists_keep_their_marks():
    assert load(
        "<ul><li> one</li><li>two<ul><li>deep</li></ul></li></ul><ol><li>a</li><li>b</li></ol>"
    ).text == ("- one\n- two\n\n  - deep\n\n1. a\n2. b")


def test_headings_make_sections():
    loaded = load("<h1>Leave</h1><p>x</p><h2>How?</h2><p>y</p>")
    assert [s.heading for s in loaded.sections] == [("Leave",), ("Leave", "How?")]
    assert searched(loaded) == loaded.text


def test_what_a_browser_hides_is_dropped_and_counted():
    loaded = load(
        "<p>seen</p><p style='display: none'>SECRET1</p><div hidden>SECRET2</div><!-- SECRET3 -->"
        "<script>SECRET4</script><style>.x{display:none}</style><i class=x>SECRET5</i>"
        "<span style='font-size:0'>SECRET6</span><template>SECRET7</template><noscript>SECRET8</noscript>"
    )
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == {"not displayed": 35, "tiny": 7, "comment": 7}


def test_a_rule_for_print_hides_nothing():
    assert load("<p class=x>seen</p>", "<style>@media print { .x { display: none } }</style>").text == "seen"


def test_navigation_is_in_the_text_but_not_searched():
    loaded = load("<nav><a>Home</a></nav><main><p>Content</p></main><footer>Imprint</footer>")
    assert "Home" in loaded.text
    assert "Imprint" in loaded.text
    assert searched(loaded).strip() == "Content"


def test_the_title_is_text_unless_the_page_begins_with_it():
    assert load("<p>x</p>", "<title>T</title>").text == "T\n\nx"
    assert load("<h1>T</h1><p>x</p>", "<title> T </title>").text == "T\n\nx"
    assert load("<p>x</p>", "<title>T</title>").title == "T"


def test_the_page_says_its_encoding():
    page = '<meta charset="gb2312"><p>短</p>'
    assert html.load(page.encode("gb18030"), "a.html").text == "短"
    page = "<meta charset=iso-8859-1><p>é</p>"
    assert html.load(page.encode("latin-1"), "a.html").text == "é"


def test_ten_thousand_nested_elements_are_read():
    assert "deep" in load("<div>" * 10_000 + "deep").text


def test_preformatted_text_keeps_its_lines():
    assert load("<pre>\na = 1\n  b = 2\n</pre>").text == "a = 1\n  b = 2"


@pytest.mark.parametrize(
    ("style", "reason"),
    [
        ("color: #fff", "white"),
        ("color:rgb(254, 254, 254)", "white"),
        ("background:#222; color:#222222", "white"),
        ("color: rgba(0,0,0,0)", "transparent"),
        ("color:transparent", "transparent"),
        ("opacity: .01", "transparent"),
        ("font-size:1px", "tiny"),
        ("font: 0/0 a", "tiny"),
        ("position:absolute; left:-9999px", "off page"),
        ("text-indent: -9999px", "off page"),
        ("position:absolute; clip: rect(0,0,0,0)", "off page"),
        ("clip-path: inset(100%)", "off page"),
        ("height:0; overflow:hidden", "off page"),
        ("visibility: hidden", "not displayed"),
        ("display:none !important", "not displayed"),
    ],
)
@pytest.mark.parametrize("by", ["style", "class", "rule"])
def test_text_that_cannot_be_seen_is_left_out_with_its_reason(style, reason, by):
    page, head = {
        "style": (f'<div style="{style}">秘密</div>', ""),
        "class": ('<div class="x y">秘密</div>', f"<style>div.x {{ {style} }}</style>"),
        "rule": (
            "<main><div>秘密</div></main>",
            f"<style>@media screen {{ main > div {{ {style} }} }}</style>",
        ),
    }[by]
    loaded = load(f"<p>seen</p>{page}<p>也看见</p>", head)
    assert loaded.text == "seen\n\n也看见"
    assert loaded.report["hidden"] == {reason: 2}


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("<div style='background:#111;color:#fff'>SEEN</div>", ""),
        ("<div class=d><p>SEEN</p></div>", "<style>.d{background-color:navy;color:white}</style>"),
        ("<div class=hero><h1 style='color:#fff'>SEEN</h1></div>", "<link rel=stylesheet href=a.css>"),
        ("<div style='background:url(a.png)'><b style='color:white'>SEEN</b></div>", ""),
        ("<table bgcolor=black><tr><td><font color=white>SEEN</font></td></tr></table>", ""),
        ("<div style='visibility:hidden'><b style='visibility:visible'>SEEN</b></div>", ""),
        ("<div style='font-size:0'><b style='font-size:12px'>SEEN</b></div>", ""),
        ("<p class=x>SEEN</p>", "<style>.x{display:none} .x{display:block}</style>"),
        ("<p class='x open'>SEEN</p>", "<style>.x.open{display:block} .x{display:none}</style>"),
        ("<p hidden style='display:block'>SEEN</p>", ""),
        ("<div aria-hidden=true><p>SEEN</p></div>", ""),
        ("<div><img src=a><p style='position:absolute;color:#fff'>SEEN</p></div>", ""),
        ("<a href=x style='color:#fff;background:green'>SEEN</a>", ""),
        ("SEEN", "<style>body{opacity:0; background:black; color:white}</style>"),
        ("<p style='color:transparent;-webkit-background-clip:text'>SEEN</p>", ""),
    ],
)
def test_text_that_can_be_seen_stays(body, head):
    assert load(body, head).text == "SEEN"


def test_the_name_of_an_icon_is_no_text():
    assert load("<p>Next <i aria-hidden=true>chevron_right</i></p>").text == "Next"


def test_a_cell_that_reaches_down_is_said_on_each_row_and_one_that_reaches_across_once():
    loaded = load(
        "<table><thead><tr><th rowspan=2>地区</th><th colspan=2>销售</th></tr>"
        "<tr><th>2025</th><th>2026</th></tr></thead>"
        "<tr><td rowspan=2>北</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>"
        "<tr><td>南</td><td>5</td><td rowspan=0>x</td></tr><tr><td>西</td><td>6</td></tr></table>"
    )
    assert loaded.text.splitlines() == [
        "地区 | 销售",
        "地区 | 2025 | 2026",
        "北 | 1 | 2",
        "北 | 3 | 4",
        "南 | 5 | x",
        "西 | 6 | x",
    ]
    assert loaded.report["tables"] == 1


def test_a_row_with_one_cell_that_says_anything_is_a_line():
    assert load("<table><tr><td></td><td>Start</td><td>&nbsp;</td></tr></table>").text == "Start"


def test_a_definition_follows_its_term():
    assert load("<dl><dt>Leave</dt><dd>Days off.</dd></dl>").text == "Leave\nDays off."


def test_a_page_in_utf_16_is_read():
    page = "<html><head><meta charset='utf-16'></head><body><p>鋼 grade</p></body></html>"
    assert html.load(page.encode("utf-16"), "a.html").text == "鋼 grade"
    assert html.load(page.encode("utf-16-le"), "a.html").text == "鋼 grade"


def test_a_heading_within_a_heading_divides_nothing():
    loaded = load("<h1>One <h1>Two</h1></h1><p>x</p>")
    ends = [s.span.end for s in loaded.sections]
    assert [s.span.start for s in loaded.sections][1:] == ends[:-1]


def test_elements_nested_without_end_are_refused():
    with pytest.raises(UnreadableFile) as caught:
        load("<div>" * 100_000 + "deep")
    assert caught.value.state == "too large"


def test_attributes_without_end_are_refused():
    with pytest.raises(UnreadableFile, match="attributes"):
        load("<p " + " ".join(f"a{n}=x" for n in range(20_000)) + ">text")


def test_tables_within_tables_beyond_all_measure_are_refused():
    with pytest.raises(UnreadableFile, match="nested too deeply") as caught:
        load("<table><tr><td>" * 2_000 + "text")
    assert caught.value.state == "too large"


def test_many_tables_one_after_another_are_read():
    assert load("<table><tr><td>a</td><td>b</td></tr></table>" * 2_000).text.count("a | b") == 2_000
