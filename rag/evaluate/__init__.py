"""How good the answers are: questions with known answers, asked like a user's, and measured.

`cases` reads the questions, `run` asks them, `measures` judges each result, `summary` draws the
sums with their intervals, `compare` sets two runs side by side.
"""
