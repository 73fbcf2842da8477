"""Writes what Pillow and HuggingFace transformers make of pictures, for the tests of vit-api.

    python image_reference.py [PHOTOS]

PHOTOS is a directory of image files; without it the lists about photos are left as they are.
Needs Pillow, numpy, torch and transformers. Writes tab-separated files into
../resources/io/github/vit4j; their first line names the versions. Every hash is sha256.
"""

import base64
import hashlib
import io
import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import PIL
import transformers
from PIL import Image, ImageOps
from transformers import AutoImageProcessor

warnings.simplefilter("ignore")
RESOURCES = Path(__file__).resolve().parent.parent / "resources/io/github/vit4j"
VERSIONS = f"# Pillow {PIL.__version__}, transformers {transformers.__version__}"

RESIZES = [
    # width, height, new width, new height
    (1, 1, 1, 1), (1, 1, 7, 5), (1, 500, 1, 17), (1, 500, 9, 500), (500, 1, 17, 1), (500, 1, 224, 224),
    (7, 5, 210, 150), (13, 31, 390, 930), (33, 47, 47, 33), (101, 67, 224, 224), (224, 224, 224, 224),
    (224, 224, 224, 100), (224, 224, 100, 224), (255, 257, 16, 15), (480, 271, 224, 224), (640, 480, 384, 384),
    (641, 479, 223, 225), (2, 2, 3, 3), (3, 2, 2, 3), (300, 200, 1, 1), (97, 89, 96, 90),
]

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
VIT = {"image_processor_type": "ViTImageProcessor"}
CONFIGS = {
    "default": VIT,
    "old-feature-extractor": {"feature_extractor_type": "ViTFeatureExtractor", "size": 224, "do_resize": True},
    "bicubic": {**VIT, "resample": 3},
    "nearest": {**VIT, "resample": 0, "size": {"height": 60, "width": 70}},
    "lanczos-384-imagenet": {**VIT, "resample": 1, "size": {"height": 384, "width": 384}, **IMAGENET},
    "deit": {"image_processor_type": "DeiTImageProcessor", **IMAGENET},
    "deit-feature-extractor": {"feature_extractor_type": "DeiTFeatureExtractor", "size": 256, "crop_size": 224,
                               "do_center_crop": True, "resample": 3, **IMAGENET},
    "shortest-edge-crop": {**VIT, "size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": 224,
                           "resample": 3, **IMAGENET},
    "shortest-edge": {**VIT, "size": {"shortest_edge": 64}},
    "shortest-and-longest-edge": {**VIT, "size": {"shortest_edge": 64, "longest_edge": 80}},
    "within": {**VIT, "size": {"max_height": 90, "max_width": 120}},
    "int-not-square": {**VIT, "size": 96, "default_to_square": False},
    "list-size": {**VIT, "size": [96, 128]},
    "rescale-only": {**VIT, "do_normalize": False},
    "normalize-only": {**VIT, "do_rescale": False, "image_mean": 127.5, "image_std": 127.5},
    "crop-with-padding": {**VIT, "do_resize": False, "do_center_crop": True, "crop_size": {"height": 131, "width": 150}},
    "no-resize-scalar": {**VIT, "do_resize": False, "image_mean": 0.45, "image_std": 0.225},
    "odd-rescale-factor": {**VIT, "rescale_factor": 0.00784313725490196, "image_mean": [1.0, 1.0, 1.0],
                           "image_std": [1, 1, 1], "unknown_field": {"kept": [1, "two"]}, "do_convert_rgb": True},
    "null-steps": {**VIT, "do_resize": None, "do_normalize": None},
}
GREY_CONFIGS = {
    "default": VIT,
    "one-channel": {**VIT, "image_mean": [0.1307], "image_std": [0.3081]},
    "one-channel-bicubic-28": {**VIT, "image_mean": [0.5], "image_std": [0.5], "size": 28, "resample": 3},
    "scalar": {**VIT, "image_mean": 0.45, "image_std": 0.225, "resample": 1, "size": {"height": 30, "width": 50}},
    "nearest": {**VIT, "do_normalize": False, "resample": 0},
    "box-crop": {**VIT, "do_normalize": False, "resample": 4, "size": {"shortest_edge": 32}, "do_center_crop": True,
                 "crop_size": 40},
    "no-resize": {**VIT, "do_normalize": False, "do_resize": False},
    "convert-rgb": {**VIT, "do_convert_rgb": True},
    "convert-rgb-one-channel": {**VIT, "do_convert_rgb": True, "image_mean": [0.5], "image_std": [0.5]},
    "do-not-convert-rgb": {**VIT, "do_convert_rgb": False, "image_mean": [0.5], "image_std": [0.5]},
}
GREY_SIZES = [(1, 1), (3, 1), (1, 3), (4, 3), (28, 28), (500, 3), (97, 131)]
GENERATED = [(1, 1), (3, 2), (500, 3), (64, 64), (97, 131), (131, 97), (224, 224), (320, 240), (511, 383)]
PHOTOS = [
    "01-coco/000000039769.png", "04-pillow/flower.jpg", "04-pillow/hopper_gray.jpg", "04-pillow/hopper_orientation_6.jpg",
    "04-pillow/transparent.png", "06-exif-orientation/Portrait_5.jpg",
]


