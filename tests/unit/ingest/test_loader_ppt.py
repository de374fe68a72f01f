import struct

import pytest

from ingest.loaders import ppt
from rag.errors import UnreadableFile
from tests.unit.ingest.compound import compound


def atom(kind, data, instance=0):
    return struct.pack("<HHI", instance << 4, kind, len(data)) + data


def container(kind, *parts, instance=0):
    data = b"".join(parts)
    return struct.pack("<HHI", instance << 4 | 0x0F, kind, len(data)) + data


def texts(*found):
    """Text atoms with their kinds: 0 title, 1 body, 2 notes, 4 other."""
    return b"".join(
        atom(0x0F9F, struct.pack("<I", kind)) + atom(0x0FA0, said.encode("utf-16-le")) for kind, said in found
    )


def slide(*found, hidden=False):
    shown = atom(0x03F9, struct.pack("<iIBBHI", 0, 0, 0, 0, 4 if hidden else 0, 0))
    return container(0x03EE, shown, container(0xF00D, texts(*found)))


def notes_of(key, said):
    return container(0x03F0, atom(0x03F1, struct.pack("<II", key, 0)), container(0xF00D, texts((2, said))))


def listed(numbers, instance):
    """The list of slides (0) or notes (2): the number and key of each."""
    atoms = (atom(0x03F3, struct.pack("<IIIII", n, 0, 0, key, 0)) for n, key in numbers)
    return container(0x0FF0, *atoms, instance=instance)


def show(*objects, document, before=b"", size=28):
    """A presentation whose objects are numbered from 1, the document last."""
    stream, places = before, []
    for data in (*objects, document):
        places.append(len(stream))
        stream += data
    directory = len(stream)
    stream += atom(
        0x1772, struct.pack("<I", 1 | len(places) << 20) + struct.pack(f"<{len(places)}I", *places)
    )
    edit = len(stream)
    stream += atom(0x0FF5, struct.pack("<IIII", 0, 0, 0xFFFFFFFF, directory).ljust(size, b"\0"))
    user = bytes(16) + struct.pack("<I", edit)
    return compound({"PowerPoint Document": stream, "Current User": user})


def load(*args, **more):
    return ppt.load(show(*args, **more), "a.ppt")


def test_slides_come_in_the_order_of_the_list_with_title_items_and_notes():
    document = container(0x03E8, listed([(2, 257), (1, 256)], 0), listed([(3, 256)], 2))
    loaded = load(
        slide((0, "Plan"), (1, "one\rtwo"), (4, "free")),
        slide((0, "目标"), (1, "收入")),
        notes_of(256, "先说价格"),
        document=document,
    )
    assert loaded.text == "目标\n- 收入\n\nPlan\n- one\n- two\n\nfree\n\nNotes:\n先说价格"
    assert [s.heading for s in loaded.sections] == [("目标",), ("Plan",)]
    assert len(loaded.pages) == 2


def test_what_an_earlier_save_left_behind_is_not_read():
    document = container(0x03E8, listed([(1, 256)], 0))
    loaded = load(slide((0, "present")), document=document, before=slide((0, "deleted long ago")))
    assert loaded.text == "present"


def test_a_hidden_slide_is_counted():
    document = container(0x03E8, listed([(1, 256), (2, 257)], 0))
    loaded = load(slide((0, "secret"), hidden=True), slide((0, "open")), document=document)
    assert loaded.text == "open"
    assert loaded.report["hidden"] == {"hidden slide": 6}


def test_texts_of_the_outline_stand_where_the_slide_names_them():
    outline = atom(0x03F3, struct.pack("<IIIII", 1, 0, 0, 256, 0)) + texts((0, "Title"), (1, "first"))
    named = container(0x03EE, container(0xF00D, atom(0x0F9E, struct.pack("<I", 1))))
    loaded = load(named, document=container(0x03E8, container(0x0FF0, outline)))
    assert loaded.text == "Title\n- first"


def test_a_locked_presentation_says_so():
    with pytest.raises(UnreadableFile) as caught:
        load(slide((0, "x")), document=container(0x03E8), size=32)
    assert caught.value.state == "password needed"


def test_a_compound_file_of_another_kind_is_refused():
    with pytest.raises(UnreadableFile, match="not a file of PowerPoint"):
        ppt.load(compound({"Other": b"x"}), "a.ppt")


def test_the_shared_presentation_is_read(shared_data):
    data = (shared_data / "parsers/files/fake-power-point.ppt").read_bytes()
    assert ppt.load(data, "a.ppt").text.startswith("Adding a Bullet Slide\n\nFind the bullet slide layout")
