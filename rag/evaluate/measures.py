"""What can be measured on one question. Pure: a row goes in, numbers come out.

All lie between 0 and 1, and higher is better. A measure that does not apply is left out: places
need gold places, words a gold answer or quote, quotes an answer that shows some.
"""

from collections.abc import Sequence
from statistics import fmean

from rag.evaluate import places, wording
from rag.evaluate.types import Case, Place, Row

# What each number says, in the order in which they are printed.
MEANINGS = {
    "hit": "gold in 4,000 chars (zh 2,500)",
    "mrr": "1 / rank of the first with gold",
    "recall": "share of the gold in them",
    "golds": "share of golds, if all are needed",
    "iou": "intersection over union with gold",
    "ndcg@10": "nDCG of the first 10 passages",
    "chunk_hit@1": "gold in the first passage",
    "chunk_hit@5": "gold in the first 5 passages",
    "chunk_hit@10": "gold in the first 10 passages",
    "chunk_mrr@10": "1 / rank of the first, of 10",
    "contains": "gold words in a row in the answer",
    "answer_recall": "share of the gold words in it",
    "answer_f1": "words shared with the gold answer",
    "numbers": "all numbers of the gold answer",
    "verbatim": "quotes that stand so in the text",
    "support": "quotes carry their sentences",
    "citation_precision": "citations that overlap gold",
    "citation_recall": "golds that are cited",
    "right_file": "a gold document is cited",
    "answered": "answers given",
    "decision": "answered or refused rightly",
    "correct": "gold cited, or refused rightly",
}


def measure(row: Row) -> dict[str, float]:
    """Every measure that applies to the row, by name; none for a row with an error."""
    if row.error:
        return {}
    answered = row.status == "answered"
    made = {"answered": float(answered), "decision": float(answered is row.case.answerable)}
    if row.quotes:
        made["verbatim"] = fmean(quote.verbatim for quote in row.quotes)
        made["support"] = fmean(quote.support for quote in row.quotes)
    if not row.case.answerable:
        return made | {"correct": float(not answered)}
    if row.gold:
        made |= places.measures(row.gold, row.found, row.case.need, row.case.language)
        made |= _citations(row)
        made["correct"] = float(answered and cites_gold(row))
    if row.case.gold:
        made["right_file"] = float(_cites_file(row))
    return made | _words(row.case, row.text if answered else "")


def cites_gold(row: Row) -> bool:
    """Whether a citation overlaps a gold place."""
    return any(_reaches(quote.place, row.gold) for quote in row.quotes)


def is_wrong(row: Row) -> bool | None:
    """Whether an answer to this question was, or would have been, wrong: nothing could answer it, or no
    gold is within the citations. None where there is no gold to judge by.
    """
    if row.error or (row.case.answerable and not row.gold):
        return None
    return not row.case.answerable or not cites_gold(row)


def names(file: str, source: str) -> bool:
    """Whether a gold's file means this source: the same path, or the end of it; `docs/` may be left out."""
    for path in (file, file.removeprefix("docs/")):
        if path and (source == path or source.endswith("/" + path)):
            return True
    return False


def _citations(row: Row) -> dict[str, float]:
    cited = [quote.place for quote in row.quotes]
    reached = [_reaches(gold, cited) for gold in row.gold]
    share = fmean(reached) if row.case.need == "all" else float(any(reached))
    made = {"citation_recall": share}
    if cited:
        made["citation_precision"] = fmean(_reaches(place, row.gold) for place in cited)
    return made


def _cites_file(row: Row) -> bool:
    return any(names(gold.file, quote.place.source) for gold in row.case.gold for quote in row.quotes)


def _words(case: Case, text: str) -> dict[str, float]:
    quotes = [gold.quote for gold in case.gold if gold.quote]
    if case.need == "all" and quotes:
        quotes = ["\n".join(quotes)]
    references = [one for one in (case.answer, *quotes) if wording.tokens(one)]
    return wording.measures(text, references[0], references) if references else {}


def _reaches(place: Place, others: Sequence[Place]) -> bool:
    return any(places.overlap(place, other) for other in others)
