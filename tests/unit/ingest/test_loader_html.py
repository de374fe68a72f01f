from ingest.loaders import html


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
    assert loaded.report["hidden"] == 4
    assert loaded.report["scripts"] == 1


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
