package io.github.vit4j.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.util.Arrays;

/**
 * The first frame of a GIF on its logical screen, as Pillow's GifImagePlugin composes it. The JDK's
 * reader expands the compressed indices; screen, palette and position are read here.
 */
final class GifDecoder {
  private final byte[] file;
  private int screenWidth;
  private int screenHeight;
  private int left;
  private int top;
  private int frameWidth;
  private int frameHeight;
  private int background;
  private byte[] palette = new byte[0];

  private GifDecoder(byte[] file) {
    this.file = file;
  }

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    GifDecoder decoder = new GifDecoder(file);
    decoder.readHeaders(limit);
    Raster raster = ImageIoReaders.with("gif", file, reader -> reader.read(0).getRaster());
    return decoder.compose(raster);
  }

  private void readHeaders(PixelLimit limit) throws IOException {
    screenWidth = shortAt(6);
    screenHeight = shortAt(8);
    limit.check(screenWidth, screenHeight);
    int flags = byteAt(10);
    int at = 13;
    if ((flags & 0x80) != 0) {
      at = readPalette(at, flags);
    }
    while (true) {
      int kind = byteAt(at++);
      if (kind == ',') {
        readImageDescriptor(at, limit);
        return;
      }
      if (kind == ';') {
        throw new IOException("it holds no picture");
      }
      if (kind != '!') {
        continue;
      }
      int label = byteAt(at++);
      if (label == 0xf9 && byteAt(at) >= 4 && (byteAt(at + 1) & 1) != 0) {
        background = byteAt(at + 4);
      }
      at = endOfBlocks(at);
    }
  }

  private int endOfBlocks(int start) throws IOException {
    int at = start;
    int length = byteAt(at);
    while (length > 0) {
      at += 1 + length;
      length = byteAt(at);
    }
    return at + 1;
  }

  private void readImageDescriptor(int at, PixelLimit limit) throws IOException {
    left = shortAt(at);
    top = shortAt(at + 2);
    frameWidth = shortAt(at + 4);
    frameHeight = shortAt(at + 6);
    limit.check(frameWidth, frameHeight);
    // Pillow widens the screen where a frame sticks out.
    screenWidth = Math.max(screenWidth, left + frameWidth);
    screenHeight = Math.max(screenHeight, top + frameHeight);
    limit.check(screenWidth, screenHeight);
    int flags = byteAt(at + 8);
    int data = (flags & 0x80) != 0 ? readPalette(at + 9, flags) : at + 9;
    // The JDK's reader would fill up what is missing.
    endOfBlocks(data + 1);
  }

  private int readPalette(int at, int flags) throws IOException {
    int end = at + (6 << (flags & 7));
    byteAt(end - 1);
    palette = Arrays.copyOfRange(file, at, end);
    return end;
  }

  private int shortAt(int at) throws IOException {
    return byteAt(at) | byteAt(at + 1) << 8;
  }

  private int byteAt(int at) throws IOException {
    if (at >= file.length) {
      throw new IOException("it is truncated");
    }
    return file[at] & 0xff;
  }

  private RgbImage compose(Raster raster) throws IOException {
    if (raster.getWidth() != frameWidth || raster.getHeight() != frameHeight) {
      throw new IOException("its size changes while it is decoded");
    }
    byte[] rgb = new byte[RasterConverter.arrayLength(screenWidth, screenHeight)];
    boolean covered = frameWidth == screenWidth && frameHeight == screenHeight;
    if (!covered) {
      for (int to = 0; to < rgb.length; to += 3) {
        put(background, rgb, to);
      }
    }
    int[] row = new int[frameWidth];
    for (int y = 0; y < frameHeight; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, frameWidth, 1, 0, row);
      int to = 3 * ((top + y) * screenWidth + left);
      for (int index : row) {
        put(index, rgb, to);
        to += 3;
      }
    }
    return RgbImage.of(screenWidth, screenHeight, rgb);
  }

  private void put(int index, byte[] rgb, int to) {
    if (palette.length == 0) {
      // Without a palette an index is a level of grey.
      rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte) index;
    } else if (3 * index < palette.length) {
      System.arraycopy(palette, 3 * index, rgb, to, 3);
    } else {
      rgb[to] = rgb[to + 1] = rgb[to + 2] = 0;
    }
  }
}
