from rag.remembered import forget, remembered


def test_what_is_remembered_is_made_once_until_it_is_forgotten() -> None:
    made = []

    @remembered(4)
    def length(text: str) -> int:
        made.append(text)
        return len(text)

    assert (length("leave"), length("leave")) == (5, 5)
    assert made == ["leave"]
    forget()
    assert length("leave") == 5
    assert made == ["leave", "leave"]
