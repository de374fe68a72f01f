import json

import pytest

from ingest.loaders import ipynb
from rag.errors import UnreadableFile


def load(*cells, **others):
    book = {"cells": list(cells), "metadata": {"language_info": {"name": "python"}}, **others}
    return ipynb.load(json.dumps(book).encode(), "my_notes.ipynb")


def test_cells_become_markdown_with_code_and_output_in_fences():
    loaded = load(
        {"cell_type": "markdown", "source": ["# 分析\n", "Why."]},
        {"cell_type": "code", "source": "print('# x')", "outputs": [{"text": ["# x\n"]}]},
        {"cell_type": "markdown", "source": "## Next"},
    )
    assert loaded.text == "# 分析\nWhy.\n\n```python\nprint('# x')\n```\n\n```\n# x\n```\n\n## Next\n"
    assert [s.heading for s in loaded.sections] == [("分析",), ("分析", "Next")]
    assert loaded.title == "分析"


def test_pictures_are_left_out_and_long_output_is_cut():
    outputs = [{"data": {"image/png": "x", "text/plain": "<Figure>"}}, {"text": "z" * 5_000}]
    loaded = load({"cell_type": "code", "source": "plot()", "outputs": outputs})
    assert "<Figure>" not in loaded.text
    assert loaded.text.count("z") == ipynb.LONGEST_OUTPUT
    assert loaded.report["warnings"] == ["pictures in the output are left out", "long output is cut"]


def test_the_older_format_is_read():
    sheet = {
        "cells": [{"cell_type": "heading", "level": 2, "source": "Old"}, {"cell_type": "code", "input": "1"}]
    }
    book = json.dumps({"worksheets": [sheet]}).encode()
    assert ipynb.load(book, "a.ipynb").text == "## Old\n\n```\n1\n```\n"


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"cells": 3}', b"no json", b"[" * 100_000])
def test_what_is_no_notebook_is_refused(data):
    with pytest.raises(UnreadableFile, match="no notebook"):
        ipynb.load(data, "a.ipynb")
