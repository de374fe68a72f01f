import io
import stat
import struct
import zipfile
import zlib

import pytest

from ingest.options import Options
from ingest.sources import folder
from ingest.wall import members
from ingest.wall.archive import expand, listing, pack_listing
from ingest.wall.frame import Malformed
from ingest.wall.frame import read as read_frame
from ingest.wall.members import Archive, Member, Refused, flaw_of
from ingest.wall.pool import Pool, Task
from rag.errors import UnreadableFile
from rag.settings import Settings

MOST = 1 << 20


def packed(*entries, **options):
    """A zip of pairs: a name, or a ZipInfo, and text."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return stream.getvalue()


class Named(zipfile.ZipInfo):
    """An entry as Windows makes it: a name in the machine's charset, and no word of it."""

    def _encodeFilenameFlags(self):  # noqa: N802
        return self.orig_filename.encode("cp437"), 0


def named(raw: bytes, text="x", extra=b""):
    info = Named(raw.decode("cp437"))
    info.extra = extra
    return info, text


def opened(data, most=MOST):
    return Archive(io.BytesIO(data), most)


def refusals(archive):
    return {one.name: one.error for one in archive.refused}


def test_members_are_listed_and_read():
    archive = opened(packed(("a.md", "alpha"), ("人事/年假.md", "十五天"), ("empty/", "")))
    assert [(one.name, one.size) for one in archive.members] == [("a.md", 5), ("人事/年假.md", 9)]
    assert archive.members[0].crc == zlib.crc32(b"alpha")
    assert archive.read("人事/年假.md").decode() == "十五天"
    assert archive.refused == []


@pytest.mark.parametrize("charset", ["gbk", "big5", "utf-8"])
def test_names_of_chinese_windows_are_readable(charset):
    name = "人事制度/年假說明.txt" if charset == "big5" else "人事制度/年假说明.txt"
    assert [one.name for one in opened(packed(named(name.encode(charset)))).members] == [name]


def test_names_of_western_windows_are_readable():
    archive = opened(packed(named("Übersicht für März.txt".encode("cp437")), named(b"plain.txt")))
    assert [one.name for one in archive.members] == ["Übersicht für März.txt", "plain.txt"]


def test_a_name_in_utf_8_beside_the_old_one_counts():
    raw, told = b"?.txt", "年假.txt".encode()
    body = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + told
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    assert opened(packed(named(raw, extra=extra))).members[0].name == "年假.txt"


@pytest.mark.parametrize(
    "name",
    ["../a.md", "a/../../b.md", "/etc/a.md", "C:/a.md", "c:a.md", "a\\b.md", "a//b.md", "./a.md", "a\nb.md"],
)
def test_a_name_that_leads_out_is_refused_and_the_rest_is_read(name):
    archive = opened(packed((name, "evil"), ("good.md", "good")))
    assert [one.name for one in archive.members] == ["good.md"]
    assert len(archive.refused) == 1
    assert archive.refused[0].hint


def test_a_name_with_nul_is_refused():
    archive = opened(packed(("aXb.md", "evil")).replace(b"aXb.md", b"a\0b.md"))
    assert archive.members == []


def test_links_locked_files_inner_archives_and_twins_are_refused():
    link = zipfile.ZipInfo("link.md")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed(
            (link, "/etc/passwd"), ("in.zip", "x"), ("in.tar.gz", "x"), ("a.md", "1"), ("a.md", "2")
        )
    archive = opened(data)
    assert [one.name for one in archive.members] == ["a.md"]
    assert refusals(archive) == {
        "link.md": "a link or a device, not a file",
        "in.zip": "an archive within an archive",
        "in.tar.gz": "an archive within an archive",
        "a.md": "its name is there twice",
    }
    assert archive.read("a.md") == b"1"


def test_a_locked_member_is_named_so():
    data = bytearray(packed(("a.md", "secret"), ("b.md", "open")))
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(header) + flags] |= 1
    archive = opened(bytes(data))
    assert "password needed" in refusals(archive)["a.md"]
    assert archive.read("b.md") == b"open"


def test_bombs_are_refused_one_by_one():
    data = packed(("ratio.txt", "x" * (4 << 20)), ("large.txt", "12345678" * (1 << 18)), ("good.md", "good"))
    archive = opened(data, 3 << 20)
    assert "MB" in refusals(archive)["ratio.txt"]
    assert "inflates" in refusals(opened(data, 9 << 20))["ratio.txt"]
    assert "inflates" in refusals(archive)["large.txt"]
    assert [one.name for one in archive.members] == ["good.md"]


