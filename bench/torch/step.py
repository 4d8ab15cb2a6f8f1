"""A PyTorch side of bench/step.ts, in a separate process.

Requests and replies are lines of JSON on standard input and output. The first request sets it up:

    {"kind": "start", "compiled", "threads", "rate", "sizes", "parameters", "weights": <safetensors, param/<name>>}

For the code that ganc writes, the first request has these too, and `sizes` is not read:

    {"written": {"module", "library", "form", "bf16"}}

Each further one makes a step. It times everything except reading the images:

    {"kind": "step", "images": <safetensors, X and Y>, "places"}
"""

from __future__ import annotations

import json
import logging
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file

from canonical import images_to_torch, load_weights
from cyclegan import CycleGan, Sizes

if TYPE_CHECKING:
    from written import Written


def peak_bytes() -> int:
    """Returns the peak of resident memory.

    Linux reports it exactly; getrusage also counts what the parent held when it started this
    process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def written(request: dict) -> Written:
    about = request["written"]
    # The library that the engine has.
    sys.path.insert(0, about["library"])
    from written import Written

    weights = {name: tensor.numpy() for name, tensor in load_file(request["weights"]).items()}
    return Written(about, weights, rate=request["rate"], compiled=request["compiled"])


def start(request: dict) -> CycleGan | Written:
    if request["compiled"] and not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        raise RuntimeError("torch.compile needs a C++ compiler, and there is none (Debian: apt-get install g++)")
    # It would report that there is no Triton, which only GPUs need.
    logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)
    torch.set_num_threads(request["threads"])
    if "written" in request:
        return written(request)
    sizes = request["sizes"]
    gan = CycleGan(
        Sizes(sizes["size"], sizes["ngf"], sizes["ndf"], sizes["blocks"], sizes["lambda"]),
        rate=request["rate"],
        compiled=request["compiled"],
    )
    load_weights(gan.nets, request["parameters"], load_file(request["weights"]))
    return gan


def step(gan: CycleGan | Written, request: dict) -> dict:
    images = load_file(request["images"])
    x, y = (images_to_torch(images[domain]) for domain in ("X", "Y"))
    begin = time.perf_counter()
    losses = gan.step(x, y, request["places"])
    milliseconds = (time.perf_counter() - begin) * 1e3
    return {"kind": "stepped", "milliseconds": milliseconds, "losses": losses, "peak": peak_bytes()}


def main() -> None:
    gan = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["kind"] == "start":
                gan = start(request)
                reply = {"kind": "ready", "engine": f"PyTorch {torch.__version__.split('+')[0]}"}
            else:
                reply = step(gan, request)
        except Exception as error:
            reply = {"kind": "failed", "reason": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
