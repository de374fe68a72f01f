"""A named source and its collection: followed, cheaply, and never emptied by an accident."""

from collections.abc import Iterator

import pytest

from ingest.sync import find, register, sync
from ingest.wall.pool import Pool
from rag import open_system
from rag.catalog import documents
from rag.catalog.sources import Registered
from rag.errors import BackendError, BadInput, ConfigError, NotFound
from rag.settings import Settings
from tests.servers.git import PASSWORD, GitServer, Repository
from tests.servers.http import WebServer

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.fixture
def server():
    with WebServer() as running:
        running.page("/docs/", '<h1>Handbook</h1><a href="leave">l</a> <a href="%E5%B9%B4%E5%81%87">n</a>')
        running.page("/docs/leave", "<h1>Leave</h1><p>Annual leave is twenty days.</p>")
        running.page("/docs/%E5%B9%B4%E5%81%87", "<h1>年假</h1><p>员工每年享有十五天带薪年假。</p>")
        yield running


@pytest.fixture
async def system(tmp_path, server):
    settings = Settings(home=tmp_path / "home", embedder="hashing", workers=1, private_hosts=server.host)
    async with open_system(settings) as opened:
        yield opened


@pytest.fixture
def site(system, server):
    register(system, Registered("site", server.url + "/docs/", "web", {"depth": "3"}))


def known(system, collection="web"):
    with system.catalog.read() as connection:
        return {one.source: one for one in documents.known(connection, "default", collection)}


async def test_pages_of_a_site_are_answered_from_in_both_languages(system, site, pool):
    report = await sync(system, "site", pool=pool)
    assert (len(report.new), report.failed) == (3, [])
    assert {one.origin for one in known(system).values()} == {"site"}
    assert "twenty days" in (await system.search("How many days of annual leave?"))[0].text
    assert "十五天" in (await system.search("每年有几天带薪年假？"))[0].text


async def test_a_second_sync_sends_no_page_and_parses_none(system, site, server, pool):
    await sync(system, "site", pool=pool)
    server.forget()
    report = await sync(system, "site", pool=pool)
    assert (report.unchanged, report.chunks, report.bytes) == (3, 0, 0)
    assert (server.count(200), server.count(304)) == (0, 3)


async def test_what_changes_and_what_goes_is_followed(system, site, server, pool):
    await sync(system, "site", pool=pool)
    server.page("/docs/", '<h1>Handbook</h1><a href="leave">l</a>')
    server.page("/docs/leave", "<h1>Leave</h1><p>Annual leave is thirty days.</p>")
    report = await sync(system, "site", pool=pool, sure=True)
    assert (len(report.changed), report.left) == (2, [])
    assert [name.endswith("年假.html") for name in report.removed] == [True]
    assert "thirty days" in (await system.search("annual leave days"))[0].text
    assert not [hit for hit in await system.search("带薪年假") if "十五天" in hit.text]
    assert find(system, "site").report["removed"] == 1


async def test_a_source_that_cannot_be_reached_changes_nothing_and_says_so(system, site, server, pool):
    await sync(system, "site", pool=pool)
    before, state = known(system), find(system, "site").state
    server.pages["/docs/"].failures = [503] * 3
    with pytest.raises(BackendError, match="answered 503"):
        await sync(system, "site", pool=pool)
    after = find(system, "site")
    assert (known(system), after.state) == (before, state)
    assert after.report["error"] == f"{server.host} answered 503"
    assert after.synced


async def test_a_page_that_fails_is_kept_until_it_can_be_seen_again(system, site, server, pool):
    await sync(system, "site", pool=pool)
    server.pages["/docs/leave"].failures = [503] * 3
    report = await sync(system, "site", pool=pool)
    assert ([failure.state for failure in report.failed], report.removed) == (["unreadable"], [])
    assert len(known(system)) == 3
    server.pages["/docs/leave"].failures = []
    assert (await sync(system, "site", pool=pool)).unchanged == 3


async def test_a_site_that_is_suddenly_empty_needs_a_yes(system, site, server, pool):
    await sync(system, "site", pool=pool)
    server.page("/docs/", "", status=410, validators="none")
    with pytest.raises(BadInput, match="would remove 3 of the 3"):
        await sync(system, "site", pool=pool)
    assert len(known(system)) == 3
    assert len((await sync(system, "site", pool=pool, sure=True)).removed) == 3


