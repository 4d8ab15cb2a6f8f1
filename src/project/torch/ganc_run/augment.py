"""What becomes of an image before it is drawn, by the stages of a spec and its random numbers.

Where Pillow has no such stage, the sums are those of ganc, operation by operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .problem import Problem
from .randomness import Stream

Levels = np.ndarray[Any, np.dtype[np.float64]]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Stage = dict[str, Any]

#: Stages that move pixels: the n-th of them, from 0, draws counters 2 n and 2 n + 1.
MOVING = {"resize", "random_crop", "random_flip", "random_rotation"}


class Draws:
    """The random numbers for one image of a draw, which is drawn together with another, `lead`."""

    def __init__(self, seed: int, lead: str, key: str, place: str) -> None:
        self.seed = seed
        self.lead = lead
        self.key = key
        #: Epoch and place in it.
        self.place = place
        #: What moves pixels is the same for all partners.
        self.places = Stream(seed, f"augment/{lead}/{place}")

    def of(self, kind: str, shared: bool) -> Stream:
        """Of other stages: the n-th of a kind draws from counter 8 n on."""
        return Stream(self.seed, f"augment/{self.lead if shared else self.key}/{self.place}/{kind}")


def resized(image: Image.Image, height: int, width: int, nearest: bool = False) -> Image.Image:
    if image.size == (width, height):
        return image
    if not nearest:
        return image.resize((width, height), Image.Resampling.BICUBIC)
    rows = (2 * np.arange(height) + 1) * image.height // (2 * height)
    columns = (2 * np.arange(width) + 1) * image.width // (2 * width)
    return Image.fromarray(np.asarray(image)[rows[:, None], columns[None, :]])


def fixed(image: Image.Image, stages: Sequence[Stage]) -> Image.Image:
    """The image behind the first stages of a chain that draw nothing."""
    for stage in stages:
        if stage["kind"] != "resize":
            break
        image = _resize(image, stage, lambda counter: 0.0)
    return image


def augmented(image: Image.Image, stages: Sequence[Stage], draws: Draws) -> Image.Image:
    """The image behind all stages of a chain."""
    for s, stage in enumerate(stages):
        kind = stage["kind"]
        make = _STAGES.get(kind)
        if make is None:
            raise Problem(f"the stage {kind} is not known here: write the project anew")
        before = [other["kind"] for other in stages[:s]]
        if kind in MOVING:
            first = 2 * sum(other in MOVING for other in before)
            stream = draws.places
        else:
            first = 8 * before.count(kind)
            stream = draws.of(kind, kind != "color_jitter" or stage.get("shared", False))
        image = make(image, stage, _from(stream, first))
    return image


#: The number in [0, 1) at a counter of a stage.
Draw = Callable[[int], float]


def _from(stream: Stream, first: int) -> Draw:
    return lambda counter: stream(first + counter)


def _pick(draw: Draw, counter: int, n: int) -> int:
    return min(n - 1, int(draw(counter) * n))


def _resize(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    return resized(image, stage["height"], stage["width"], stage.get("nearest", False))


def _flip(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    return ImageOps.mirror(image) if draw(0) < 0.5 else image


def _crop(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    width, height = stage["width"], stage["height"]
    spare_rows, spare_columns = image.height - height, image.width - width
    if spare_rows < 0 or spare_columns < 0:
        raise Problem(
            f"{image.height} x {image.width} pixels are too few for a crop of {height} x {width}"
        )
    top = _pick(draw, 0, spare_rows + 1)
    left = _pick(draw, 1, spare_columns + 1)
    return image.crop((left, top, left + width, top + height))


def _sine_and_cosine(angle: float) -> tuple[float, float]:
    """Of at most half a turn, by their series: the same bits as in ganc."""
    square = angle * angle
    sine = cosine = 1.0
    for k in range(14, 0, -1):
        sine = 1 - (sine * square) / (2 * k * (2 * k + 1))
        cosine = 1 - (cosine * square) / ((2 * k - 1) * (2 * k))
    return angle * sine, cosine


def _mirrored(places: Places, n: int) -> Places:
    """The pixels that are mirrored to places beyond the border, which is not repeated."""
    if n == 1:
        return np.zeros_like(places)
    period = 2 * (n - 1)
    at = places % period
    return np.where(at < n, at, period - at)


def _rotate(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    degrees = stage["degrees"] * (2 * draw(0) - 1)
    s, c = _sine_and_cosine((degrees * math.pi) / 180)
    data = np.asarray(image).reshape(image.height, image.width, -1).astype(np.float64)
    height, width, _ = data.shape
    dx = (np.arange(width) + 0.5 - width / 2)[None, :]
    dy = (np.arange(height) + 0.5 - height / 2)[:, None]
    u = c * dx - s * dy + width / 2 - 0.5
    v = s * dx + c * dy + height / 2 - 0.5
    nearest = stage.get("nearest", False)
    left = np.floor(u + 0.5 if nearest else u).astype(np.int64)
    top = np.floor(v + 0.5 if nearest else v).astype(np.int64)

    def level(y: Places, x: Places) -> Levels:
        found: Levels = data[_mirrored(y, height), _mirrored(x, width)]
        if stage.get("fill", False):
            found[(x < 0) | (y < 0) | (x >= width) | (y >= height)] = 0
        return found

    fx = np.zeros_like(u)[:, :, None] if nearest else (u - left)[:, :, None]
    fy = np.zeros_like(v)[:, :, None] if nearest else (v - top)[:, :, None]
    above = level(top, left) * (1 - fx) + level(top, left + 1) * fx
    below = level(top + 1, left) * (1 - fx) + level(top + 1, left + 1) * fx
    return _image(above * (1 - fy) + below * fy)


def _image(levels: Levels) -> Image.Image:
    """Levels of [height, width, 1 or 3], rounded."""
    data: Pixels = np.floor(levels + 0.5).astype(np.uint8)
    return Image.fromarray(data[:, :, 0] if data.shape[2] == 1 else data)


def _cut_out(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    size = stage["size"]
    top = _pick(draw, 0, image.height) - size // 2
    left = _pick(draw, 1, image.width) - size // 2
    data = np.array(image)
    data[max(0, top) : max(0, top + size), max(0, left) : max(0, left + size)] = 128
    return Image.fromarray(data)


def _grey(levels: Levels) -> Levels:
    """[height, width, 1], as torchvision's `rgb_to_grayscale`."""
    if levels.shape[2] == 1:
        return levels
    r, g, b = (levels[:, :, c : c + 1] for c in range(3))
    grey: Levels = 0.2989 * r + 0.587 * g + 0.114 * b
    return grey


