package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.github.vit4j.error.ImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that no honest program wrote: each gives one line, and no memory worth mentioning. */
class HostileImagesTest {
  private static final ImageReader READER = ImageReader.create();

  /** A thousand million pixels. */
  private static final int SIDE = 31_623;

  /** Files of some hundred bytes that claim to be huge. */
  enum Bomb {
    PNG {
      @Override
      ByteBuffer file() {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(SIDE).putInt(SIDE);
        header.put((byte) 8).put((byte) 2);
        ByteBuffer file = ByteBuffer.allocate(69).put(bytes("\u0089PNG\r\n\u001a\n"));
        chunk(file, "IHDR", header.array());
        chunk(file, "IDAT", new byte[12]);
        chunk(file, "IEND", new byte[0]);
        return file;
      }
    },
    GIF {
      @Override
      ByteBuffer file() {
        ByteBuffer file = little(200).put(bytes("GIF89a"));
        file.putShort((short) SIDE).putShort((short) SIDE).put(new byte[] {0, 0, 0, ','});
        file.putInt(0).putShort((short) SIDE).putShort((short) SIDE).put((byte) 0);
        return file.put(new byte[] {2, 2, 0x4c, 1, 0, ';'});
      }
    },
    GIF_FRAME {
      @Override
      ByteBuffer file() {
        ByteBuffer file = little(200).put(bytes("GIF89a"));
        file.putShort((short) 1).putShort((short) 1).put(new byte[] {0, 0, 0, ','});
        file.putInt(0).putShort((short) SIDE).putShort((short) SIDE).put((byte) 0);
        return file.put(new byte[] {2, 2, 0x4c, 1, 0, ';'});
      }
    },
    BMP {
      @Override
      ByteBuffer file() {
        ByteBuffer file = little(200).put(bytes("BM")).putInt(200).putInt(0).putInt(54).putInt(40);
        return file.putInt(SIDE).putInt(SIDE).putShort((short) 1).putShort((short) 24);
      }
    },
    BMP_RLE {
      @Override
      ByteBuffer file() {
        ByteBuffer file = little(2000).put(bytes("BM")).putInt(2000).putInt(0).putInt(1078);
        file.putInt(40).putInt(SIDE).putInt(-SIDE);
        return file.putShort((short) 1).putShort((short) 8).putInt(1);
      }
    },
    JPEG {
      @Override
      ByteBuffer file() {
        ByteBuffer file = ByteBuffer.allocate(200).putInt(0xffd8ffc0).putShort((short) 17);
        file.put((byte) 8).putShort((short) SIDE).putShort((short) SIDE);
        return file.put(new byte[] {3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0});
      }
    },
    WEBP_CANVAS {
      @Override
      ByteBuffer file() {
        ByteBuffer file = riff().put(bytes("VP8X")).putInt(10).putInt(0);
        file.putInt(SIDE | SIDE << 24).putShort((short) (SIDE >> 8));
        return file;
      }
    },
    WEBP_LOSSLESS {
      @Override
      ByteBuffer file() {
        return riff().put(bytes("VP8L")).putInt(100).put((byte) 0x2f).putInt(0xfffffff);
      }
    },
    WEBP_LOSSY {
      @Override
      ByteBuffer file() {
        ByteBuffer file = riff().put(bytes("VP8 ")).putInt(100).put(new byte[] {16, 2, 0});
        file.put(new byte[] {(byte) 0x9d, 1, 0x2a});
        return file.putShort((short) 16383).putShort((short) 16383);
      }
    },
    TIFF {
      @Override
      ByteBuffer file() {
        return tiff(SIDE, SIDE, 1);
      }
    },
    TIFF_COUNT {
      @Override
      ByteBuffer file() {
        return tiff(4, 4, 0x7fffffff);
      }
    };

