from ingest.planning.copies import copies


def test_all_but_the_first_of_equal_files_are_copies_in_the_order_of_names() -> None:
    files = [("c.md", b"1"), ("a.md", b"1"), ("副本.md", b"1"), ("b.md", b"2")]
    assert copies(files) == ["c.md", "副本.md"]


def test_files_that_were_never_read_are_copies_of_nothing() -> None:
    assert copies([("a.pdf", b""), ("b.pdf", b"")]) == []
