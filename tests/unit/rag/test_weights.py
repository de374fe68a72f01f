from pathlib import Path

import pytest

from rag.errors import ConfigError
from rag.weights import EVERYWHERE, UNTUNED, Tuning, Weights, load


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == UNTUNED


def test_a_file_sets_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "tuned.toml").write_text("[weights]\nphrases = 0.5\n[enough]\nhandbook = 1.25\n")
    found = load(tmp_path)
    assert found.weights == Weights(phrases=0.5)
    assert found.threshold("handbook", 10_000) == 1.25
    assert found.threshold("other", 10_000) == UNTUNED.threshold(None, 10_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[weights]\nspeed = 1.0\n", "no weight is named 'speed'"),
        ("[weights]\nphrases = true\n", "True is not a number"),
        ("[enough]\nfaq = nan\n", "nan is not a number"),
        (f"[enough]\nfaq = 1{'0' * 400}\n", "too large"),
        ("[weights\n", "tuned.toml"),
        ("weights = 3\n", "tuned.toml"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tuned.toml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        load(tmp_path)


def test_more_passages_need_more_evidence() -> None:
    sizes = [0, 1, 50, 400, 3_000, 11_000, 1_000_000]
    found = [UNTUNED.threshold(None, size) for size in sizes]
    assert found == sorted(found)
    assert found[0] < found[3] < found[5]


def test_questions_of_no_collection_have_a_threshold_of_their_own() -> None:
    tuned = Tuning(enough={EVERYWHERE: 2.0})
    assert tuned.threshold(None, 10) == 2.0
    assert tuned.threshold("it", 10) == UNTUNED.threshold("it", 10)
