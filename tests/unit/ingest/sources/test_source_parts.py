"""The small parts that sources are made of."""

import pytest

from ingest.outbound import Refused, hosts, is_public
from ingest.sources import Options, _robots, _sitemap, _xml
from ingest.sources._mailbox import encode
from ingest.sources._page import directives, links
from ingest.sources._pages import Page, Pages
from ingest.sources._url import canonical, file_name, joined
from ingest.sources._values import Values
from rag.errors import BackendError, BadInput

RULES = b"""
User-agent: other
Disallow: /

User-Agent: KB/2.0
User-agent: third   # two names, one group
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$
Disallow: /tmp*x
Crawl-delay: 3
Sitemap: https://example.org/sitemap.xml

User-agent: *
Disallow: /everyone
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private/a", False),
        ("/private/open/a", True),
        ("/a/b.pdf", False),
        ("/a/b.pdf?x=1", True),
        ("/tmp/axb", False),
        ("/tmp/a", True),
        ("/everyone", True),
    ],
)
def test_the_longest_rule_for_us_decides(path, allowed):
    assert _robots.parse(RULES, "kb").allows("https://example.org" + path) is allowed


def test_without_a_group_of_our_own_those_for_everyone_hold():
    robots = _robots.parse(RULES, "another")
    assert (robots.allows("https://a.org/everyone/x"), robots.allows("https://a.org/private")) == (
        False,
        True,
    )


def test_a_delay_is_kept_within_bounds():
    assert _robots.parse(RULES, "kb").delay == 3.0
    assert _robots.parse(b"User-agent: *\nDisallow: /x\nCrawl-delay: 9999", "kb").delay == 10.0
    assert _robots.parse(b"User-agent: *\nCrawl-delay: soon", "kb").delay == 0.0


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", b"Disallow: /", b"<html>no rules</html>", b"\n" * 9])
def test_rubbish_in_place_of_rules_forbids_nothing(text):
    assert _robots.parse(text, "kb").allows("https://example.org/a")


def test_a_rule_of_many_stars_is_answered_at_once():
    robots = _robots.parse(b"User-agent: *\nDisallow: /" + b"*a" * 400 + b"b$", "kb")
    assert robots.allows("https://example.org/" + "a" * 4_000)


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("https://example.org:443/a/../b/./c#part", "https://example.org/b/c"),
        ("https://example.org/%7Euser/%e4%bd%a0?q=%7e", "https://example.org/~user/%E4%BD%A0?q=~"),
        ("https://example.org/年假 x", "https://example.org/%E5%B9%B4%E5%81%87%20x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.org//a", "https://example.org/a"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"),
    ],
)
def test_each_address_has_one_spelling(written, one):
    assert canonical(written) == one
    assert canonical(one) == one


@pytest.mark.parametrize(
    "url", ["ftp://a.org", "https://me@a.org", "https://a:b@a.org/", "/path", "javascript:x"]
)
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(Refused):
        canonical(url)
    assert joined("https://a.org/", url) in (None, "https://a.org/path")


@pytest.mark.parametrize("url", ["https://", "https://a.org:port/", "https://a b.org/", "https://a.org:0/"])
def test_what_names_no_host_is_bad_input(url):
    with pytest.raises(BadInput):
        canonical(url)


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://a.org/", "text/html", "a.org/index.html"),
        ("https://a.org/docs/", "text/html", "a.org/docs/index.html"),
        ("https://a.org/x.htm", "text/html", "a.org/x.htm"),
        ("https://a.org/x.md", "", "a.org/x.md"),
        ("https://a.org/x", "", "a.org/x.html"),
        ("https://a.org/x.php?id=1", "text/html", "a.org/x.php?id=1.html"),
        ("https://a.org/get?f=a.pdf", "application/pdf", "a.org/get?f=a.pdf.pdf"),
    ],
)
def test_a_page_is_named_after_its_address(url, kind, name):
    assert file_name(url, kind, {".html", ".htm", ".md", ".pdf"}) == name


def test_links_of_a_page_are_those_to_its_own_host():
    html = """<a href="b">b</a><a href="/c?x=1#d">c</a><a href="//other.org/">no</a>
    <a href="mailto:a@b.c">no</a><a href="b">again</a><a rel="nofollow" href="n">no</a><a href="http://169.254.169.254/">no</a>"""
    assert links(html.encode(), "https://a.org/docs/") == ["https://a.org/docs/b", "https://a.org/c?x=1"]


def test_what_a_page_wishes_is_read_from_it_and_from_its_header():
    assert "noindex" in directives(b'<META NAME="Robots" content="none">', "")
    assert directives(b'<meta name="description" content="noindex">', "NoIndex, x") >= {"noindex", "x"}
    assert "noindex" not in directives(b"<p>noindex</p>", "")


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"<a>",
        b"",
        b"\x00",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_xml_with_a_document_type_or_without_sense_is_refused(data):
    with pytest.raises(BackendError):
        _xml.parse(data, "it")


def test_a_sitemap_that_names_itself_ends():
    index = b"<sitemapindex><sitemap><loc>https://a.org/s.xml</loc></sitemap></sitemapindex>"
    assert _sitemap.read("https://a.org/s.xml", lambda url: index) == ({}, [])


def test_sitemaps_without_end_are_left_after_some():
    count = iter(range(10**6))

    def get(url):
        return (
            f"<sitemapindex><sitemap><loc>https://a.org/{next(count)}</loc></sitemap></sitemapindex>".encode()
        )

    pages, failed = _sitemap.read("https://a.org/s.xml", get)
    assert (pages, len(failed)) == ({}, 1)


@pytest.mark.parametrize("data", [b"<html/>", b"no xml", b"\x1f\x8bbroken"])
def test_what_is_no_sitemap_is_said(data):
    with pytest.raises(BackendError):
        _sitemap.read("https://a.org/s.xml", lambda url: data)


def test_what_is_remembered_of_pages_comes_back_and_rubbish_does_not():
    held = Pages(
        {"https://a.org/": Page("sha256:0", etag='"x"', links=("https://a.org/b",))}, {"https://a.org/x": "y"}
    )
    assert Pages.of(held.state()) == held
    for rubbish in (
        {},
        {"pages": 1},
        {"pages": {"a": {"no": 1}}, "aliases": {}},
        {"pages": {}, "aliases": 3},
    ):
        assert Pages.of(rubbish) == Pages()


@pytest.mark.parametrize(
    ("name", "coded"), [("INBOX", "INBOX"), ("人事", "&TrpOiw-"), ("a&b", "a&-b"), ("é/x", "&AOk-/x")]
)
def test_folders_of_mail_are_named_in_modified_utf7(name, coded):
    assert encode(name) == coded


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_hosts_are_listed_with_commas():
    assert hosts(" Inner.example.org. , 10.0.0.1:8080,,") == {"inner.example.org", "10.0.0.1:8080"}


def test_options_are_checked_by_name_and_kind(tmp_path):
    values = Values.of("web", Options("x", tmp_path, {"n": "7", "s": "on", "l": "a, b"}), "n s l")
    assert (values.number("n", 1, 9), values.switch("s", False), values.listed("l")) == (7, True, ("a", "b"))
    for bad in (
        lambda: values.number("s", 1, 9),
        lambda: values.number("n", 1, 6),
        lambda: values.switch("n", False),
    ):
        with pytest.raises(BadInput):
            bad()
    with pytest.raises(BadInput, match="no option 'other'"):
        Values.of("web", Options("x", tmp_path, {"other": "1"}), "n s l")
