"""The images of each domain: where they lie, and in which order."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from .images import ENDINGS, read
from .problem import Problem

LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir"}


#: Which of several parts of each picture is meant, from the left, and how many there are.
Part = tuple[int, int]


def placed(place: str) -> tuple[Path, Part | None]:
    """`train:left`, `train:right` or `train:2of3`: a folder, and the part of its pictures."""
    found = re.fullmatch(r"(.+):(left|right|(\d+)of(\d+))", place, re.DOTALL)
    if found is None:
        return Path(place), None
    path, word, at, of = found.groups()
    part = (int(at), int(of)) if at else (1 if word == "left" else 2, 2)
    return (Path(path), part) if 1 <= part[0] <= part[1] <= 16 else (Path(place), None)


def part_name(part: Part) -> str:
    at, of = part
    return ("left", "right")[at - 1] if of == 2 else f"{at}of{of}"


def cut(image: Image.Image, part: Part | None, path: Path) -> Image.Image:
    if part is None:
        return image
    at, of = part
    if image.width % of != 0:
        raise Problem(
            f"{path}: it is {image.width} pixels wide, which {of} pictures side by side cannot be"
        )
    width = image.width // of
    return image.crop(((at - 1) * width, 0, at * width, image.height))


@dataclass
class Source:
    """The images of a domain, in the order in which their numbers count."""

    path: Path
    #: Names below the path, with forward slashes.
    ids: list[str]
    #: The class of each image, from 0, where images are filed by class.
    labels: list[int] = field(default_factory=list)
    #: Names of the classes in order.
    classes: list[str] = field(default_factory=list)
    #: Which part of each picture is the image.
    part: Part | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def file(self, i: int) -> Path:
        return self.path / self.ids[i]

    def load(self, i: int) -> Image.Image:
        return cut(read(self.file(i)), self.part, self.file(i))

    @property
    def inventory(self) -> list[str]:
        """`name bytes` of each file, by which ganc knows a data set."""
        part = "" if self.part is None else f" {part_name(self.part)}"
        return [f"{name} {self.file(i).stat().st_size}{part}" for i, name in enumerate(self.ids)]


def _chunks(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts as people count: 2 before 10."""
    return [
        (0, int(chunk), "") if chunk.isdigit() else (1, 0, chunk)
        for chunk in re.findall(r"[0-9]+|[^0-9]+", name)
    ]


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _entries(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError as error:
        reason = "there is no such folder" if isinstance(error, FileNotFoundError) else error
        raise Problem(f"{folder}: {reason}") from error
    return [name for name in names if name[0] != "." and name.lower() not in LITTER]


def _below(root: Path, folder: str, above: tuple[Path, ...]) -> Iterator[str]:
    path = root / folder if folder else root
    real = path.resolve()
    if real in above:
        return
    for name in _entries(path):
        at = f"{folder}/{name}" if folder else name
        if (root / at).is_dir():
            yield from _below(root, at, (*above, real))
        elif Path(name).suffix.lower() in ENDINGS and (root / at).is_file():
            yield at


def images_below(path: Path) -> list[str]:
    """All image files in a folder and those in it, sorted by name."""
    return sorted(_below(path, "", ()), key=_code_units)


def _without_images(path: Path) -> Problem:
    return Problem(f"{path}: it holds no image. Put images into this folder: PNG, JPEG or WebP.")


def open_source(place: str, classes: int | None, known: Sequence[str] | None = None) -> Source:
    """The images of a folder, filed by so many classes or by none; of `train:left`, their parts.

    `known` are the names of the images that a run began with, which are used in its order.
    """
    path, part = placed(place)
    if classes is None:
        ids = list(known) if known is not None else images_below(path)
        if not ids:
            raise _without_images(path)
        return Source(path, ids, part=part)
    folders = sorted((n for n in _entries(path) if (path / n).is_dir()), key=_chunks)
    if len(folders) != classes:
        raise Problem(
            f"{path}: it has {len(folders)} sub-folders, but the spec's labels are of {classes} "
            "classes. Put the images of each class into a sub-folder of its own."
        )
    filed = [f"{name}/{image}" for name in folders for image in images_below(path / name)]
    ids = list(known) if known is not None else filed
    if not ids:
        raise _without_images(path)
    labels = [folders.index(name.split("/", 1)[0]) for name in ids]
    return Source(path, ids, labels, folders, part)


def _aligned(root: Path, domains: Sequence[str], first: str) -> dict[str, str]:
    """The halves of pictures that hold A on the left and B on the right; `first` is A or B."""
    if len(domains) != 2:
        raise Problem(
            f"{root}: its pictures hold two images side by side, and the spec draws images of "
            f"{', '.join(domains)}."
        )
    path = root / "train" if (root / "train").is_dir() else root
    sides = ["left", "right"] if first == "A" else ["right", "left"]
    return {name: f"{path}:{side}" for name, side in zip(domains, sides, strict=True)}


def find(data: str | Mapping[str, str], domains: Sequence[str]) -> dict[str, str]:
    """The place of each domain: in one folder as `trainX`, `trainA` or `X`, or as it is named.

    `folder:AtoB` is a folder of pictures that hold A and B side by side.
    """
    if not isinstance(data, str):
        missing = [name for name in domains if name not in data]
        extra = [name for name in data if name not in domains]
        if missing or extra:
            what = (
                f"no folder is named for domain {', '.join(missing)}"
                if missing
                else f"the spec has no domain {', '.join(extra)}"
            )
            raise Problem(f"--data: {what}. Name one folder for each of {', '.join(domains)}.")
        return {name: data[name] for name in domains}
    both = re.fullmatch(r"(.+):(AtoB|BtoA)", data, re.DOTALL)
    root = Path(data if both is None else both[1])
    _entries(root)
    if both is not None:
        return _aligned(root, domains, both[2][0])
    found: dict[str, str] = {}
    for i, name in enumerate(domains):
        wanted = [f"train{name}", f"train{chr(ord('A') + i)}", name]
        path = next((root / one for one in wanted if (root / one).is_dir()), None)
        if path is None:
            raise Problem(
                f"{root}: it has no folder for domain {name}: looked for {', '.join(wanted)}. "
                f"Name a folder for each domain: --data {name}=FOLDER"
            )
        found[name] = str(path)
    return found


def hash_of(sources: Mapping[str, Source], js: Any) -> str:
    """What identifies the images in a run's manifest; `js` writes JSON as JavaScript does."""
    digest = hashlib.sha256()
    for domain, source in sources.items():
        digest.update(js([0, domain, source.inventory]).encode())
    return digest.hexdigest()


def stem_of(name: str) -> str:
    """What partners have in common: the name up to its last dot."""
    return unicodedata.normalize("NFC", re.sub(r"\.[^./]*$", "", name))


def pairs_of(sources: Sequence[Source], few: bool = False) -> list[tuple[int, ...]]:
    """The images of one name in all sources, in the order of the first; of one source, each.

    `few`: images without partners are left out.
    """
    if len(sources) == 1:
        return [(i,) for i in range(len(sources[0]))]
    places: list[dict[str, int]] = []
    for source in sources:
        place: dict[str, int] = {}
        for i, name in enumerate(source.ids):
            if place.setdefault(stem_of(name), i) != i:
                raise Problem(
                    f"{source.path}: partners are matched by name, and {name} occurs twice."
                )
        places.append(place)
    first, *others = places
    for source, place in zip(sources, places, strict=True):
        lacking = [stem for other in places for stem in other if stem not in place]
        if lacking and not few:
            raise Problem(
                f"{source.path}: it has no partner of the name {lacking[0]}, which another folder "
                "has. Give each image one partner of the same name in each folder."
            )
    pairs = [
        (i, *(other[stem] for other in others))
        for stem, i in first.items()
        if all(stem in other for other in others)
    ]
    if not pairs:
        raise Problem(f"{sources[0].path}: none of the images has a partner of the same name.")
    return pairs
