"""Two and four ingests of one folder at once: one result, and whoever waits is told for whom.

python -m bench.together
"""

import subprocess
import tempfile
from pathlib import Path

from bench import kills
from bench.results import save


def main(documents: int = kills.DOCUMENTS) -> dict[str, object]:
    """Both numbers; returns the figures."""
    figures: dict[str, object] = {"documents": documents}
    with tempfile.TemporaryDirectory() as place:
        folder = kills.documents(Path(place) / "docs", documents)
        kills.finish(Path(place) / "reference", folder)
        reference = kills.examine(Path(place) / "reference")
        for number in (2, 4):
            home = Path(place) / f"home{number}"
            said = _at_once(home, folder, number)
            outcome = kills.examine(home)
            figures[f"{number}_at_once"] = {
                "equal": outcome == reference,
                "told_for_whom_they_wait": sum("waiting for process" in text for text in said),
            }
    return figures


def _at_once(home: Path, folder: Path, number: int) -> list[str]:
    runs = [
        subprocess.Popen(
            kills.command(home, folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(number)
    ]
    said = [run.communicate()[1] for run in runs]
    assert all(run.returncode == 0 for run in runs), said
    return said


if __name__ == "__main__":
    save("together", main())
