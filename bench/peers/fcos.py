"""FCOS with ResNet-50, pyramid p3..p7 and 80 classes in PyTorch, one thread, random weights.

Usage: fcos.py HEIGHT WIDTH. Prints "ready", then answers each line "inference|training rows|last" with seconds of CPU
time. Written from the paper's description: BatchNorm in backbone and pyramid, GroupNorm in the head, focal, GIoU and
centre-ness losses, torch.optim.SGD.
"""
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.ops import batched_nms, sigmoid_focal_loss

CLASSES, CHANNELS, STRIDES, POSITIVES, CANDIDATES = 80, 256, (8, 16, 32, 64, 128), 50, 1000


def conv(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2)


def normed(inputs, outputs, size):
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, 1, size // 2, bias=False), nn.BatchNorm2d(outputs))


def tower():
    parts = [(conv(CHANNELS, CHANNELS, 3), nn.GroupNorm(32, CHANNELS), nn.ReLU(inplace=True)) for _ in range(4)]
    return nn.Sequential(*(layer for part in parts for layer in part))


class Fcos(nn.Module):
    def __init__(self):
        super().__init__()
        net = torchvision.models.resnet50()
        self.stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool, net.layer1)
        self.stages = nn.ModuleList([net.layer2, net.layer3, net.layer4])
        self.laterals = nn.ModuleList(normed(c, CHANNELS, 1) for c in (512, 1024, 2048))
        self.outputs = nn.ModuleList(normed(CHANNELS, CHANNELS, 3) for _ in range(3))
        self.p6, self.p7 = conv(CHANNELS, CHANNELS, 3, 2), conv(CHANNELS, CHANNELS, 3, 2)
        self.class_tower, self.box_tower = tower(), tower()
        self.logits, self.sides, self.quality = (conv(CHANNELS, n, 3) for n in (CLASSES, 4, 1))
        self.scales = nn.Parameter(torch.ones(len(STRIDES)))
        for part in (self.class_tower, self.box_tower, self.logits, self.sides, self.quality):
            for layer in part.modules():
                if isinstance(layer, nn.Conv2d):
                    nn.init.normal_(layer.weight, 0, 0.01)
                    nn.init.zeros_(layer.bias)
        nn.init.constant_(self.logits.bias, -4.595)

    def forward(self, images):
        x, maps = self.stem(images), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        levels, above = [], None
        for lateral, output, x in reversed(list(zip(self.laterals, self.outputs, maps))):
            above = lateral(x) if above is None else lateral(x) + F.interpolate(above, scale_factor=2)
            levels.insert(0, output(above))
        levels.append(self.p6(levels[-1]))
        levels.append(self.p7(F.relu(levels[-1])))
        predictions = []
        for level, scale in zip(levels, self.scales):
            classes, boxes = self.class_tower(level), self.box_tower(level)
            maps = self.logits(classes), F.relu(self.sides(boxes) * scale), self.quality(boxes)
            predictions.append([m.permute(0, 2, 3, 1).reshape(-1, m.shape[1]) for m in maps])
        return predictions


def area(sides):
    return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])


def loss(predictions):
    total = 0
    for logits, sides, quality in predictions:
        count = min(POSITIVES, len(logits))
        rows = torch.arange(count)
        target = torch.zeros_like(logits)
        target[rows, rows % CLASSES] = 1
        predicted, wanted, central = sides[rows], torch.rand(count, 4) + 1, torch.rand(count)
        shared, hull = area(torch.minimum(predicted, wanted)), area(torch.maximum(predicted, wanted))
        union = area(predicted) + area(wanted) - shared
        giou = (shared + 1) / (union + 1) - (hull - union) / hull
        total = (total + sigmoid_focal_loss(logits, target, reduction='sum') + ((1 - giou) * central).sum()
                 + F.binary_cross_entropy_with_logits(quality[rows, 0], central, reduction='sum'))
    return total / (POSITIVES * len(predictions))


def detect(predictions):
    boxes, scores, classes = [], [], []
    for (logits, sides, quality), stride in zip(predictions, STRIDES):
        probability = logits.sigmoid()
        rank = (probability * quality.sigmoid()).masked_fill(probability <= 0.05, -1).flatten()
        value, index = rank.topk(min(CANDIDATES, len(rank)))
        index, value = index[value >= 0], value[value >= 0]
        boxes.append(sides[torch.div(index, CLASSES, rounding_mode='floor')] * stride)
        scores.append(value.sqrt())
        classes.append(index % CLASSES)
    return batched_nms(torch.cat(boxes), torch.cat(scores), torch.cat(classes), 0.6)[:100]


class Subject:
    def __init__(self, pixels, layout):
        self.pixels, self.layout = pixels, layout
        self.net = Fcos().to(memory_format=layout)
        self.optimizer = torch.optim.SGD(self.net.parameters(), 1e-8, momentum=0.9, weight_decay=1e-4)

    def batch(self):
        images = self.pixels.float().sub(120).div(58).unsqueeze(0)
        height, width = (-n % 32 for n in images.shape[2:])
        return F.pad(images, (0, width, 0, height)).contiguous(memory_format=self.layout)

    def inference(self):
        with torch.no_grad():
            self.net.eval()
            detect(self.net(self.batch()))

    def training(self):
        self.net.train()
        loss(self.net(self.batch())).backward()
        self.optimizer.step()
        self.optimizer.zero_grad()


def main(height, width):
    torch.set_num_threads(1)
    pixels = torch.randint(0, 256, (3, height, width), dtype=torch.uint8)
    subjects = {'rows': Subject(pixels, torch.contiguous_format), 'last': Subject(pixels, torch.channels_last)}
    print('ready', flush=True)
    for line in sys.stdin:
        work, layout = line.split()
        start = time.process_time()
        getattr(subjects[layout], work)()
        print(time.process_time() - start, flush=True)


main(*map(int, sys.argv[1:3]))
