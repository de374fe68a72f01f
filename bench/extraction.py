"""The answer without a model, on the passages that retrieval gives: words, quotes, contradictions, time.

    python -m bench.extraction [--homes FOLDER] [SET ...]

`--homes` keeps the ingested sets for the next time. Each figure stands with its 95 % interval. The
weights were chosen on the questions of even place and confirmed on those of odd place: `even`, `odd`.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import shared
from bench.results import save
from ingest.run import Order, ingest
from rag import open_system
from rag.cite import best_quote
from rag.evaluate import cases
from rag.evaluate.bootstrap import Figure, mean
from rag.evaluate.refusal import auroc
from rag.evaluate.types import Case
from rag.evaluate.wording import contains, recall_and_f1
from rag.extract import Extract, Weights, best_sentences, extract
from rag.pack import Passage, standing
from rag.pipeline.parse import language
from rag.sentences import plain, sentences
from rag.system import System
from rag.types import Hit, Principal, Question
from rag.words import without_question_words

SETS = ("handbook_en", "faq_en", "multiturn_en", "wiki_zh", "docs_zh", "faq_zh", "samples")
EVERY = {"wiki_zh": 4}  # of so many questions one is asked
SUPPORT = ("handbook_en", "wiki_zh")
HITS = 8
# The two contradictions of the samples, asked in other words than in data/eval.
AGAIN = (
    "When must a stolen laptop be reported?",
    "How soon must I report a lost device?",
    "What's the deadline for reporting a lost laptop?",
    "I lost my laptop. What do I do?",
    "笔记本电脑被偷了，多久之内要报告？",
    "What is the warranty period of the T20?",
    "How long does the guarantee of T20 and T40 loggers last?",
    "T40 保修多长时间？",
)
SAMPLES = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its passages and its answer."""

    case: Case
    passages: tuple[Passage, ...]
    weights: Weights | None
    extract: Extract

    @property
    def text(self) -> str:
        """The answer as it is shown."""
        return "".join(statement.text for statement in self.extract.statements)


async def main(names: Sequence[str], homes: Path) -> None:
    """Measure each set and save the figures."""
    figures: dict[str, object] = {}
    for name in names:
        async with open_system(home=homes / name) as system:
            await ingest(system, Order(_documents(name), name))
            asked = [await _ask(system, name, case) for case in _cases(name)]
            figures[name] = _measure(name, asked)
            if name == "samples":
                again = [await _ask(system, name, case) for case in _again()]
                figures["contradictions of the samples"] = _found([*asked, *again])
    save("extraction", figures)


def _documents(name: str) -> Path:
    return SAMPLES / "samples" if name == "samples" else shared.folder() / name / "docs"


def _cases(name: str) -> tuple[Case, ...]:
    path = SAMPLES / "eval/samples.jsonl" if name == "samples" else shared.folder() / name / "questions.jsonl"
    return cases.read([path]).cases[:: EVERY.get(name, 1)]


def _again() -> list[Case]:
    return [
        Case(f"again-{i}", text, "", kind="contradiction", language=language(text))
        for i, text in enumerate(AGAIN)
    ]


def _found(asked: Sequence[Asked]) -> dict[str, bool]:
    """For each question that two documents answer differently: whether the answer says so."""
    wanted = [one for one in asked if one.case.kind == "contradiction"]
    return {one.case.question: one.extract.contradiction is not None for one in wanted}


async def _ask(system: System, name: str, case: Case) -> Asked:
    tenant = Principal("default")
    question = Question(case.question, tenant, case.language, case.history, name, HITS)
    found = await system.retrieve(question)
    texts = {hit.version: await system.version_text("default", hit.version) for hit in found.hits}
    passages = standing(found.hits, texts)
    idf = found.details.get("idf")
    weights = idf if isinstance(idf, dict) else None
    return Asked(case, passages, weights, extract(case.question, passages, case.language, weights))


def _measure(name: str, asked: Sequence[Asked]) -> dict[str, object]:
    answerable = [one for one in asked if one.case.answerable]
    made: dict[str, object] = {"questions": len(asked), "answerable": len(answerable)}
    for measure, values in _words(answerable).items():
        made[measure] = _shown(mean(values))
        made[f"{measure} even, odd"] = [_rounded(mean(values[half::2])) for half in (0, 1)]
    lengths = [len(one.text) for one in answerable]
    made["characters mean, most"] = [round(sum(lengths) / len(lengths)), max(lengths)]
    made["quotes verbatim"] = _verbatim(asked)
    made["contradictions told"] = [_told(one) for one in asked if one.extract.contradiction]
    made["cpu milliseconds a question"] = _milliseconds(asked)
    if name in SUPPORT:
        made["support AUROC"] = _support(answerable)
    return made


