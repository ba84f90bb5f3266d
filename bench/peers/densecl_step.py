"""One DenseCL training step (ResNet-50, queues of 65536, 128 channels) in PyTorch, one thread, seconds of CPU time.

Usage: densecl_step.py BATCH SIZE ROUNDS. Prints a JSON object: form -> median seconds. The step is the published one,
with all logits in memory, torch.optim.SGD, and the key encoder averaged tensor by tensor.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

TEMPERATURE, MOMENTUM, LENGTH, CHANNELS = 0.2, 0.999, 65536, 128


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        net = torchvision.models.resnet50()
        self.backbone = nn.Sequential(*list(net.children())[:-2])
        self.mlp = nn.Sequential(nn.Linear(2048, 2048), nn.ReLU(inplace=True), nn.Linear(2048, CHANNELS))
        self.mlp2 = nn.Sequential(nn.Conv2d(2048, 2048, 1), nn.ReLU(inplace=True), nn.Conv2d(2048, CHANNELS, 1))

    def forward(self, images):
        features = self.backbone(images)
        single = self.mlp(features.mean((2, 3)))
        grid = self.mlp2(features).flatten(2)
        vectors = (single, grid, grid.mean(2), features.flatten(2))
        return [F.normalize(v.float(), dim=1) for v in vectors]


def loss(rows, positives, queue):
    logits = torch.cat([positives.unsqueeze(1), rows @ queue.clone().detach()], 1) / TEMPERATURE
    return F.cross_entropy(logits, torch.zeros(len(rows), dtype=torch.long))


class Training:
    def __init__(self, images, last, short):
        layout = torch.channels_last if last else torch.contiguous_format
        self.views = [images[:, v].contiguous(memory_format=layout) for v in (0, 1)]
        self.short = short
        self.query, self.key = (Encoder().to(memory_format=layout) for _ in range(2))
        self.key.load_state_dict(self.query.state_dict())
        self.queues = [F.normalize(torch.randn(CHANNELS, LENGTH), dim=0) for _ in range(2)]
        self.pointer = 0
        self.optimizer = torch.optim.SGD(self.query.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)

    def step(self):
        with torch.autocast('cpu', torch.bfloat16, enabled=self.short):
            q, grid, _, features = self.query(self.views[0])
            with torch.no_grad():
                for k, p in zip(self.key.parameters(), self.query.parameters()):
                    k.data = k.data * MOMENTUM + p.data * (1 - MOMENTUM)
                k, key_grid, pooled, key_features = self.key(self.views[1])
        with torch.no_grad():
            match = torch.bmm(features.transpose(1, 2), key_features).argmax(2)
        matched = key_grid.gather(2, match.unsqueeze(1).expand_as(grid))
        rows = grid.transpose(1, 2).reshape(-1, CHANNELS)
        total = (0.5 * loss(q, (q * k).sum(1), self.queues[0])
                 + 0.5 * loss(rows, (grid * matched).sum(1).flatten(), self.queues[1]))
        for queue, keys in zip(self.queues, (k, pooled)):
            queue[:, self.pointer:self.pointer + len(keys)] = keys.t()
        self.pointer = (self.pointer + len(k)) % LENGTH
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()


def main(batch, size, rounds):
    torch.set_num_threads(1)
    images = torch.randn(batch, 2, 3, size, size)
    seconds = {}
    for name, last, short in (('float32_rows', False, False), ('float32_last', True, False),
                              ('bfloat16_last', True, True)):
        training = Training(images, last, short)
        training.step()
        times = []
        for _ in range(rounds):
            start = time.process_time()
            training.step()
            times.append(time.process_time() - start)
        seconds[name] = sorted(times)[len(times) // 2]
    print(json.dumps(seconds))


main(*map(int, sys.argv[1:4]))
