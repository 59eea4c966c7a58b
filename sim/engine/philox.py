"""Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405).

A counter-based generator is a pure function of (key, counter), so any draw can be made alone, in any order, on any
thread. NumPy ships Philox4x64 only behind a stateful object for each stream, too slow for a stream per account.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.jit import compiled

LANES = 64
"""Trials in a block: the innermost axis of every array of draws."""

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


@compiled
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Ten rounds; every word is 32 bits held in 64."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@compiled
def fill_uniform(
    keys: NDArray[np.uint64], months: NDArray[np.int64], first_block: int, out: NDArray[np.float32]
) -> None:
    """Write uniforms in [0, 1), 24 bits each, to ``out`` of shape (n_blocks, n_rows, LANES).

    keys, months: (n_rows,), the stream and the month of each row; the trial is (first_block + block) * LANES + lane.
    """
    scale = np.float32(2.0**-24)
    eight = np.uint64(8)
    for block in range(out.shape[0]):
        quad0 = (first_block + block) * (LANES // 4)
        for row in range(out.shape[1]):
            k0 = keys[row] & _MASK
            k1 = keys[row] >> _SHIFT
            month = np.uint64(months[row])
            for quad in range(LANES // 4):
                r0, r1, r2, r3 = philox4x32(np.uint64(quad0 + quad), month, np.uint64(0), np.uint64(0), k0, k1)
                out[block, row, 4 * quad] = np.float32(r0 >> eight) * scale
                out[block, row, 4 * quad + 1] = np.float32(r1 >> eight) * scale
                out[block, row, 4 * quad + 2] = np.float32(r2 >> eight) * scale
                out[block, row, 4 * quad + 3] = np.float32(r3 >> eight) * scale