def _words(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """One value a question: words of the gold answer in what is shown, gold in the best sentences."""
    made: dict[str, list[float]] = {}
    for one in asked:
        recall, f1 = recall_and_f1(one.text, one.case.answer)
        best = best_sentences(one.case.question, one.passages, one.case.language, one.weights)
        row = {
            "answer recall": recall,
            "answer F1": f1,
            "gold in the answer": _holds(one.case, [one.text]),
            "gold in the best sentence": _holds(one.case, best[:1]),
            "gold in one of the best three": _holds(one.case, best[:3]),
            "right document": _right_document(one),
        }
        for measure, value in row.items():
            made.setdefault(measure, []).append(value)
    return made


def _holds(case: Case, texts: Sequence[str]) -> float:
    found = [any(contains(text, gold.quote) for text in texts) for gold in case.gold]
    return float(bool(found) and (all(found) if case.need == "all" else any(found)))


def _right_document(one: Asked) -> float:
    wanted = {gold.file.removeprefix("docs/") for gold in one.case.gold}
    cited = {proof.hit.source for statement in one.extract.statements for proof in statement.proofs}
    return float(wanted <= cited if one.case.need == "all" else bool(wanted & cited))


def _verbatim(asked: Sequence[Asked]) -> dict[str, int]:
    """Quotes that stand in the stored text at the place they name."""
    shown = verbatim = 0
    for one in asked:
        whole = {passage.hit.version: passage.whole for passage in one.passages}
        for statement in one.extract.statements:
            for proof in statement.proofs:
                shown += 1
                verbatim += whole[proof.hit.version][proof.start : proof.end] == proof.quote
    return {"shown": shown, "verbatim": verbatim}


def _told(one: Asked) -> dict[str, object]:
    """Where the two stand, without their words: some sets may be read here, not copied."""
    contradiction = one.extract.contradiction
    assert contradiction is not None
    stands = [place.passage.hit.source for place in (contradiction.first, contradiction.second)]
    return {"question": one.case.id, "kind": contradiction.kind, "documents": stands}


def _milliseconds(asked: Sequence[Asked]) -> float:
    """CPU time of one thread, with the sentences of the passages known already."""
    started = time.thread_time()
    for one in asked:
        extract(one.case.question, one.passages, one.case.language, one.weights)
    return round(1000 * (time.thread_time() - started) / len(asked), 2)


def _support(asked: Sequence[Asked]) -> dict[str, object]:
    """Support of the gold answer's first sentence by the gold passage, against two that are not gold.

    `swapped`: the gold passage of the question half the set away. `near`: the best passage found for
    the question that holds no gold.
    """
    golds = [one for one in asked if _gold_passage(one) is not None]
    own = [_carried(one, _gold_passage(one)) for one in golds]
    away = len(golds) // 2
    swapped = [_carried(one, _gold_passage(golds[i - away])) for i, one in enumerate(golds)]
    near = [_carried(one, _near_passage(one)) for one in golds]
    return {
        "questions": len(golds),
        "swapped": _shown(auroc([*own, *swapped], [True] * len(own) + [False] * len(swapped))),
        "near": _shown(auroc([*own, *near], [True] * len(own) + [False] * len(near))),
    }


def _carried(one: Asked, passage: Passage | None) -> float:
    """Support of the claim: in Chinese, where the gold is a few characters, with the question's words."""
    gold = one.case.gold[0].quote
    first = next((gold[unit.start : unit.end] for unit in sentences(gold) if unit.kind != "heading"), gold)
    claim = plain(first)
    if one.case.language == "zh":
        claim = without_question_words(one.case.question).rstrip("？?") + claim
    proof = best_quote(claim, passage) if passage else None
    return proof.support if proof else 0.0


def _gold_passage(one: Asked) -> Passage | None:
    return next((passage for passage in one.passages if _is_gold(one.case, passage.hit)), None)


def _near_passage(one: Asked) -> Passage | None:
    return next((passage for passage in one.passages if not _is_gold(one.case, passage.hit)), None)


def _is_gold(case: Case, hit: Hit) -> bool:
    gold = case.gold[0]
    start, end = gold.start or 0, gold.end or 0
    return gold.file.removeprefix("docs/") == hit.source and start < hit.end and end > hit.start


def _shown(figure: Figure | None) -> list[float] | None:
    return [round(value, 3) for value in (figure.value, figure.low, figure.high)] if figure else None


def _rounded(figure: Figure | None) -> float | None:
    return round(figure.value, 3) if figure else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.extraction")
    parser.add_argument("sets", nargs="*", default=SETS, metavar="SET")
    parser.add_argument("--homes", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(chosen.sets, chosen.homes or Path(folder)))
