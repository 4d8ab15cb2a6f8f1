"""Checks ONNX models by the standard's own checker, types and shapes of every value included.

Arguments are paths of models. Writes for each, as JSON in that order: its metadata, the names of its outputs, and the
complaint of the checker, null where it has none.
"""

import json
import sys

import onnx


def checked(path: str) -> dict:
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        complaint = None
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        complaint = str(error)
    return {
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "outputs": [output.name for output in model.graph.output],
        "complaint": complaint,
    }


json.dump([checked(path) for path in sys.argv[1:]], sys.stdout)
