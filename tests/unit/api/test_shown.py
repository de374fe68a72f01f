from pathlib import Path

import pytest

from api import shown
from rag.settings import load


def test_secrets_are_masked_and_names_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a" * 64
    monkeypatch.setenv("KB_MODEL_KEY", "sk-secret")
    monkeypatch.setenv("KB_KEYS", f'[{{"name": "me", "sha256": "{secret}"}}]')
    monkeypatch.setenv("KB_STORE", "weaviate://user:unspoken@host:8080/x?y=1")
    made = {row["name"]: row for row in shown.rows(load())}
    said = str(made)
    assert "sk-secret" not in said
    assert secret not in said
    assert "unspoken" not in said
    assert made["keys"]["shown"] == "me"
    assert made["store"]["value"] == f"weaviate://user:{shown.MASK}@host:8080/x?y=1"


def test_each_value_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kb.toml").write_text("limit = 5\n")
    monkeypatch.setenv("KB_WORKERS", "3")
    made = {row["name"]: row["origin"] for row in shown.rows(load(port=9))}
    assert made["port"] == "flag"
    assert "KB_WORKERS" in made["workers"] or made["workers"] == "environment"
    assert made["limit"].endswith("kb.toml")
    assert made["deadline"] == "default"
