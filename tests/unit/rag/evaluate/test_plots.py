import sys
from xml.etree import ElementTree

import pytest

from rag.errors import ConfigError
from rag.evaluate import plots
from rag.evaluate.plots import Point, Series

LINE = Series("this run", (Point(0.1, 0.2, 0.1, 0.3), Point(0.5, 0.6, 0.5, 0.7), Point(1.0, 0.9, 0.8, 1.0)))
DRAW = (plots.hit_by_budget, plots.risk_coverage, plots.calibration, plots.latency)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("draw", DRAW)
def test_a_plot_is_one_element_that_scales(draw) -> None:
    root = ElementTree.fromstring(draw([LINE]))
    assert root.tag == f"{SVG}svg"
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib


@pytest.mark.parametrize("draw", DRAW)
def test_a_plot_loads_nothing_and_styles_nothing_around_it(draw) -> None:
    root = ElementTree.fromstring(draw([LINE]))
    assert not {each.tag for each in root.iter()} & {f"{SVG}style", f"{SVG}script", f"{SVG}image"}
    links = [value for each in root.iter() for name, value in each.attrib.items() if name.endswith("href")]
    assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("draw", DRAW)
def test_a_plot_has_only_the_colours_of_the_page(draw) -> None:
    svg = draw([LINE, Series("other run", LINE.points)])
    assert "var(--first)" in svg
    assert "var(--second)" in svg
    assert "#0" not in svg.replace('"#', "")


def test_two_plots_of_a_page_share_no_id() -> None:
    ids = [
        {each.attrib["id"] for each in ElementTree.fromstring(draw([LINE])).iter() if "id" in each.attrib}
        for draw in DRAW
    ]
    assert sum(map(len, ids)) == len(set().union(*ids))


def test_letters_stay_letters() -> None:
    assert ">characters returned</text>" in plots.hit_by_budget([LINE])


def test_the_legend_names_the_runs_only_when_there_are_two() -> None:
    assert "this run" not in plots.latency([LINE])
    assert "other run" in plots.latency([LINE, Series("other run", LINE.points)])


def test_equal_points_give_equal_plots() -> None:
    assert plots.calibration([LINE]) == plots.calibration([LINE])


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError) as caught:
        plots.latency([LINE])
    assert "kb[report]" in caught.value.hint
