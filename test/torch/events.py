"""Reads the events in a folder as TensorBoard does, and prints scalars and images by tag as JSON."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

everything = {"scalars": 0, "images": 0}
events = EventAccumulator(sys.argv[1], size_guidance=everything)
events.Reload()
tags = events.Tags()
scalars = {
    tag: [[event.wall_time, event.step, event.value] for event in events.Scalars(tag)]
    for tag in tags["scalars"]
}
images = {
    tag: [
        [event.step, event.width, event.height, event.encoded_image_string[:4].hex()]
        for event in events.Images(tag)
    ]
    for tag in tags["images"]
}
print(json.dumps({"scalars": scalars, "images": images}))
