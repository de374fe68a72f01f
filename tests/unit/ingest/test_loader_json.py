import json as stdlib

import pytest

from ingest.loaders import json
from rag.errors import UnreadableFile


def load(tree, name="office_list.json"):
    data = tree if isinstance(tree, (bytes, str)) else stdlib.dumps(tree, ensure_ascii=False)
    return json.load(data.encode() if isinstance(data, str) else data, name)


def headings(loaded):
    return [section.heading for section in loaded.sections]


def test_flat_objects_are_records_one_a_line():
    loaded = load(
        {"staff": [{"name": "张伟", "room": 12}, {"name": "Ann", "room": None, "address": {"city": "Leeds"}}]}
    )
    assert loaded.text == "staff\n\nname: 张伟; room: 12\nname: Ann; address.city: Leeds\n"
    assert headings(loaded) == [("staff",)]


def test_values_are_lines_with_their_path_below_the_headings_of_objects():
    loaded = load({"cache": {"redis": {"port": 6379, "hosts": ["a", "b"]}, "on": True}, "title": "Setup"})
    assert (
        loaded.text == "title: Setup\n\ncache\n\ncache.on: true\n\n"
        "redis\n\ncache.redis.port: 6379\ncache.redis.hosts: a, b\n"
    )
    assert headings(loaded) == [(), ("cache",), ("cache", "redis")]
    assert loaded.title == "Setup"


def test_a_file_without_a_title_is_called_by_its_name():
    assert load({"a": 1}).title == "office list"


@pytest.mark.parametrize(
    "tree",
    [
        [{"question": "保修多久？", "similar": ["保修几年", "多久过保？"], "answer": "两年。"}],
        {"items": [{"问题": "保修多久？", "相似问题": ["保修几年", "多久过保？"], "答案": "两年。"}]},
    ],
)
def test_questions_and_answers_are_entries_with_their_other_wordings(tree):
    loaded = load(tree)
    assert headings(loaded)[-1][-1] == "保修多久？ / 保修几年？ / 多久过保？"
    assert "两年。" in loaded.text


def test_an_object_of_questions_is_a_list_of_entries():
    loaded = load({"How long?": "A year.", "For whom?": ["Ann", "Bob"]})
    assert headings(loaded) == [("How long?",), ("For whom?",)]
    assert loaded.text.startswith("How long?\nA year.\n")


def test_numbers_stay_as_written_and_keys_that_come_twice_are_kept():
    assert load('{"a": 1.50, "b": 1e3, "a": 12345678901234567890}').text == (
        "a: 1.50\nb: 1e3\na: 12345678901234567890\n"
    )


def test_a_list_of_mixed_items_is_headed_by_their_names():
    loaded = load({"steps": [{"name": "Plan", "parts": [{"x": {"y": {"z": 1}}}]}, "rest"]})
    assert ("steps", "Plan") in headings(loaded)
    assert "- rest" in loaded.text


def test_json_lines_are_a_record_each_and_a_broken_one_stays_as_it_is():
    loaded = load('{"a": 1}\nno json\n{"a": {"b": "二"}}\n{"a": 3}', "log.jsonl")
    assert loaded.text == "a: 1\nno json\na.b: 二\na: 3"
    assert loaded.report["warnings"] == ["line 2, column 1: expecting value; the line is kept as it is"]


def test_json_lines_under_the_name_of_json_are_read():
    assert load('{"a": 1}\n{"a": 2}\n').text == "a: 1\na: 2"


def test_what_is_no_json_is_named_with_line_and_column():
    with pytest.raises(UnreadableFile, match="line 2, column 7: expecting value") as caught:
        load('{"a": 1,\n "b": x}')
    assert caught.value.state == "damaged"
    assert caught.value.hint


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_nesting_without_end_is_refused(text):
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        load(text)


def test_what_is_nested_deeply_stands_on_one_line():
    loaded = load('{"a":' * 200 + '"deep"' + "}" * 200)
    assert "deep" in loaded.text
    assert max(map(len, headings(loaded))) == 32