def sha(data):
    return hashlib.sha256(data).hexdigest()


def generated(width, height, channels):
    """Smooth in one channel, noisy in another; the same integers in Java (GeneratedImages)."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    noise = (x * 7919 + y * 104729 + c * 1299709) * 2654435761 % 2**32 >> 24
    smooth = (x * 3 + y * 2 + c * 50) % 256
    levels = np.where(c == 0, smooth, np.where(c == 1, noise, (smooth + noise) // 2))
    return levels.astype(np.uint8)


def write(name, header, rows):
    path = RESOURCES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [VERSIONS, "# " + header] + ["\t".join(str(v) for v in row) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    print(path, len(rows))


def resampler():
    for width, height, new_width, new_height in RESIZES:
        for resample in range(6):
            for channels in (3, 1):
                levels = generated(width, height, channels)
                image = Image.fromarray(levels if channels == 3 else levels[:, :, 0])
                resized = image.resize((new_width, new_height), resample)
                yield width, height, channels, new_width, new_height, resample, sha(resized.tobytes())


def decoded(path):
    """(width, height, hash) or Pillow's error; read twice so that nothing is left from the first time."""
    try:
        with Image.open(path) as image:
            rgb = ImageOps.exif_transpose(image).convert("RGB")
            return rgb.width, rgb.height, sha(rgb.tobytes())
    except Exception as e:
        return 0, 0, "refused: " + type(e).__name__


def processor(config):
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "preprocessor_config.json").write_text(json.dumps(config))
        result = AutoImageProcessor.from_pretrained(directory, backend="pil")
        result.save_pretrained(directory)
        saved = json.loads(Path(directory, "preprocessor_config.json").read_text())
    return result, saved


def pixel_values(image_processor, image):
    values = image_processor(image, return_tensors="np")["pixel_values"]
    assert values.dtype == np.float32
    return list(values.shape), sha(np.ascontiguousarray(values).astype("<f4").tobytes())


def pictures(photos):
    for width, height in GENERATED:
        yield f"{width}x{height}", Image.fromarray(generated(width, height, 3))
    if photos:
        for name in PHOTOS:
            with Image.open(photos / name) as image:
                yield name, ImageOps.exif_transpose(image).convert("RGB")


def processors(photos):
    for name, config in CONFIGS.items():
        image_processor, _ = processor(config)
        for picture, image in pictures(photos):
            try:
                shape, digest = pixel_values(image_processor, image)
                yield name, picture, "x".join(map(str, shape)), digest
            except ValueError as e:
                yield name, picture, "refused", str(e).replace("\t", " ").splitlines()[0]


def grey_processors():
    for name, config in GREY_CONFIGS.items():
        image_processor, _ = processor(config)
        for width, height in GREY_SIZES:
            image = Image.fromarray(generated(width, height, 2)[:, :, 1])
            try:
                shape, digest = pixel_values(image_processor, image)
                yield name, json.dumps(config), width, height, "x".join(map(str, shape)), digest
            except ValueError as e:
                yield name, json.dumps(config), width, height, "refused", str(e).splitlines()[0]
    for width, height in GREY_SIZES:
        image = Image.fromarray(generated(width, height, 3)).convert("L")
        yield "convert-l", "{}", width, height, f"{height}x{width}", sha(image.tobytes())


