"""The pictures of the README and the manifest show the product as it is, not as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from tests.world.scenes import PICTURES, SHOTS, photograph_all
from tests.world.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Times, dates and figures of a queue differ with each picture; where things stand does not.
MOST = 3.0
"""Grey levels, of 255, by which a picture may differ on average."""
SMALL = (96, 96)


def difference(one: Path, other: Path) -> float:
    """How far two pictures are apart, seen from afar; 255 for two of another shape."""
    with Image.open(one) as first, Image.open(other) as second:
        if first.size != second.size:
            return 255.0
        small = [each.convert("L").resize(SMALL, Image.Resampling.BOX) for each in (first, second)]
    return float(ImageStat.Stat(ImageChops.difference(*small)).mean[0])


async def test_no_picture_is_older_than_what_it_shows(tmp_path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    await photograph_all(tmp_path, lambda target: fresh / target.name)
    apart = {
        str(shot.target.relative_to(ROOT)): round(
            difference(shot.target, fresh / shot.target.name), 1
        )
        for shot in SHOTS
    }
    assert {name: far for name, far in apart.items() if far > MOST} == {}, "run make pictures"


def test_every_picture_of_the_readme_is_made() -> None:
    made = {shot.target.name for shot in SHOTS if shot.target.parent == PICTURES}
    assert {path.name for path in PICTURES.iterdir()} == made
    readme = (ROOT / "README.md").read_text()
    shown = {name for name in made if f"docs/pictures/{name}" in readme}
    assert made - shown <= {"dark.png", "english.png"}


@pytest.mark.parametrize("moved", [0, 12])
def test_a_picture_on_which_something_moved_is_another(tmp_path, moved) -> None:
    for name, at in (("one.png", 0), ("other.png", moved)):
        drawn = Image.new("RGB", (390, 844), "white")
        ImageDraw.Draw(drawn).rectangle((20, 200 + at, 370, 256 + at), "#b3261e")
        drawn.save(tmp_path / name)
    assert (difference(tmp_path / "one.png", tmp_path / "other.png") > MOST) is bool(moved)