    abstract ByteBuffer file();

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ByteBuffer little(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer riff() {
      return little(200).put(bytes("RIFF")).putInt(192).put(bytes("WEBP"));
    }

    private static void chunk(ByteBuffer file, String type, byte[] data) {
      CRC32 crc = new CRC32();
      crc.update(bytes(type));
      crc.update(data);
      file.putInt(data.length).put(bytes(type)).put(data).putInt((int) crc.getValue());
    }

    private static ByteBuffer tiff(int width, int height, int count) {
      int[][] entries = {
        {256, 4, 1, width},
        {257, 4, 1, height},
        {258, 3, 1, 8},
        {273, 4, count, 100},
        {277, 3, 1, 1},
        {279, 4, count, 16}
      };
      return ByteBuffer.allocate(200).put(HostileImagesTest.tiff(entries, new byte[0]));
    }
  }

  /**
   * A TIFF of entries {@code {tag, type, count, value}}, whose value -1 stands for where {@code
   * data} begin.
   */
  private static byte[] tiff(int[][] entries, byte[] data) {
    int dataAt = 10 + 12 * entries.length + 4;
    ByteBuffer file = ByteBuffer.allocate(dataAt + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("II*\0".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    file.putShort((short) entries.length);
    for (int[] entry : entries) {
      file.putShort((short) entry[0]).putShort((short) entry[1]);
      file.putInt(entry[2]).putInt(entry[3] == -1 ? dataAt : entry[3]);
    }
    return file.putInt(0).put(data).array();
  }

  @ParameterizedTest
  @EnumSource(Bomb.class)
  void refusesHugePicturesBeforeItAllocates(Bomb bomb) {
    ByteBuffer buffer = bomb.file().clear();
    byte[] file = new byte[buffer.remaining()];
    buffer.get(file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> READER.read(file))
        .isInstanceOf(ImageException.class)
        .satisfies(HostileImagesTest::assertOneLine);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16 << 20);
  }

  /** Some entries, and then those of a grey picture of 8 bits. */
  private static int[][] grey(int width, int height, int[]... others) {
    int[][] entries = {
      {256, 4, 1, width}, {257, 4, 1, height}, {258, 3, 1, 8}, {262, 3, 1, 1}, {277, 3, 1, 1}
    };
    return Stream.concat(Arrays.stream(others), Arrays.stream(entries)).toArray(int[][]::new);
  }

  private static int[] entry(int tag, int count, int value) {
    return new int[] {tag, 4, count, value};
  }

  /** A grey TIFF with a JPEG in one strip. */
  private static byte[] jpegInTiff(int width, int height, byte[] jpeg) {
    int[][] strip = {
      entry(259, 1, 7), entry(273, 1, -1), entry(278, 1, height), entry(279, 1, jpeg.length)
    };
    return tiff(grey(width, height, strip), jpeg);
  }

  /** A grey JPEG of 64x64 pixels whose header says something else. */
  private static byte[] progressiveJpeg(int width, int height) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      BufferedImage grey = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
      writer.write(null, new IIOImage(grey, null, null), parameters);
    } finally {
      writer.dispose();
    }
    byte[] jpeg = out.toByteArray();
    String text = new String(jpeg, StandardCharsets.ISO_8859_1);
    ByteBuffer.wrap(jpeg, text.indexOf("\u00ff\u00c2") + 5, 4)
        .putShort((short) height)
        .putShort((short) width);
    return jpeg;
  }

