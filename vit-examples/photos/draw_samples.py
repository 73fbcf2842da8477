#!/usr/bin/env python3
"""Draws the small pictures in drawn/, on which the feature extraction example searches for neighbours (Pillow).

    python draw_samples.py

Four scenes of each of five kinds, 160x120 pixels, JPEG; the cats are parts of chelsea.png. All of them are CC0, as that
photo. The numbers that vary come from a fixed seed, so that the pictures come out the same each time.
"""

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, SCALE = 160, 120, 4


class Scene:
    """A picture drawn four times as large, in units of its final pixels."""

    def __init__(self, top, bottom):
        self.image = Image.linear_gradient("L").resize((WIDTH * SCALE, HEIGHT * SCALE))
        self.image = ImageOps.colorize(self.image, top, bottom)
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points, fill):
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def box(self, left, top, right, bottom, fill, radius=0):
        self.draw.rounded_rectangle([v * SCALE for v in (left, top, right, bottom)], radius * SCALE, fill=fill)

    def oval(self, x, y, rx, ry, fill):
        self.draw.ellipse([v * SCALE for v in (x - rx, y - ry, x + rx, y + ry)], fill=fill)

    def line(self, points, fill, width):
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=int(width * SCALE), joint="curve")

    def cloud(self, x, y, size, fill="#f4f7fb"):
        for dx, dy, r in ((-1.2, 0.1, 0.6), (-0.4, -0.3, 0.8), (0.5, -0.1, 0.7), (1.2, 0.2, 0.5)):
            self.oval(x + dx * size, y + dy * size, r * size * 1.2, r * size * 0.7, fill)

    def turned(self, degrees, draw):
        """Draws onto a sheet of glass and turns that."""
        glass = Image.new("RGBA", self.image.size)
        below, self.draw = self.draw, ImageDraw.Draw(glass)
        draw()
        self.draw = below
        glass = glass.rotate(degrees, Image.Resampling.BICUBIC)
        self.image.paste(glass, mask=glass)

    def finish(self, mirror):
        image = self.image.filter(ImageFilter.GaussianBlur(SCALE / 2)).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        return ImageOps.mirror(image) if mirror else image


def ship(vary, sky, sea, hull, sails):
    scene = Scene(*sky)
    horizon = vary.uniform(66, 78)
    scene.box(0, horizon, WIDTH, HEIGHT, sea)
    for _ in range(14):
        x, y = vary.uniform(0, WIDTH), vary.uniform(horizon + 6, HEIGHT)
        scene.line([(x, y), (x + vary.uniform(8, 22), y)], "#dbe9f2", 0.8)
    x, y, w = vary.uniform(62, 96), horizon + vary.uniform(4, 12), vary.uniform(42, 56)
    if sails:
        scene.line([(x, y - 2), (x, y - 56)], "#4a3728", 2)
        scene.polygon([(x + 2, y - 54), (x + 2, y - 8), (x + w * 0.6, y - 8)], "#fbfaf5")
        scene.polygon([(x - 3, y - 46), (x - 3, y - 8), (x - w * 0.5, y - 8)], "#e9e4d8")
    else:
        scene.box(x - w * 0.5, y - 20, x + w * 0.4, y - 6, "#f5f5f2")
        scene.box(x - w * 0.3, y - 32, x + w * 0.15, y - 19, "#e8e8e6")
        scene.box(x - w * 0.15, y - 46, x + w * 0.02, y - 31, "#c0392b")
        for i in range(5):
            scene.box(x - w * 0.44 + i * w * 0.16, y - 16, x - w * 0.36 + i * w * 0.16, y - 11, "#54708a")
    scene.polygon([(x - w, y - 8), (x + w, y - 8), (x + w * 0.75, y + 8), (x - w * 0.8, y + 8)], hull)
    return scene.finish(vary.random() < 0.5)


def airplane(vary, sky, body, turn):
    scene = Scene(*sky)
    for _ in range(3):
        scene.cloud(vary.uniform(10, 150), vary.uniform(80, 112), vary.uniform(8, 15))
    x, y = 80, vary.uniform(52, 64)

    def draw():
        scene.polygon([(x - 10, y + 2), (x + 16, y + 2), (x - 22, y + 34), (x - 32, y + 34)], "#9aa5b1")
        scene.polygon([(x - 6, y - 4), (x + 14, y - 4), (x - 10, y - 24), (x - 18, y - 24)], "#7f8c99")
        scene.box(x - 52, y - 8, x + 50, y + 8, body, 8)
        scene.polygon([(x - 52, y), (x - 40, y - 6), (x - 52, y - 28), (x - 62, y - 28)], "#2b5f9e")
        scene.polygon([(x - 48, y + 1), (x - 36, y + 1), (x - 52, y + 12), (x - 60, y + 12)], "#9aa5b1")
        scene.oval(x + 42, y - 3, 5, 3, "#33475b")
        for i in range(10):
            scene.oval(x - 32 + i * 7, y - 3, 1.6, 1.6, "#33475b")

    scene.turned(turn, draw)
    return scene.finish(vary.random() < 0.5)


