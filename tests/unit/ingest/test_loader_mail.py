from email.message import EmailMessage
from email.policy import SMTP

import pytest

from ingest.formats.mail.rtf import unpacked
from ingest.loaders import eml, mbox
from ingest.loaders.msg import load as load_msg
from rag.errors import UnreadableFile


def mail(subject="班车通知", body="三号线 7:20 发车。\n"):
    made = EmailMessage(policy=SMTP)
    made["From"] = "席知微 <renshi@example.com>"
    made["To"] = "all@example.com"
    made["Date"] = "Wed, 26 Aug 2026 09:00:00 +0000"
    made["Subject"] = subject
    made.set_content(body)
    return made


def headings(loaded):
    return [section.heading for section in loaded.sections]


def test_headers_stand_first_and_the_subject_is_the_title():
    loaded = eml.load(mail().as_bytes(), "a.eml")
    assert loaded.title == "班车通知"
    assert loaded.text.splitlines() == [
        "From: 席知微 <renshi@example.com>",
        "To: all@example.com",
        "Date: Wed, 26 Aug 2026 09:00:00 +0000",
        "Subject: 班车通知",
        "",
        "三号线 7:20 发车。",
        "",
    ]


def test_the_plain_body_is_read_rather_than_its_page():
    made = mail(body="Plain words.\n")
    made.add_alternative("<p>Plain <b>words</b>.</p>", subtype="html")
    assert "Plain words." in eml.load(made.as_bytes(), "a.eml").text


def test_a_plain_body_that_only_points_to_the_page_is_not_read():
    made = mail(body="See the HTML part.\n")
    made.add_alternative(f"<p>{'Real words. ' * 20}</p><p style='display:none'>SECRET</p>", subtype="html")
    loaded = eml.load(made.as_bytes(), "a.eml")
    assert "Real words." in loaded.text
    assert "SECRET" not in loaded.text
    assert loaded.report["hidden"] == {"not displayed": 6}


def test_attachments_are_sections_read_by_their_own_loaders():
    made = mail()
    made.add_attachment("City,Limit\nOslo,120\n", subtype="csv", filename="限额.csv")
    loaded = eml.load(made.as_bytes(), "a.eml")
    assert ("Attachment: 限额.csv",) in headings(loaded)
    assert "City: Oslo; Limit: 120" in loaded.text
    assert loaded.report["attachments"] == ["限额.csv"]


def test_an_attachment_that_cannot_be_read_is_named_in_a_warning():
    made = mail()
    made.add_attachment(b"\0\1\2" * 100, maintype="application", subtype="x", filename="tool.exe")
    made.add_attachment("<a>", subtype="xml", filename="broken.xml")
    loaded = eml.load(made.as_bytes(), "a.eml")
    assert loaded.report["attachments"] == ["tool.exe", "broken.xml"]
    assert loaded.report["warnings"][0] == "tool.exe is not read: no loader for .exe"
    assert loaded.report["warnings"][1].startswith("broken.xml is not read: line 2")


def test_an_attached_mail_is_read_but_not_what_is_attached_to_it():
    inner = mail("Inner", "Inner words.\n")
    inner.add_attachment("deep\n", filename="deep.txt")
    made = mail()
    made.add_attachment(inner)
    loaded = eml.load(made.as_bytes(), "a.eml")
    assert ("Attachment: Inner.eml",) in headings(loaded)
    assert "Inner words." in loaded.text
    assert "deep\n" not in loaded.text
    assert "Inner.eml: attachments of an attached mail are not read" in loaded.report["warnings"]


def test_pictures_of_the_page_are_no_attachments():
    made = mail()
    made.add_related(b"GIF89a", "image", "gif", cid="<x>", filename="logo.gif", disposition="inline")
    assert "attachments" not in eml.load(made.as_bytes(), "a.eml").report


@pytest.mark.parametrize("charset", ["gb2312", "big5", "utf-8", "x-unknown", "utf-8-wrong"])
def test_bodies_are_read_whatever_their_charset_says(charset):
    data = "员工每年可以休年假十五天，请提前两周申请。".encode("gb18030")
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    if charset != "big5":
        assert "十五天" in eml.load(head.encode() + data, "a.eml").text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("=?utf-8?B?54+t6L2m?=", "班车"),
        ("=?gb2312?B?sOCztQ==?= bus", "班车 bus"),
        ("=?utf-8?B?54+t6A==?= =?utf-8?B?vaY=?=", "班车"),  # cut within a character
        ("=?iso-8859-1?Q?caf=E9_bar?=", "café bar"),
        ("=?nonsense?Q?a=20b?=", "a b"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
    ],
)
def test_encoded_words_of_a_header_are_read(header, expected):
    assert eml.load(f"Subject: {header}\n\nbody\n".encode(), "a.eml").title == expected


def test_a_header_in_raw_bytes_is_read():
    data = b"Subject: " + "关于年假和报销的通知，请大家阅读".encode("gb18030") + b"\n\nbody\n"
    assert eml.load(data, "a.eml").title == "关于年假和报销的通知，请大家阅读"


def test_what_has_no_headers_is_no_mail():
    with pytest.raises(UnreadableFile, match="no mail"):
        eml.load(b"\njust text\n", "a.eml")


def test_parts_nested_without_end_are_refused():
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(5_000))
    with pytest.raises(UnreadableFile):
        eml.load(nested.encode(), "a.eml")


def test_a_mailbox_is_a_section_a_mail_headed_by_subject_date_and_sender():
    data = b"".join(
        b"From x Wed Aug 26\n" + m.as_bytes().replace(b"\r\n", b"\n") + b"\n"
        for m in (mail(), mail("Second", ">From here\n"))
    )
    loaded = mbox.load(data, "in_box.mbox")
    assert loaded.title == "in box"
    assert {h[0] for h in headings(loaded)} == {
        "班车通知, Wed, 26 Aug 2026 09:00:00 +0000, 席知微 <renshi@example.com>",
        "Second, Wed, 26 Aug 2026 09:00:00 +0000, 席知微 <renshi@example.com>",
    }
    assert "\nFrom here" in loaded.text


def test_a_broken_mail_in_a_mailbox_is_named_and_the_others_are_read():
    data = b"From x\n\nno headers\n\nFrom y\n" + mail("Good").as_bytes().replace(b"\r\n", b"\n")
    loaded = mbox.load(data, "a.mbox")
    assert loaded.report["warnings"][0].startswith("mail 1 is not read")
    assert "Subject: Good" in loaded.text


def test_a_message_of_outlook_is_read_with_its_attachment(shared_data):
    loaded = load_msg((shared_data / "parsers/files/fake-email-attachment.msg").read_bytes(), "a.msg")
    assert loaded.title == "Fake email with attachment"
    assert "Date: Thu, 20 Apr 2023" in loaded.text
    assert ("Attachment: fake-attachment.txt",) in headings(loaded)


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"hello"])
def test_what_is_no_message_of_outlook_is_refused(data):
    with pytest.raises(UnreadableFile) as caught:
        load_msg(data, "a.msg")
    assert caught.value.hint


def test_compressed_rtf_is_unpacked():
    # The two examples of [MS-OXRTFCP], section 4.
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
