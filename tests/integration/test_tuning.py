"""`kb tune` on the samples: the arithmetic is the retriever's, the words are honest, and it can be undone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rag import evidence, open_system, weights
from rag.evaluate import cases
from rag.evaluate.candidates import Candidates, gather
from rag.evaluate.grouping import located
from rag.evaluate.parts import stack
from rag.evaluate.types import Case
from rag.pipeline.parse import parse
from rag.system import System
from rag.types import Found, Question, Request
from rag.weights import Tuning, Weights

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "data/eval/samples.jsonl"
OTHERS = Weights(phrases=0.1, coverage=0.0, vector=0.6, mean=0.45, rare=0.1, heading=0.5, sentence=0.4)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample company."""
    base = tmp_path_factory.mktemp("tune")
    run(base, "ingest", str(ROOT / "data/samples"), code=5)  # one of the samples is a scan
    return base


@pytest.fixture
def home(samples: Path) -> Path:
    """The same, with nothing tuned."""
    for name in (weights.FILE, weights.FORMER):
        (samples / "home" / name).unlink(missing_ok=True)
    return samples / "home"


def run(base: Path, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    ours = {"KB_HOME": str(base / "home"), "KB_PLUGINS": "off", "XDG_CONFIG_HOME": str(base)}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env=kept | ours | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    return done


def data(base: Path, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(run(base, *arguments, "--json").stdout)["data"])


def answerable(base: Path, count: int = 999) -> Path:
    """A file of the questions that can be answered."""
    path = base / f"answerable-{count}.jsonl"
    lines = [line for line in QUESTIONS.read_text("utf-8").splitlines() if json.loads(line)["answerable"]]
    path.write_text("\n".join(lines[:count]), "utf-8")
    return path


async def question(system: System, case: Case) -> Question:
    return await parse(Request(case.question, case.history, None, 8, system.operator), system)


async def retrieved(system: System, asked: Question, tuned: Weights) -> Found:
    system.tuning = Tuning(tuned)
    return await system.retrieve(asked)


def order(found: Candidates, tuned: Weights) -> list[int]:
    """Ids of the passages that are looked at closely, best first."""
    scores = stack([found], [()]).scores(tuned)[0]
    return [found.read[i][0].id for i in (-scores).argsort(kind="stable") if scores[i] >= 0]


# --- the arithmetic


@pytest.mark.anyio
@pytest.mark.parametrize("tuned", [Weights(), OTHERS], ids=["defaults", "others"])
async def test_questions_are_ranked_and_judged_as_the_retriever_does(home: Path, tuned: Weights) -> None:
    some = cases.read([QUESTIONS]).cases
    asked = [case for case in some if case.history][:4] + [case for case in some if case.language == "zh"][:6]
    async with open_system(home=home, record=False) as system:
        for case in (*asked, *some[:20]):
            wanted = await question(system, case)
            found, ours = await retrieved(system, wanted, tuned), await gather(system, wanted)
            hits = [hit.chunk for hit in found.hits]
            ranked = order(ours, tuned)
            assert ranked[0] == hits[0], case.id
            assert [one for one in ranked if one in hits] == hits, case.id  # repeated passages are folded
            raw = ours.raw(tuned)
            assert raw is not None
            enough = Tuning().threshold(None, ours.view.sketch.chunks)
            features = [ours.read[0][0].features]
            verdict = evidence.judge(raw, enough, ours.searches[0].query, features)
            assert verdict.evidence == pytest.approx(found.verdict.evidence, abs=1e-3), case.id


@pytest.mark.anyio
async def test_questions_on_a_document_or_faq_entry_belong_together(home: Path) -> None:
    async with open_system(home=home, record=False) as system:
        found = await located(system, cases.read([QUESTIONS]).cases)
    groups = {one.case.id: one.group for one in found}
    assert groups["samples-001"] == groups["samples-002"] == "default/hr/employee-handbook.md"
    entries = {group for group in groups.values() if group.startswith("default/support/faq.md")}
    assert len(entries) > 1, "each entry is its own group"
    alone = [one for one in found if not one.places]
    assert len({one.group for one in alone}) == len(alone) > 0


# --- the command


def test_what_is_said_is_what_is_done(home: Path) -> None:
    made = data(home.parent, "tune", str(QUESTIONS))
    assert made["questions"] == 165
    assert made["placed"] > 100
    assert made["kept"] is (home / weights.FILE).exists() is (made["file"] is not None)
    assert made["ranking"]["kept"] is (made["ranking"]["trials"]["both"]["difference"]["low"] > 0)
    said = run(home.parent, "tune", str(QUESTIONS), "--dry-run").stdout
    if made["kept"]:
        assert "nothing was changed" in said
    else:
        assert "The defaults are as good on your questions (" in said
        assert said.rstrip().endswith("; nothing was changed.")


def test_a_tuning_is_kept_shown_used_and_undone(home: Path) -> None:
    base, file = home.parent, str(answerable(home.parent))
    dry = data(base, "tune", file, "-c", "default", "--refuse", "0.3", "--dry-run")
    assert dry["kept"] is True
    assert not (home / weights.FILE).exists()
    made = data(base, "tune", file, "-c", "default", "--refuse", "0.3")
    assert made["file"] == str(home / weights.FILE)
    assert made["refusal"]["default"]["after"]["refused_answerable"]["value"] == pytest.approx(0.3, abs=0.1)
    assert weights.load(home) == Tuning(Weights(**made["tuning"]["weights"]), made["tuning"]["enough"])
    assert "# " in run(base, "tune", "--show").stdout
    assert data(base, "tune", "--show")["enough"] == made["tuning"]["enough"]
    run(base, "tune", "--undo")
    assert data(base, "tune", "--show")["file"] is None
    assert data(base, "tune", "--undo") == {"undone": False, "file": None}


def test_a_tuning_decides_what_new_processes_refuse(home: Path) -> None:
    asked = ("ask", "How many days of annual leave do we get?", "-c", "default")
    run(home.parent, *asked)
    weights.keep(home, weights.dump(Tuning(enough={"default": 9.0})))
    run(home.parent, *asked, code=1)
    run(home.parent, "tune", "--undo")
    run(home.parent, *asked)


def test_too_few_questions_are_refused_with_the_number_needed(home: Path) -> None:
    done = run(home.parent, "tune", str(answerable(home.parent, 12)), code=4)
    assert "kb: 12 questions are too few to tune on: 30 are needed" in done.stderr
    assert not (home / weights.FILE).exists()


def test_a_broken_tuning_is_named_and_undone(home: Path) -> None:
    (home / weights.FILE).write_text("[weights\n", "utf-8")
    done = run(home.parent, "tune", str(QUESTIONS), code=2)
    assert "tuned.toml" in done.stderr
    assert "kb tune --undo" in done.stderr
    run(home.parent, "tune", "--undo")
    assert not (home / weights.FILE).exists()


def test_a_command_without_files_says_what_it_needs(home: Path) -> None:
    assert "give files of questions" in run(home.parent, "tune", code=4).stderr
    assert "give files of questions" in run(home.parent, "tune", str(QUESTIONS), "--undo", code=4).stderr