def car(vary, paint, street, backdrop):
    scene = Scene(*backdrop)
    ground = vary.uniform(82, 90)
    for i in range(6):
        h = vary.uniform(16, 48)
        scene.box(i * 28 - 4, ground - 8 - h, i * 28 + 20, ground, vary.choice(["#a39a92", "#b7aea4", "#8f8a88"]))
    scene.box(0, ground - 4, WIDTH, HEIGHT, street)
    for i in range(5):
        scene.box(i * 40 - 6, ground + 22, i * 40 + 14, ground + 24, "#e8e2c8")
    x, y = vary.uniform(72, 88), ground + 8
    scene.polygon([(x - 30, y - 22), (x - 18, y - 40), (x + 16, y - 40), (x + 32, y - 22)], paint)
    scene.polygon([(x - 24, y - 23), (x - 15, y - 36), (x - 2, y - 36), (x - 2, y - 23)], "#cfe3ee")
    scene.polygon([(x + 2, y - 23), (x + 2, y - 36), (x + 14, y - 36), (x + 25, y - 23)], "#cfe3ee")
    scene.box(x - 50, y - 24, x + 52, y - 4, paint, 7)
    scene.oval(x + 48, y - 15, 4, 4, "#fff3b0")
    scene.box(x - 50, y - 18, x - 46, y - 12, "#e74c3c")
    for wheel in (x - 28, x + 30):
        scene.oval(wheel, y - 3, 12, 12, "#22262b")
        scene.oval(wheel, y - 3, 6, 6, "#c5cad0")
    return scene.finish(vary.random() < 0.5)


def frog(vary, skin, belly, leaf):
    scene = Scene(*leaf)
    for _ in range(10):
        x, y = vary.uniform(0, WIDTH), vary.uniform(0, HEIGHT)
        scene.oval(x, y, vary.uniform(10, 26), vary.uniform(4, 9), vary.choice(["#4f7a35", "#5f8c3f", "#3f6a2d"]))
    x, y = vary.uniform(72, 88), vary.uniform(64, 72)
    scene.oval(x - 34, y + 24, 20, 12, skin)
    scene.oval(x + 34, y + 24, 20, 12, skin)
    scene.oval(x, y + 10, 36, 30, skin)
    scene.oval(x, y + 20, 24, 18, belly)
    scene.oval(x, y - 14, 32, 22, skin)
    for side in (-1, 1):
        scene.oval(x + side * 19, y - 31, 11, 11, skin)
        scene.oval(x + side * 19, y - 32, 7, 7, "#f2d64b")
        scene.oval(x + side * 19, y - 32, 3, 5, "#1d1d1b")
    scene.line([(x - 18, y - 6), (x - 8, y - 2), (x + 8, y - 2), (x + 18, y - 6)], "#2f3b1e", 1.5)
    return scene.finish(vary.random() < 0.5)


def cat(photo, left, top, width, mirror, colour):
    part = photo.crop((left, top, left + width, top + width * HEIGHT // WIDTH))
    part = ImageEnhance.Color(part.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)).enhance(colour)
    return ImageOps.mirror(part) if mirror else part


def main():
    vary = random.Random(8)
    noon, evening, haze = ("#6fa8d6", "#dcebf5"), ("#5b6ea8", "#f2b48a"), ("#a9bccb", "#e6ebee")
    photo = Image.open(HERE / "chelsea.png").convert("RGB")
    pictures = {
        "ship": [
            ship(vary, noon, "#2f6c94", "#7a4a2b", True),
            ship(vary, haze, "#4c7f96", "#8c3b30", False),
            ship(vary, evening, "#3b5578", "#5b3a2a", True),
            ship(vary, noon, "#2a7f9e", "#26384d", False),
        ],
        "airplane": [
            airplane(vary, noon, "#f4f6f8", 0),
            airplane(vary, ("#3f7fc1", "#a9cdea"), "#e9edf1", 12),
            airplane(vary, haze, "#dfe5ea", -8),
            airplane(vary, ("#7fb0dc", "#f3e3cf"), "#fafafa", 20),
        ],
        "car": [
            car(vary, "#c0392b", "#5b5f66", ("#cfd8df", "#e8e8e4")),
            car(vary, "#2e6da4", "#6a6d72", ("#b9cbd8", "#e4e0d6")),
            car(vary, "#d4a017", "#55585e", ("#d8dfe4", "#efece4")),
            car(vary, "#3b3f46", "#74777c", ("#c3ccd2", "#dcd8cf")),
        ],
        "frog": [
            frog(vary, "#7fae3c", "#d9e2a4", ("#2f5a26", "#6b9246")),
            frog(vary, "#5f9a47", "#cfd9a0", ("#3a4f22", "#7a8f45")),
            frog(vary, "#98b545", "#e6e8b9", ("#264d2c", "#557f3c")),
            frog(vary, "#6d8f3a", "#d3cf95", ("#4a5a2b", "#8c9a58")),
        ],
        "cat": [
            cat(photo, 50, 0, 400, False, 1.0),
            cat(photo, 110, 30, 290, True, 0.9),
            cat(photo, 20, 0, 330, False, 0.4),
            cat(photo, 90, 10, 350, True, 1.2),
        ],
    }
    folder = HERE / "drawn"
    folder.mkdir(exist_ok=True)
    for kind, scenes in pictures.items():
        for number, scene in enumerate(scenes, 1):
            scene.save(folder / f"{kind}-{number}.jpg", quality=85)


if __name__ == "__main__":
    main()
