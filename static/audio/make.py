"""Generates the clips of the hall's voice: `python static/audio/make.py`, on a Debian computer.

Needs `apt-get install espeak-ng ffmpeg`. Run by hand when the list changes; the clips are kept in
the repository, so that nobody needs either to run Lianxin. A hall that likes another voice puts its
own recordings in their place, under the same names: one clip, one file (docs/reference.md).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# The voice is made of clips, because browsers' own voices differ or are missing, and a text spoken
# by a service would leave the building. espeak-ng is under the GPL, which covers its output only
# where that is itself a copy of the program; we take speech made from our words to be none, though
# some consonants are built on short samples in its data. So the clips are under this repository's
# licence, and the program is neither shipped nor needed to run. A hall whose lawyer disagrees
# replaces them, file by file.
HERE = Path(__file__).parent
DIGITS = "零幺二三四五六七八九"
"""As numbers are called: 幺 for one, which nobody takes for seven."""
TENS = list("一二三四五六七八九十")
COUNTERS = (*TENS, *(f"十{each}" for each in TENS[:-1]), "二十")
LETTERS = "ABCDEFGHIJKL"
"""Said with their English names, by the speaker of English."""

CLIPS: dict[str, tuple[str, str]] = {
    "qing": ("cmn", "请"),
    "hao": ("cmn", "号"),
    "dao": ("cmn", "到"),
    "hao-chuangkou": ("cmn", "号窗口"),
    **{f"letter-{each.lower()}": ("en-us", each) for each in LETTERS},
    **{f"digit-{number}": ("cmn", word) for number, word in enumerate(DIGITS)},
    **{f"counter-{number}": ("cmn", word) for number, word in enumerate(COUNTERS, 1)},
}
"""Name of the clip, voice, words. The chime has no words: it is two tones."""
NAMES = ("chime", *CLIPS)
SPEED, PITCH = "150", "45"
FILTER = (
    "silenceremove=start_periods=1:start_threshold=-45dB,areverse,"
    "silenceremove=start_periods=1:start_threshold=-45dB,areverse,"
    "loudnorm=I=-16:TP=-1.5,apad=pad_dur=0.04"
)
CHIME = (
    "aevalsrc='0.5*exp(-4*t)*sin(2*PI*784*t)*lt(t,0.5)"
    "+0.5*exp(-3*max(t-0.4,0))*sin(2*PI*587*max(t-0.4,0))*gt(t,0.4)':d=1.5"
)


def encode(source: list[str], filters: str, name: str) -> None:
    """Write one clip: mono, small, of a kind that every browser plays."""
    command = ["ffmpeg", "-v", "error", "-y", *source, "-af", filters, "-ac", "1", "-ar", "22050"]
    plain = [
        "-map_metadata",
        "-1",
        "-fflags",
        "+bitexact",
        "-write_xing",
        "0",
        "-id3v2_version",
        "0",
    ]
    subprocess.run([*command, *plain, "-b:a", "32k", str(HERE / f"{name}.mp3")], check=True)


def main() -> None:
    """Make every clip."""
    if missing := [each for each in ("espeak-ng", "ffmpeg") if shutil.which(each) is None]:
        sys.exit(f"Missing: apt-get install {' '.join(missing)}")
    encode(["-f", "lavfi", "-i", CHIME], "afade=t=out:st=1.2:d=0.3", "chime")
    with tempfile.TemporaryDirectory() as folder:
        for name, (voice, words) in CLIPS.items():
            spoken = str(Path(folder) / f"{name}.wav")
            says = ["espeak-ng", "-v", voice, "-s", SPEED, "-p", PITCH, "-w", spoken, words]
            subprocess.run(says, check=True)
            encode(["-i", spoken], FILTER, name)


if __name__ == "__main__":
    main()
