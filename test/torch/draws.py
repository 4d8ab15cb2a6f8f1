"""Writes what a project for PyTorch draws: the first weights, and the batches of two epochs.

    python draws.py PROJECT DATA SEED OUT
"""

import json
import sys
from pathlib import Path

import numpy as np

project, data, seed, out = sys.argv[1:]
sys.path.insert(0, project)

from ganc_run import folders  # noqa: E402
from ganc_run.feed import Feed  # noqa: E402
from ganc_run.training import facts_of, first_state  # noqa: E402

facts = facts_of()
drawn = [
    domain["name"]
    for domain in facts["data"]["domains"]
    if domain["kind"] == "image"
    and any(draw["domain"] == domain["name"] for draw in facts["data"]["draws"])
]
sources = {
    name: folders.open_source(path, facts["data"]["classes"].get(name))
    for name, path in (folders.find(data, drawn) if drawn else {}).items()
}
feed = Feed(facts["data"], sources, int(seed))
arrays = {f"first/{name}": array for name, array in first_state(facts, int(seed)).items()}
for epoch in range(2):
    for step, draws in zip(range(6), feed.epoch(epoch, 0), strict=False):
        for k, draw in enumerate(draws):
            for key, array in draw.items():
                arrays[f"{epoch}/{step}/{k}/{key}"] = array
listed = [[name, list(array.shape)] for name, array in arrays.items()]
Path(out).write_bytes(
    json.dumps(listed).encode()
    + b"\n"
    + b"".join(np.asarray(array, dtype="<f4", order="C").tobytes() for array in arrays.values())
)
