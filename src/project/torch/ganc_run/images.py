"""Images between files and tensors, as ganc reads them: sRGB, on white, turned upright."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .problem import Problem

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Array = np.ndarray[Any, np.dtype[np.float32]]

#: Endings of names of image files.
ENDINGS = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".avif"}


def read(path: Path) -> Image.Image:
    """An image of 8 bits a sample, grey or in colour."""
    try:
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened) or opened
            has_alpha = upright.has_transparency_data
            if has_alpha:
                upright = upright.convert("RGBA")
                white = Image.new("RGBA", upright.size, "white")
                return Image.alpha_composite(white, upright).convert("RGB")
            return upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Problem(f"{path} cannot be read as an image: {error}") from error


def in_domain(image: Image.Image, domain: dict[str, Any]) -> Pixels:
    """[height, width, channels] of a domain, whose size the image must have."""
    height, width, channels = domain["shape"]
    if (image.height, image.width) != (height, width):
        raise Problem(
            f"it has {image.height} x {image.width} pixels where domain {domain['name']} has "
            f"{height} x {width}"
        )
    return pixels(image, channels)


def pixels(image: Image.Image, channels: int) -> Pixels:
    """[height, width, channels] of 1 or 3 channels."""
    mode = {1: "L", 3: "RGB"}.get(channels)
    if mode is None:
        raise Problem(f"images have 1 or 3 channels here, and {channels} are needed")
    data: Pixels = np.asarray(image if image.mode == mode else image.convert(mode), dtype=np.uint8)
    return data.reshape(image.height, image.width, channels)


def to_array(images: Sequence[Pixels], low: float, high: float) -> Array:
    """[n, height, width, channels]: 0 becomes `low`, 255 `high`."""
    levels = (low + ((high - low) * np.arange(256, dtype=np.float64)) / 255).astype(np.float32)
    array: Array = levels[np.stack(images)]
    return array


def from_array(array: Array, low: float, high: float) -> Image.Image:
    """An image of [height, width, channels]; values outside the range are clamped."""
    scaled = np.nan_to_num((array.astype(np.float64) - low) * (255 / (high - low)), nan=0.0)
    data = np.clip(np.floor(scaled + 0.5), 0, 255).astype(np.uint8)
    return Image.fromarray(data[:, :, 0] if data.shape[2] < 3 else data[:, :, :3])
