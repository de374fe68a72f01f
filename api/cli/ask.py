"""`kb ask`: one question, answered with proved quotes."""

from api.cli import answers, question, terminal
from api.cli.options import Collection, Home, Json, Limit, Model, Store


def ask(
    words: question.Words = None,
    collection: Collection = None,
    limit: Limit = None,
    model: Model = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Answer a question. Exit code 1 when the documents do not say."""
    from api.cli import opened

    text = question.read(words)
    flags = {"limit": limit, "model": model, "store": store, "home": home}
    if json:
        from api import encode

        answer = opened.run(lambda system: system.ask(text, collection=collection), **flags)
        terminal.out_json(encode.answer(answer))
    else:
        answer = opened.run(lambda system: answers.show(system.stream(text, collection=collection)), **flags)
        answers.print_places(answer)
    return answers.exit_code(answer)