def _blended(levels: Levels, factor: float, other: Levels | float) -> Levels:
    return np.clip(factor * levels + (1 - factor) * other, 0, 255)


def _brightness(levels: Levels, factor: float) -> Levels:
    return _blended(levels, factor, 0.0)


def _contrast(levels: Levels, factor: float) -> Levels:
    # Of 256ths of a level: sums of whole numbers do not depend on their order.
    sums = float(np.floor(_grey(levels) * 256 + 0.5).sum())
    return _blended(levels, factor, sums / 256 / (levels.shape[0] * levels.shape[1]))


def _saturation(levels: Levels, factor: float) -> Levels:
    return _blended(levels, factor, _grey(levels)) if levels.shape[2] == 3 else levels


def _fraction(values: Levels) -> Levels:
    fraction: Levels = values - np.floor(values)
    return fraction


def _hue(levels: Levels, by: float) -> Levels:
    if levels.shape[2] != 3:
        return levels
    r, g, b = (levels[:, :, c] for c in range(3))
    most = levels.max(axis=2)
    span = most - levels.min(axis=2)
    saturation = np.where(span == 0, 0, span / np.where(span == 0, 1, most))
    divisor = np.where(span == 0, 1, span)
    rc, gc, bc = ((most - channel) / divisor for channel in (r, g, b))
    sixths = np.where(most == r, bc - gc, np.where(most == g, 2 + rc - bc, 4 + gc - rc))
    sixths = _fraction(_fraction(sixths / 6 + 1) + by) * 6
    sector = np.floor(sixths)
    f = sixths - sector
    p = np.clip(most * (1 - saturation), 0, 255)
    q = np.clip(most * (1 - saturation * f), 0, 255)
    t = np.clip(most * (1 - saturation * (1 - f)), 0, 255)
    cases = [
        (most, t, p),
        (q, most, p),
        (p, most, t),
        (p, q, most),
        (t, p, most),
        (most, p, q),
    ]
    which = sector.astype(np.int64) % 6
    channels = [np.choose(which, [case[c] for case in cases]) for c in range(3)]
    turned: Levels = np.stack(channels, axis=2)
    return turned


_CHANGES = (_brightness, _contrast, _saturation, _hue)


def _jitter(image: Image.Image, stage: Stage, draw: Draw) -> Image.Image:
    order = [0, 1, 2, 3]
    for i in (3, 2, 1):
        j = _pick(draw, 7 - i, i + 1)
        order[i], order[j] = order[j], order[i]
    levels = np.asarray(image).reshape(image.height, image.width, -1).astype(np.float64)
    for kind in order:
        most = stage[("brightness", "contrast", "saturation", "hue")[kind]]
        if most == 0:
            continue
        low, high = (-most, most) if kind == 3 else (max(0, 1 - most), 1 + most)
        levels = _CHANGES[kind](levels, low + (high - low) * draw(kind))
    return _image(levels)


_STAGES: dict[str, Callable[[Image.Image, Stage, Draw], Image.Image]] = {
    "resize": _resize,
    "random_crop": _crop,
    "random_flip": _flip,
    "random_rotation": _rotate,
    "color_jitter": _jitter,
    "cutout": _cut_out,
}
