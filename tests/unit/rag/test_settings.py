from pathlib import Path

import pytest

from rag.errors import ConfigError
from rag.settings import load


def test_a_flag_beats_the_environment_beats_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kb.toml").write_text("limit = 3\nport = 1111\ncollection = 'hr'\n")
    monkeypatch.setenv("KB_LIMIT", "4")
    monkeypatch.setenv("KB_PORT", "2222")
    settings = load(limit=5)
    assert (settings.limit, settings.port, settings.collection) == (5, 2222, "hr")
    assert settings.origins["limit"] == "flag"
    assert settings.origins["port"] == "KB_PORT"
    assert settings.origins["collection"] == str(tmp_path / "kb.toml")
    assert settings.origins["host"] == "default"


def test_the_defaults_need_no_network() -> None:
    settings = load()
    assert (settings.store, settings.model, settings.embedder) == ("local", "", "wordllama")


def test_a_wrong_value_names_the_setting_and_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_PORT", "many")
    with pytest.raises(ConfigError, match=r"setting port \(from KB_PORT\)"):
        load()


def test_an_unknown_setting_in_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kb.toml").write_text("colection = 'hr'\n")
    with pytest.raises(ConfigError, match="no setting named 'colection'"):
        load()


def test_a_file_that_is_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kb.toml").write_text("limit = \n")
    with pytest.raises(ConfigError, match=r"kb\.toml"):
        load()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_MODEL_KEY", "sk-very-secret")
    assert "very-secret" not in repr(load())