  private static void assertRefusedSoon(byte[] file, String expected) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> READER.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining(expected)
                .satisfies(HostileImagesTest::assertOneLine));
  }

  /** 400 bytes that would take gigabytes and half a minute. */
  @Test
  void refusesTiffWhoseJpegIsLarger() throws IOException {
    assertThat(READER.read(jpegInTiff(64, 64, progressiveJpeg(64, 64))).rgb())
        .isEqualTo(new byte[3 * 64 * 64]);
    // The last strip may be higher.
    assertThat(READER.read(jpegInTiff(64, 60, progressiveJpeg(64, 64))).height()).isEqualTo(60);
    assertRefusedSoon(
        jpegInTiff(1, 16000, progressiveJpeg(10000, 16000)),
        "its JPEG data has 10000x16000 pixels, expected 1x16000");
    assertRefusedSoon(
        jpegInTiff(64, 64, progressiveJpeg(65500, 65500)), "65500x65500 pixels, more than");
  }

  @Test
  void refusesTiffWhoseJpegHasEndlessScans() throws IOException {
    byte[] jpeg = progressiveJpeg(4000, 4000);
    int scan = new String(jpeg, StandardCharsets.ISO_8859_1).lastIndexOf("\u00ff\u00da");
    ByteArrayOutputStream scans = new ByteArrayOutputStream();
    scans.write(jpeg, 0, scan);
    for (int i = 0; i < 3000; i++) {
      scans.write(jpeg, scan, jpeg.length - 2 - scan);
    }
    assertRefusedSoon(
        jpegInTiff(4000, 4000, scans.toByteArray()), "its JPEG data has more than 200 scans");
  }

  @Test
  void refusesTiffOfOneJpegInManyTiles() throws IOException {
    int tiles = 10_000;
    byte[] jpeg = progressiveJpeg(4096, 4096);
    ByteBuffer data = ByteBuffer.allocate(8 * tiles + jpeg.length).order(ByteOrder.LITTLE_ENDIAN);
    int[] byteCounts = entry(325, tiles, 0);
    int[][] entries =
        grey(
            16 * tiles,
            16,
            entry(259, 1, 7),
            entry(322, 1, 16),
            entry(323, 1, 16),
            entry(324, tiles, -1),
            byteCounts);
    int dataAt = tiff(entries, new byte[0]).length;
    byteCounts[3] = dataAt + 4 * tiles;
    for (int i = 0; i < tiles; i++) {
      data.putInt(dataAt + 8 * tiles);
    }
    for (int i = 0; i < tiles; i++) {
      data.putInt(jpeg.length);
    }
    byte[] file = tiff(entries, data.put(jpeg).array());
    assertRefusedSoon(file, "its JPEG data has 4096x4096 pixels, expected 16x16");
  }

  @Test
  void refusesTiffWhoseTilesAreMuchLargerThanThePicture() {
    int[][] tiles = {
      entry(322, 1, 1_000_000), entry(323, 1, 1), entry(324, 1, -1), entry(325, 1, 16)
    };
    assertRefusedSoon(
        tiff(grey(1, 10_000, tiles), new byte[16]),
        "its tiles of 1000000x1 pixels have 10000000000 together, too many for a picture of 1x10000");
    tiles[0][3] = 1;
    assertRefusedSoon(
        tiff(grey(1, 100_000_000, tiles), new byte[16]),
        "it has 100000000 strips or tiles, more than 1048576");
  }

  @Test
  void refusesTiffWithAnEntryThatIsThereTwice() {
    int[][] strip = {entry(273, 1, -1), entry(279, 1, 16), entry(277, 1, 60_000)};
    assertRefusedSoon(tiff(grey(4, 4, strip), new byte[16]), "tag 277 is there twice");
    strip[2] = entry(278, 1, 4);
    assertThat(READER.read(tiff(grey(4, 4, strip), new byte[16])).width()).isEqualTo(4);
  }

  private static void assertOneLine(Throwable e) {
    assertThat(e.getMessage()).startsWith("cannot read ").doesNotContain("\n", "\r");
  }

  private static void assertRefused(Path file, String expected) {
    assertThatThrownBy(() -> READER.read(file))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(file.getFileName().toString())
        .hasMessageContaining(expected)
        .satisfies(HostileImagesTest::assertOneLine);
  }

  @Test
  void refusesWhatIsNoImage(@TempDir Path directory) throws IOException {
    assertRefused(directory.resolve("missing.jpg"), "no such file");
    assertRefused(Files.createDirectory(directory.resolve("folder")), "directory");
    assertRefused(Files.createFile(directory.resolve("empty.png")), "empty");
    assertRefused(Files.writeString(directory.resolve("text.jpg"), "Hello"), "first bytes");
    assertRefused(Files.writeString(directory.resolve("short.bmp"), "BM"), "truncated");
  }

  @Test
  void namesWithLineBreaksStayOnOneLine(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("two\nlines.jpg"), "Hello");
    assertThatThrownBy(() -> READER.read(file))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("two lines.jpg")
        .satisfies(HostileImagesTest::assertOneLine);
  }

  @Test
  void reportsFailingStreams() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("line\nbroken");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(() -> READER.read(failing))
        .isInstanceOf(ImageException.class)
        .satisfies(HostileImagesTest::assertOneLine);
  }

  private static byte[] encode(String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(buffered(), format, out)).isTrue();
    return out.toByteArray();
  }

  private static BufferedImage buffered() {
    return GeneratedImages.rgb(61, 47).toBufferedImage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "tiff"})
  void readsBackWhatImageIoWrote(String format) throws IOException {
    assertThat(READER.read(encode(format)).rgb()).isEqualTo(GeneratedImages.rgb(61, 47).rgb());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp", "tiff"})
  void refusesTruncatedFiles(String format) throws IOException {
    refusesTruncatedFiles(READER.withDecoder("imageio"), format);
    refusesTruncatedFiles(READER.withDecoder("auto"), format);
  }

  private static void refusesTruncatedFiles(ImageReader reader, String format) throws IOException {
    byte[] file = encode(format);
    byte[] whole = reader.read(file).rgb();
    int refused = 0;
    int cuts = 0;
    for (int length = 1; length < file.length; length += 1 + file.length / 300) {
      cuts++;
      try {
        RgbImage image = reader.read(Arrays.copyOf(file, length));
        // Only what follows the picture may be missing.
        assertThat(image.rgb()).as("%s cut to %d bytes", format, length).isEqualTo(whole);
      } catch (ImageException e) {
        assertOneLine(e);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(cuts * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp", "tiff"})
  void damagedFilesGiveAPictureOrOneLine(String format) throws IOException {
    damage(encode(format), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "04-pillow/hopper.webp",
        "04-pillow/transparent.webp",
        "08-image-rs/simple.webp",
        "08-image-rs/anim.webp",
        "04-pillow/hopper_lzw.tif",
        "04-pillow/hopper_g4.tif",
        "04-pillow/hopper_jpg.tif",
        "04-pillow/hopper_bigtiff.tif",
        "04-pillow/hopper_rle8.bmp",
        "04-pillow/pil_sample_cmyk.jpg",
        "04-pillow/hopper_orientation_6.jpg",
        "04-pillow/transparent.gif",
        "04-pillow/p_trns_single.png"
      })
  void damagedPhotosGiveAPictureOrOneLine(String name) throws IOException {
    damage(Files.readAllBytes(GeneratedImages.photo(name)), 60);
  }

  private static void damage(byte[] file, int times) {
    damage(READER.withDecoder("imageio"), file, times);
    damage(READER.withDecoder("auto"), file, times);
  }

  private static void damage(ImageReader reader, byte[] file, int times) {
    Random random = new Random(file.length);
    for (int n = 0; n < times; n++) {
      byte[] damaged = file.clone();
      // Headers are the interesting part.
      int range = n % 2 == 0 ? Math.min(file.length, 300) : file.length;
      for (int i = 0; i <= n % 3; i++) {
        damaged[random.nextInt(range)] = (byte) random.nextInt();
      }
      try {
        reader.read(damaged);
      } catch (ImageException e) {
        assertOneLine(e);
      }
    }
  }

  @Test
  void refusesFramesInsideFramesBeforeTheStackEnds() {
    int depth = 30_000;
    int chunk = 24;
    ByteBuffer file = ByteBuffer.allocate(12 + chunk * depth).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(4 + chunk * depth);
    file.put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    for (int level = 0; level < depth; level++) {
      file.put("ANMF".getBytes(StandardCharsets.ISO_8859_1));
      file.putInt(chunk * (depth - level) - 8).put(new byte[16]);
    }
    assertThatThrownBy(() -> READER.read(file.array()))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("a frame lies inside a frame")
        .satisfies(HostileImagesTest::assertOneLine);
  }
}
