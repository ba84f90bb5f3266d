"""Converts an extracted backbone to detectron2's names, as a Python user would."""
import pickle
import re
import sys

import torch

state = torch.load(sys.argv[1], map_location="cpu")["state_dict"]
model = {}
for name, tensor in state.items():
    renamed = name if name.startswith("layer") else "stem." + name
    renamed = re.sub(r"layer(\d)", lambda m: "res" + str(int(m.group(1)) + 1), renamed)
    renamed = re.sub(r"bn(\d)", r"conv\1.norm", renamed)
    renamed = renamed.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm")
    model[renamed] = tensor.numpy()
with open(sys.argv[2], "wb") as file:
    pickle.dump({"model": model, "__author__": "bench", "matching_heuristics": True}, file)
