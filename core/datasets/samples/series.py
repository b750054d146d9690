"""A drawn machine: what six sensors of a pump say, once a minute for two weeks, with faults in the second one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.samples.tables import Rows

DAY, DAYS = 1_440, 14  # minutes, days
FAULTS = ("spikes", "level", "drift", "stuck", "rhythm", "coupling")
EACH = 2  # faults of a kind
SHORTEST, LONGEST = 30, 150  # minutes of a fault
NAMES = ("power_kW", "flow_l_s", "pressure_bar", "bearing_C", "room_C", "vibration_mm_s")
NOISE = (0.03, 0.04, 0.02, 0.03, 0.06, 0.08)  # of each channel's own spread, before it has units
UNITS = ((42.0, 9.0), (118.0, 21.0), (6.2, 0.7), (61.0, 6.5), (21.0, 2.4), (2.4, 0.9))  # middle and spread of each
DIGITS = (2, 1, 3, 2, 2, 3)
Readings = NDArray[np.float64]  # (minutes, 6)


def sensors() -> Rows:
    """Time, six readings, and what is wrong: *none*, or the kind of fault."""
    readings, faults = with_faults(np.random.default_rng(7), EACH, (SHORTEST, LONGEST), 60)
    said = np.full(len(readings), "none", object)
    for fault in faults:
        said[fault.first : fault.stop] = fault.kind
    middle, spread = np.asarray(UNITS).T
    shown = middle + spread * readings
    first = datetime.datetime(2026, 3, 2, 0, 0)
    cells = [
        [
            (first + datetime.timedelta(minutes=minute)).isoformat(sep=" "),
            *(f"{value:.{digits}f}" for value, digits in zip(shown[minute], DIGITS, strict=True)),
            said[minute],
        ]
        for minute in range(len(readings))
    ]
    return ["time", *NAMES, "fault"], cells


@dataclass(frozen=True)
class Fault:
    """What is wrong, from its first minute to the one behind its last."""

    kind: str
    first: int
    stop: int


def with_faults(
    rng: np.random.Generator, each: int, lengths: tuple[int, int], apart: int
) -> tuple[Readings, list[Fault]]:
    """Two weeks of a pump; in the second so many faults of each kind, of some minutes (least, most), apart from another."""
    minutes = DAY * DAYS
    readings, other = machine(rng, minutes), machine(rng, minutes)
    kinds = rng.permutation(np.repeat(np.arange(len(FAULTS)), each))
    slot = minutes // 2 // len(kinds)
    faults = []
    for i, kind in enumerate(kinds):
        length = int(rng.integers(lengths[0], lengths[1] + 1))
        first = minutes // 2 + i * slot + int(rng.integers(apart, slot - length - apart))
        fault = Fault(FAULTS[kind], first, first + length)
        spoil(rng, readings, other, fault.kind, int(rng.integers(len(NAMES))), slice(fault.first, fault.stop))
        faults.append(fault)
    return readings, faults


def machine(rng: np.random.Generator, minutes: int) -> Readings:
    """A healthy pump, (minutes, 6), each channel around 0 with a spread of about 1."""
    clock = np.arange(minutes)
    warmth = rng.normal(1.0, 0.15, minutes // DAY + 2)
    room = np.interp(clock / DAY, np.arange(len(warmth)), warmth) * np.sin(2 * np.pi * clock / DAY - 2.0)
    demand = np.repeat(rng.choice([-1.0, 0.0, 1.0], minutes // 90 + 1), 90)[:minutes]  # switched every hour and a half
    load = _lagged(demand, 4.0) + 0.3 * np.sin(4 * np.pi * clock / DAY) + 0.5 * _lagged(rng.normal(size=minutes), 15.0)
    turns = np.cumsum(2 * np.pi / (16 - 4 * np.tanh(load)))  # vibration quickens with load
    channels = np.stack(
        [
            load,
            np.tanh(0.9 * load) * (1 - 0.1 * room),
            _lagged(0.6 * load + 0.4 * load**2, 6.0),
            _lagged(load, 45.0) + 0.5 * room,
            room + _lagged(rng.normal(size=minutes), 60.0),
            (1.2 + 0.5 * np.tanh(load)) * np.sin(turns),
        ],
        axis=1,
    )
    return channels + np.asarray(NOISE) * rng.normal(size=channels.shape)


def spoil(rng: np.random.Generator, readings: Readings, other: Readings, kind: str, channel: int, where: slice) -> None:
    """Put one fault into some minutes of one channel, in place. other: another pump of the same make."""
    part = readings[where, channel]
    length, sign = len(part), rng.choice([-1.0, 1.0])
    if kind == "spikes":
        hit = rng.random(length) < 0.1
        hit[rng.integers(length, size=3)] = True
        part = part + hit * rng.choice([-1.0, 1.0], length) * rng.uniform(0.6, 1.0, length)
    elif kind == "level":
        part = part + sign * rng.uniform(0.4, 0.7)
    elif kind == "drift":
        part = part + sign * rng.uniform(0.6, 1.0) * np.linspace(0, 1, length)
    elif kind == "stuck":
        part = np.full(length, part[0])
    elif kind == "rhythm":
        part = part + rng.uniform(0.3, 0.5) * np.sin(2 * np.pi * np.arange(length) / rng.uniform(4, 9))
    else:  # the channel goes on, well behaved, but no longer with the others
        part = other[where, channel]
    readings[where, channel] = part


def _lagged(values: NDArray[np.float64], minutes: float) -> NDArray[np.float64]:
    """What follows the values with a delay of the first order."""
    from scipy.signal import lfilter

    keep = np.exp(-1 / minutes)
    return np.asarray(lfilter([1 - keep], [1, -keep], values, zi=[keep * values[0]])[0])