async def test_a_dry_run_changes_nothing_and_remembers_nothing(system, site, pool):
    report = await sync(system, "site", dry_run=True, pool=pool)
    assert (len(report.new), known(system)) == (3, {})
    assert (find(system, "site").state, find(system, "site").report) == ({}, {})


async def test_nothing_stays_in_the_spool(system, site, pool):
    await sync(system, "site", pool=pool)
    assert not [path for path in (system.settings.home / "spool").rglob("*") if path.is_file()]


async def test_documents_of_others_in_the_collection_are_left_alone(system, site, server, tmp_path, pool):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.md").write_text("# Own\n\nUploaded by hand.\n", "utf-8")
    register(system, Registered("own", str(tmp_path / "own"), "web"))
    await sync(system, "own", pool=pool)
    await sync(system, "site", pool=pool)
    server.page("/docs/", "<p>Nothing else.</p>")
    await sync(system, "site", pool=pool, sure=True)
    assert {one.origin for one in known(system).values()} == {"own", "site"}


async def test_a_folder_is_followed_too(system, tmp_path, pool):
    (tmp_path / "own").mkdir()
    for name in ("a", "b"):
        (tmp_path / "own" / f"{name}.md").write_text(f"# {name}\n\nText of {name}.\n", "utf-8")
    register(system, Registered("own", f"folder://{tmp_path}/own", "own", groups=("hr",)))
    assert len((await sync(system, "own", pool=pool)).new) == 2
    (tmp_path / "own" / "b.md").unlink()
    report = await sync(system, "own", pool=pool)
    assert (report.removed, report.unchanged) == (["b.md"], 1)
    assert known(system, "own")["a.md"].groups == ("hr",)


async def test_a_repository_is_followed_with_the_secret_of_its_variable(tmp_path, pool, monkeypatch):
    repository = Repository(tmp_path / "root" / "handbook")
    repository.commit(leave_md="# Leave\n\nTwenty days.", old_md="# Old\n\nGone soon.")
    with GitServer(tmp_path / "root") as host:
        settings = Settings(home=tmp_path / "home", embedder="hashing", private_hosts=host.host)
        async with open_system(settings) as system:
            url = f"git+http://{host.host}/handbook/.git"
            register(system, Registered("repo", url, "code", key_env="REPO_PASSWORD"))
            with pytest.raises(ConfigError, match="REPO_PASSWORD is not set"):
                await sync(system, "repo", pool=pool)
            monkeypatch.setenv("REPO_PASSWORD", PASSWORD)
            assert len((await sync(system, "repo", pool=pool)).new) == 2
            repository.commit(old_md=None, new_md="# New\n\nWritten today.")
            report = await sync(system, "repo", pool=pool)
            assert (report.new, report.removed, report.unchanged) == (["new.md"], ["old.md"], 1)
            host.asked.clear()
            assert (await sync(system, "repo", pool=pool)).unchanged == 2
            assert host.asked["fetch"] == 0
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert PASSWORD.encode() not in stored


async def test_patterns_of_a_source_choose_among_its_files(system, server, pool):
    source = Registered("site", server.url + "/docs/", "web", {"depth": "3"}, exclude=("*年假*",))
    register(system, source)
    assert len((await sync(system, "site", pool=pool)).new) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Registered("Site", "https://a.org", "x"), "no name of a source"),
        (Registered("../site", "https://a.org", "x"), "no name of a source"),
        (Registered("site", "https://a.org", "x", {"dept": "1"}), "no option 'dept'"),
        (Registered("site", "https://me:word@a.org", "x"), "name or password before its host"),
        (Registered("site", "/no/such/folder", "x"), "no such folder"),
        (Registered("site", "https://a.org", "x", key_env="hunter2!"), "environment variable"),
        (Registered("site", "http://a.org", "x", key_env="KEY"), "not sent unencrypted"),
    ],
)
async def test_a_wrong_source_is_refused_before_it_is_kept(system, source, said):
    with pytest.raises(BadInput, match=said):
        register(system, source)
    with pytest.raises(NotFound, match="no source named"):
        find(system, source.name)


async def test_a_kind_of_source_that_is_not_there_is_named(system):
    with pytest.raises(BadInput, match="no kind of source is called 'gopher'"):
        register(system, Registered("site", "gopher://a.org", "x"))


async def test_a_name_is_taken_once(system, site, server):
    with pytest.raises(BadInput, match="already"):
        register(system, Registered("site", server.url, "web"))
