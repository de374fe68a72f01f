"""Web pages as a source, against a web server on loopback."""

import gzip
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from ingest.outbound import Refused, Wall
from ingest.sources import Options, http
from ingest.sources._web import Web
from rag.errors import BackendError, BadInput, Throttled, TimedOut, UnreadableFile
from tests.servers.http import WebServer


@pytest.fixture
def server():
    with WebServer() as running:
        yield running


@pytest.fixture
def options(server, tmp_path):
    return Options("site", tmp_path / "spool", private_hosts=frozenset({server.host}))


@pytest.fixture
def site():
    """Makes sources and closes them in the end."""
    with ExitStack() as stack:

        def make(url, options, **values):
            found = replace(options, values={name: str(value) for name, value in values.items()})
            made = http.Site(url, found, Wall(options.private_hosts), pause=lambda seconds: None)
            stack.callback(made.close)
            return made

        yield make


def synced(options, walked):
    """The options of the next run, when everything of this one was kept."""
    return replace(options, state=walked.state, known={file.place: file.etag for file in walked.files})


def sources(walked):
    return sorted(file.source.partition("/")[2] for file in walked.files)


def test_one_page_is_read_and_its_bytes_are_those_of_the_server(server, options, site):
    server.page("/leave", "<h1>Leave</h1><p>年假十天。</p>")
    source = site(server.url + "/leave#top", options)
    walked = source.walk()
    assert sources(walked) == ["leave.html"]
    assert source.fetch(walked.files[0]).read_text("utf-8") == "<h1>Leave</h1><p>年假十天。</p>"
    assert server.agents == {"kb"}
    source.close()
    assert not list(options.spool.rglob("*"))


@pytest.mark.parametrize("validators", ["both", "etag", "date"])
def test_a_page_that_did_not_change_is_not_sent_again(server, options, validators, site):
    server.page("/leave", "<p>Twenty days.</p>", validators=validators)
    first = site(server.url + "/leave", options).walk()
    server.forget()
    second = site(server.url + "/leave", synced(options, first)).walk()
    assert server.asked == {("/leave", 304): 1, ("/robots.txt", 404): 1}
    assert [file.etag for file in second.files] == [file.etag for file in first.files]


def test_a_server_without_validators_costs_the_transfer_but_no_change(server, options, site):
    server.page("/leave", "<p>Twenty days.</p>", validators="none")
    first = site(server.url + "/leave", options).walk()
    second = site(server.url + "/leave", synced(options, first)).walk()
    assert [file.etag for file in second.files] == [file.etag for file in first.files]


def test_what_the_catalog_lost_is_sent_again(server, options, site):
    server.page("/leave", "<p>Twenty days.</p>")
    first = site(server.url + "/leave", options).walk()
    server.forget()
    source = site(server.url + "/leave", replace(options, state=first.state))
    assert source.fetch(source.walk().files[0]).is_file()
    assert server.asked["/leave", 200] == 1


def test_a_crawl_stays_below_its_path_and_its_depth(server, options, site):
    server.page(
        "/docs/", '<a href="a">a</a><a href="../admin/">no</a><a href="https://elsewhere.org/docs/">no</a>'
    )
    server.page("/docs/a", '<base href="/docs/deep/"><a href="b#part">b</a>')
    server.page("/docs/deep/b", '<a href="c">c</a>')
    server.page("/docs/deep/c", "too deep")
    server.page("/admin/", "not below the path")
    walked = site(server.url + "/docs/", options, depth=2).walk()
    assert sources(walked) == ["docs/a.html", "docs/deep/b.html", "docs/index.html"]
    assert server.count(200) == 3


def test_a_second_crawl_asks_only_whether_something_changed(server, options, site):
    server.page("/docs/", '<a href="a">a</a>')
    server.page("/docs/a", '<a href="b">b</a>')
    server.page("/docs/b", "old")
    first = site(server.url + "/docs/", options, depth=5).walk()
    server.page("/docs/b", "new words")
    server.forget()
    second = site(server.url + "/docs/", synced(options, first), depth=5).walk()
    assert (server.count(304), server.count(200)) == (2, 1)
    assert sources(second) == sources(first)
    changed = {file.source for file in second.files} - {f.source for f in first.files if f in second.files}
    assert [name.endswith("/docs/b.html") for name in changed] == [True]


def test_a_page_that_is_gone_is_no_longer_there(server, options, site):
    server.page("/docs/", '<a href="a">a</a>')
    server.page("/docs/a", "here today")
    first = site(server.url + "/docs/", options, depth=1).walk()
    server.page("/docs/a", "", status=410, validators="none")
    second = site(server.url + "/docs/", synced(options, first), depth=1).walk()
    assert (sources(second), second.unreadable) == (["docs/index.html"], ())


def test_a_page_that_fails_in_a_crawl_lets_nothing_count_as_gone(server, options, site):
    server.page("/docs/", '<a href="a">a</a>')
    server.page("/docs/a", '<a href="b">b</a>', status=500)
    walked = site(server.url + "/docs/", options, depth=3).walk()
    assert [(one.place, one.error) for one in walked.unreadable] == [
        (server.url, f"{server.host} answered 500")
    ]