def samples():
    """Small files of every format and mode that Pillow writes and ImageReader reads, in base64."""
    for width, height in [(1, 1), (17, 15), (45, 37)]:
        rgb = Image.fromarray(generated(width, height, 3))
        alpha = Image.fromarray(generated(width, height, 2)[:, :, 1])
        modes = {mode: rgb.convert(mode) for mode in ("1", "L", "RGB", "CMYK")}
        modes |= {f"P{n}": rgb.quantize(n) for n in (2, 4, 16, 200)}
        modes |= {"RGBA": rgb.copy(), "LA": rgb.convert("L")}
        modes["RGBA"].putalpha(alpha)
        modes["LA"].putalpha(alpha)
        modes["I;16"] = Image.fromarray(generated(width, height, 3)[:, :, 1].astype(np.uint16) * 3)
        kinds = [("PNG", {}), ("GIF", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}),
                 ("TIFF", {"compression": "jpeg"}), ("TIFF", {"compression": "group4"}),
                 ("TIFF", {"compression": "tiff_adobe_deflate"}), ("JPEG", {"subsampling": 0}),
                 ("JPEG", {"subsampling": 2, "progressive": True}), ("JPEG", {"quality": 5, "subsampling": 1}),
                 ("WEBP", {"quality": 30}), ("WEBP", {"quality": 95, "method": 6}),
                 ("WEBP", {"lossless": True, "exact": True})]
        for mode, image in modes.items():
            for kind, options in kinds:
                compression = options.get("compression")
                # libtiff does not survive every failure.
                if (compression == "group4" and mode != "1") or (compression == "jpeg" and mode not in ("L", "RGB")):
                    continue
                if width > 17 and kind not in ("JPEG", "WEBP"):
                    continue
                text = " ".join(f"{k}={v}" for k, v in options.items())
                yield from sample(f"{width}x{height} {mode} {kind} {text}".strip(), image, kind, options)
    for orientation in range(10):
        exif = Image.Exif()
        exif[274] = orientation
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            yield from sample(f"orientation {orientation} {kind}", Image.fromarray(generated(17, 15, 3)), kind, {"exif": exif})


def sample(name, image, kind, options):
    out = io.BytesIO()
    try:
        image.save(out, kind, **options)
    except Exception:
        return  # not every format takes every mode
    width, height, digest = decoded(io.BytesIO(out.getvalue()))
    assert not digest.startswith("refused"), name
    yield name, width, height, digest, base64.b64encode(out.getvalue()).decode()


def turbojpeg_check():
    """Files by which TurboJpegCheck tells whether a libjpeg-turbo gives Pillow's pixels."""
    image = Image.fromarray(generated(32, 32, 3))
    for name, options in [("4:2:0", {"subsampling": "4:2:0"}), ("4:4:0", {"subsampling": "4:2:2"}),
                          ("grey, progressive without its end", {"progressive": True})]:
        out = io.BytesIO()
        (image.convert("L") if "grey" in name else image).save(out, "JPEG", quality=60, **options)
        file = out.getvalue()
        if name == "4:4:0":
            # Which Pillow does not write: the blocks of 4:2:2, arranged otherwise.
            file = file.replace(b"\x01\x21\x00", b"\x01\x12\x00", 1)
        if "progressive" in options:
            # Nothing but the first scan, which has the DC coefficients: between blocks that is smoothed.
            scan = file.index(b"\xff\xda")
            end = next(i for i in range(scan + 2, len(file)) if file[i] == 0xFF and file[i + 1] not in (0, 0xFF))
            file = file[:end] + b"\xff\xd9"
        yield name, *decoded(io.BytesIO(file)), base64.b64encode(file).decode()


def main():
    photos = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    write("image/resampler.tsv", "width height channels new_width new_height resample hash", list(resampler()))
    write("image/samples.tsv", "name width height hash file", list(samples()))
    write("../../../../../main/resources/io/github/vit4j/image/turbojpeg-check.tsv", "name width height hash file",
          list(turbojpeg_check()))
    write("image-processor-configs.tsv", "name given saved",
          [(name, json.dumps(c), json.dumps(processor(c)[1])) for name, c in CONFIGS.items()])
    write("image-processor-grey.tsv", "name config width height shape hash", list(grey_processors()))
    if photos:
        write("image-processor.tsv", "config picture shape hash", list(processors(photos)))
        files = sorted(p for p in photos.rglob("*") if p.is_file() and p.suffix != ".md")
        write("image/photos.tsv", "file width height hash",
              [(p.relative_to(photos).as_posix(), *decoded(p)) for p in files])


main()
