"""Lengths of frames, at every split."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from understudy.http.frames2 import PREFACE_BYTES, FrameSizes


@given(st.lists(st.integers(0, 40), max_size=8), st.sets(st.integers(1, 400), max_size=10))
def test_frames_are_followed_at_every_split(lengths: list[int], cuts: set[int]) -> None:
    """Refused from the header of the first frame that is too long on, and never before."""
    most = 30
    data = b"x" * PREFACE_BYTES + b"".join(n.to_bytes(3) + b"\xff" * 6 + b"\xff" * n for n in lengths)
    good = list(itertools.takewhile(lambda n: n <= most, lengths))
    refused_at = PREFACE_BYTES + sum(9 + n for n in good) + 9 if len(good) < len(lengths) else len(data) + 1
    sizes, read = FrameSizes(most), 0
    for start, end in itertools.pairwise([0, *sorted(c for c in cuts if c < len(data)), len(data)]):
        read += end - start
        allowed = sizes.allow(data[start:end])
        assert allowed == (read < refused_at)
        if not allowed:
            break