def test_a_crawl_that_is_cut_short_lets_nothing_count_as_gone(server, options, site):
    server.page("/", "".join(f'<a href="/p{n}">p</a>' for n in range(10)))
    for n in range(10):
        server.page(f"/p{n}", f"page {n}")
    walked = site(server.url + "/", options, depth=1, pages=4).walk()
    assert (len(walked.files), [one.place for one in walked.unreadable]) == (4, [server.url])


def test_robots_are_asked_and_obeyed(server, options, site):
    server.page(
        "/robots.txt", "User-agent: *\nDisallow: /docs/secret\nAllow: /docs/secret/open", kind="text/plain"
    )
    links = '<a href="/docs/secret">s</a><a href="/docs/secret/open">o</a>'
    server.page("/docs/", links)
    server.page("/docs/secret", "secret")
    server.page("/docs/secret/open", "open")
    assert sources(site(server.url + "/docs/", options, depth=1).walk()) == [
        "docs/index.html",
        "docs/secret/open.html",
    ]
    assert ("/docs/secret", 200) not in server.asked
    with pytest.raises(BadInput, match=r"robots\.txt .* forbids /docs/secret"):
        site(server.url + "/docs/secret", options).walk()
    assert sources(site(server.url + "/docs/secret", options, robots="off").walk()) == ["docs/secret.html"]


def test_a_site_that_cannot_say_its_rules_is_not_read(server, options, site):
    server.page("/robots.txt", "", status=500)
    server.page("/", "page")
    with pytest.raises(BackendError, match="answered 500"):
        site(server.url, options).walk()


@pytest.mark.parametrize(
    ("body", "headers"),
    [('<meta name="robots" content="NOINDEX, nofollow">', {}), ("words", {"x-robots-tag": "noindex"})],
)
def test_a_page_that_asks_not_to_be_found_is_not(server, options, body, headers, site):
    server.page("/", '<a href="/quiet">q</a>')
    server.page("/quiet", body, headers=headers)
    first = site(server.url, options, depth=1).walk()
    assert sources(first) == ["index.html"]
    server.forget()
    assert sources(site(server.url, synced(options, first), depth=1).walk()) == ["index.html"]
    assert server.count(304) == 2


def sitemap(*entries):
    rows = "".join(f"<url><loc>{loc}</loc><lastmod>{day}</lastmod></url>" for loc, day in entries)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def test_a_sitemap_names_the_pages_and_its_dates_save_the_requests(server, options, site):
    server.page("/a", "a")
    server.page("/b.pdf", b"%PDF-1.4", kind="application/pdf")
    server.page(
        "/sitemap.xml", sitemap((server.url + "/a", "2026-01-01"), (server.url + "/b.pdf", "2026-01-02"))
    )
    first = site(server.url + "/sitemap.xml", options).walk()
    assert sources(first) == ["a.html", "b.pdf"]
    server.page(
        "/sitemap.xml", sitemap((server.url + "/a", "2026-03-01"), (server.url + "/b.pdf", "2026-01-02"))
    )
    server.forget()
    second = site(server.url + "/sitemap.xml", synced(options, first)).walk()
    assert len(second.files) == 2
    assert {path for path, _ in server.asked} == {"/robots.txt", "/sitemap.xml", "/a"}


def test_an_index_of_sitemaps_is_followed_and_other_hosts_are_not(server, options, site):
    server.page("/a", "a")
    maps = f"<sitemap><loc>{server.url}/one.xml.gz</loc></sitemap><sitemap><loc>http://10.0.0.1/x.xml</loc></sitemap>"
    server.page("/sitemap.xml", f"<sitemapindex>{maps}</sitemapindex>")
    packed = gzip.compress(sitemap((server.url + "/a", ""), ("http://169.254.169.254/latest", "")).encode())
    server.page("/one.xml.gz", packed, kind="application/gzip")
    walked = site(server.url + "/sitemap.xml", options).walk()
    assert (sources(walked), walked.unreadable) == (["a.html"], ())


def test_a_part_of_a_sitemap_that_fails_lets_nothing_count_as_gone(server, options, site):
    server.page(
        "/sitemap.xml", f"<sitemapindex><sitemap><loc>{server.url}/one.xml</loc></sitemap></sitemapindex>"
    )
    server.page("/one.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>")
    walked = site(server.url + "/sitemap.xml", options).walk()
    assert [one.place for one in walked.unreadable] == [server.url]


def test_a_redirect_within_the_host_leads_to_one_place(server, options, site):
    server.page("/old", "", status=301, headers={"location": "/new"}, validators="none")
    server.page("/new", "words")
    first = site(server.url + "/old", options).walk()
    assert [file.place for file in first.files] == [server.url + "/new"]
    server.forget()
    second = site(server.url + "/old", synced(options, first)).walk()
    assert (second.files, server.asked["/new", 304]) == (first.files, 1)


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://127.0.0.1:1/", "ftp://127.0.0.1/", ""]
)
def test_a_redirect_elsewhere_is_refused(server, options, target, site):
    server.page(
        "/", "", status=302, headers={"location": target} if target else {"location": "//localhost:1/"}
    )
    with pytest.raises(Refused, match="redirects"):
        site(server.url, options).walk()


