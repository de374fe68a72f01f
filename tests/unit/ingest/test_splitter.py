from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders import markdown
from ingest.outline import Heading, sections
from ingest.splitters.sections import split
from ingest.types import Loaded
from rag.types import Section, Span

WORDS = st.sampled_from(
    ["leave", "of", "absence", "年假", "十五天。", "a.", "b?", "\n", "\n\n", " ", "x" * 90, "| c |"]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=120).map(" ".join)


@st.composite
def documents(draw):
    text = draw(TEXTS)
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=5)))
    levels = st.integers(1, 3)
    names = st.sampled_from(["Leave", "How?", "怎么办？", "Travel"])
    headings = [Heading(place, draw(levels), draw(names)) for place in places if place < len(text)]
    cut = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    left_out = [Span(*cut)] if draw(st.booleans()) else []
    pages = tuple(sorted(draw(st.lists(st.integers(0, len(text)), max_size=3))))
    made = sections(text, headings, left_out=left_out)
    return Loaded(text, sections=made, pages=(0, *pages) if pages else ())


@given(documents(), st.integers(100, 300))
@settings(deadline=None, max_examples=300)
def test_chunks_are_ordered_whole_and_small(loaded, size):
    chunks = split(loaded, size)
    text = loaded.text
    covered = [False] * len(text)
    end = 0
    for chunk in chunks:
        assert end <= chunk.span.start < chunk.span.end
        assert text[chunk.span.start : chunk.span.end].strip() == text[chunk.span.start : chunk.span.end]
        assert chunk.span.end - chunk.span.start <= size
        end = chunk.span.end
        covered[chunk.span.start : end] = [True] * (end - chunk.span.start)
    for section in loaded.sections:
        for place in range(section.span.start, section.span.end):
            assert covered[place] or text[place].isspace()


@given(documents(), st.integers(100, 300))
@settings(deadline=None, max_examples=100)
def test_chunks_know_page_and_heading_of_their_start(loaded, size):
    for chunk in split(loaded, size):
        start = chunk.span.start
        section = next(s for s in loaded.sections if s.span.start <= start < s.span.end)
        assert chunk.heading == section.heading
        assert chunk.page == (sum(page <= start for page in loaded.pages) or None)


def texts(loaded, size=800):
    return [loaded.text[chunk.span.start : chunk.span.end] for chunk in split(loaded, size)]


def one(text):
    return Loaded(text, sections=(Section(Span(0, len(text))),))


def test_entries_of_questions_stay_apart():
    loaded = markdown.load(b"# FAQ\n\n## How?\nSo.\n\n## Why?\nThus.\n\n## Notes\nx\n\n## More\ny\n", "a.md")
    assert texts(loaded) == ["# FAQ", "## How?\nSo.", "## Why?\nThus.", "## Notes\nx\n\n## More\ny"]


def test_small_sections_are_merged_under_the_first_heading():
    loaded = markdown.load(b"# A\nx\n\n## B\ny\n", "a.md")
    assert [chunk.heading for chunk in split(loaded, 800)] == [("A",)]


def test_a_table_is_cut_between_rows_only():
    rows = [f"| {n} | {'cell ' * 60}. Second sentence |" for n in range(20)]
    for part in texts(one("\n".join(rows)), 400):
        assert part in rows


def test_a_row_of_a_table_without_bars_is_not_cut_either():
    rows = [f"Name: Number {n}; Note: {'A sentence. ' * 25}; Place: Oslo" for n in range(9)]
    for part in texts(one("\n".join(rows)), 400):
        assert part in rows


def test_text_is_cut_at_a_sentence_before_a_word():
    for part in texts(one("这是一个很长的句子，说明年假的规定。" * 100)):
        assert part.endswith("。")
        assert len(part) <= 800


def test_what_cannot_be_broken_is_cut_at_the_size():
    assert [len(part) for part in texts(one("x" * 2000))] == [800, 800, 400]


def test_windows_newlines_are_cut_like_others():
    text = "\r\n\r\n".join(["A paragraph of the handbook, with a few words in it. " * 8] * 6)
    assert all(part.startswith("A paragraph") for part in texts(one(text)))