def test_entries_that_share_bytes_are_refused():
    data = packed(("a.txt", "shared"), ("b.txt", "shared"))
    second = data.index(b"PK\3\4", 4)
    at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4) + 42
    assert int.from_bytes(data[at : at + 4], "little") == second
    archive = opened(data[:at] + bytes(4) + data[at + 4 :])
    assert archive.members == []
    assert set(refusals(archive).values()) == {"it shares its bytes with another file"}


def test_a_total_beyond_bounds_is_refused_from_there_on(monkeypatch):
    monkeypatch.setattr(members, "MOST_BYTES", 10)
    archive = opened(packed(("a.md", "12345678"), ("b.md", "123"), ("c.md", "12")))
    assert [one.name for one in archive.members] == ["a.md", "c.md"]
    assert "holds more than" in refusals(archive)["b.md"]


def test_too_many_entries_and_broken_directories_are_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(members, "MOST_ENTRIES", 3)
    for data in (packed(*((f"{n}.md", "x") for n in range(4))), b"no zip", packed(("a.md", "x"))[:-9]):
        with pytest.raises(UnreadableFile) as caught:
            opened(data)
        assert caught.value.hint


def test_a_size_that_lies_is_noticed_when_the_member_is_read():
    data = bytearray(packed(("a.md", "x" * 5000)))
    for header, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(header) + at
        data[start : start + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="damaged"):
        opened(bytes(data)).read("a.md")


def test_what_a_walk_leaves_out_is_left_out():
    data = packed((".git/config.md", "x"), ("__MACOSX/a.md", "x"), ("b/.DS_Store", "x"), ("~$a.docx", "x"))
    archive = opened(data)
    assert archive.members == archive.refused == []


def test_a_listing_that_lies_is_refused():
    good = pack_listing([Member("a.md", 1, 2)], [Refused("b", "c", "d")])
    assert listing(read_frame(io.BytesIO(good).read)) == ([Member("a.md", 1, 2)], [Refused("b", "c", "d")])
    for wrong in ([Member("../a.md", 1, 2)], [Member("a", 1, 2)] * 2):
        with pytest.raises(Malformed):
            listing(read_frame(io.BytesIO(pack_listing(wrong, [])).read))


def test_flaws_of_names():
    assert flaw_of("a/b.md") is None
    assert flaw_of("年假/制度.md") is None
    assert flaw_of("a/../b") is not None


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.md").write_text("# A\n\nalpha\n")
    (root / "报告.zip").write_bytes(packed(("人事/年假.md", "# 年假\n\n十五天。"), ("../evil.md", "x")))
    (root / "broken.zip").write_bytes(b"no zip")
    (root / "old.tar.gz").write_bytes(b"x")
    return root


def test_zips_of_a_walk_are_replaced_by_their_members(root):
    walked = expand(folder.walk(root), Options())
    assert [(file.source, file.member) for file in walked.files] == [
        ("a.md", ""),
        ("报告.zip/人事/年假.md", "人事/年假.md"),
    ]
    member = walked.files[1]
    assert member.place == f"{root}/报告.zip!/人事/年假.md"
    assert member.path == root / "报告.zip"
    assert member.etag.startswith("crc32:")
    assert {one.source: one.place for one in walked.unreadable} == {
        "broken.zip": f"{root}/broken.zip!",
        "old.tar.gz": f"{root}/old.tar.gz!",
        "报告.zip/../evil.md": f"{root}/报告.zip!/../evil.md",
    }
    assert all(one.hint for one in walked.unreadable)


def test_a_walk_without_archives_starts_no_child(root, monkeypatch):
    monkeypatch.setattr("ingest.wall.archive.Child", None)
    walked = folder.walk(root / "a.md")
    assert expand(walked, Options()) == walked


def test_a_member_is_parsed_like_a_file(root):
    walked = expand(folder.walk(root), Options())
    tasks = [Task(f.place, f.source, f.path, embed=True, member=f.member) for f in walked.files]
    gone = Task("gone", "x.md", root / "报告.zip", member="gone.md")
    with Pool(Settings(workers=1)) as pool:
        found = {result.place: result for result in pool.parse([*tasks, gone])}
    assert found[walked.files[1].place].loaded.text == "# 年假\n\n十五天。"
    assert found["gone"].state == "damaged"