def test_redirects_in_a_circle_end(server, options, site):
    server.page("/", "", status=302, headers={"location": "/"})
    with pytest.raises(BackendError, match="redirects more than 5 times"):
        site(server.url, options).walk()


def test_a_packed_page_is_unpacked(server, options, site):
    server.page("/", "words " * 1000, packed=True)
    source = site(server.url, options)
    assert source.fetch(source.walk().files[0]).stat().st_size == 6000


def test_what_unpacks_beyond_the_bound_is_not_kept(server, options, site):
    server.page("/", b"0" * (3 << 20), packed=True)
    with pytest.raises(UnreadableFile, match="larger than 1 MB"):
        site(server.url, replace(options, max_bytes=1 << 20)).walk()
    assert not [path for path in options.spool.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("fault", "error"), [("cut", BackendError), ("long", BackendError), ("endless", UnreadableFile)]
)
def test_a_body_that_is_not_what_it_says_is_an_error_and_leaves_nothing(server, options, fault, error, site):
    server.page("/", "words " * 100, fault=fault)
    with pytest.raises(error):
        site(server.url, replace(options, max_bytes=1 << 20)).walk()
    assert not [path for path in options.spool.rglob("*") if path.is_file()]


def test_a_drip_ends_when_the_time_of_the_request_is_over(server):
    server.page("/", "", fault="drip")
    web = Web(Wall(frozenset({server.host})), seconds=0.2, pause=lambda seconds: None)
    with closing(web), pytest.raises(TimedOut, match="did not answer in time"):
        web.get(server.url + "/")


def test_a_busy_server_is_asked_again_after_the_wait_that_it_named(server, options):
    waits = []
    server.page("/", "words", failures=[503, 429])
    with closing(Web(Wall(options.private_hosts), pause=waits.append)) as web:
        assert (web.get(server.url + "/").body, waits) == (b"words", [0.0, 0.0])
        server.page("/", "words", failures=[503, 503, 503])
        with pytest.raises(Throttled):
            web.get(server.url + "/")


def test_a_source_that_is_not_there_says_so(options, site):
    with pytest.raises(BackendError, match=r"no connection to 127\.0\.0\.1:9"):
        site("http://127.0.0.1:9/", replace(options, private_hosts=frozenset({"127.0.0.1:9"}))).walk()


def test_proxies_of_the_environment_are_not_used(server, options, monkeypatch, site):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.page("/", "words")
    assert len(site(server.url, options).walk().files) == 1


def test_a_page_that_changes_while_it_is_read_waits_for_the_next_run(server, options, site):
    server.page("/", "old")
    source = site(server.url, options)
    walked = source.walk()
    source.close()
    server.page("/", "new")
    with pytest.raises(UnreadableFile, match="changed while it was read"):
        source.fetch(walked.files[0])


@pytest.mark.parametrize(
    ("kind", "path", "name"),
    [
        ("application/pdf", "/report", "report.pdf"),
        ("text/html", "/report.pdf", "report.pdf.html"),
        ("text/markdown", "/a.md", "a.md"),
        ("text/html", "/%E5%B9%B4%E5%81%87", "年假.html"),
        ("text/html; charset=gb18030", "/p?id=7", "p?id=7.html"),
    ],
)
def test_a_page_is_named_by_its_address_and_its_content_type(server, options, kind, path, name, site):
    server.page(path, b"x", kind=kind)
    assert sources(site(server.url + path, options).walk()) == [name]


@pytest.mark.parametrize("values", [{"dept": 1}, {"depth": "many"}, {"robots": "no"}, {"follow": "docs"}])
def test_a_wrong_option_is_named(options, values, site):
    with pytest.raises(BadInput, match=next(iter(values))):
        site("https://example.org/", options, **values)


def test_a_linked_page_that_is_for_others_hides_nothing_else(server, options, site):
    server.page("/docs/", '<a href="admin">a</a><a href="b">b</a>')
    server.page("/docs/admin", "", status=403)
    server.page("/docs/b", "b")
    walked = site(server.url + "/docs/", options, depth=2).walk()
    assert [one.place for one in walked.unreadable] == [server.url + "/docs/admin"]
    assert sources(walked) == ["docs/b.html", "docs/index.html"]


def test_a_site_that_stops_answering_is_not_asked_for_every_page(server, options, site):
    server.page("/docs/", "".join(f'<a href="{number}">x</a>' for number in range(50)))
    for number in range(50):
        server.page(f"/docs/{number}", "", failures=[503] * 9)
    with pytest.raises(BackendError, match="answered 503"):
        site(server.url + "/docs/", options, depth=2).walk()
    assert server.count(503) == 15


def test_links_that_lead_to_nothing_have_an_end_too(server, options, site):
    server.page("/docs/", "".join(f'<a href="{number}">x</a>' for number in range(50)))
    walked = site(server.url + "/docs/", options, depth=2, pages=4).walk()
    assert (server.count(404), [one.place for one in walked.unreadable]) == (20, [server.url])
