package io.github.vit4j.jmh;

import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A picture of smooth shapes and a camera's noise, and its JPEG file. */
@State(Scope.Benchmark)
public class Photo {
  /** Columns and rows. */
  @Param({"640x480", "1920x1080", "4000x3000"})
  public String size = "";

  /** The file. */
  public byte[] jpeg = new byte[0];

  /** The pixels. */
  public RgbImage image = RgbImage.of(1, 1, new byte[3]);

  /** Makes both. */
  @Setup
  public void make() throws IOException {
    String[] sides = size.split("x", -1);
    int width = Integer.parseInt(sides[0]);
    int height = Integer.parseInt(sides[1]);
    Random random = new Random(0);
    byte[] levels = new byte[3 * width * height];
    for (int i = 0; i < levels.length; i++) {
      int column = i / 3 % width;
      double x = 9.0 * column / width;
      int row = i / 3 / width;
      double y = 9.0 * row / height;
      levels[i] = (byte) (128 + 100 * Math.sin(x * y + i % 3) + random.nextInt(7));
    }
    image = RgbImage.of(width, height, levels);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(image.toBufferedImage(), "jpeg", file);
    jpeg = file.toByteArray();
    // So that nothing of OpenCV is measured but decoding.
    image = ImageReader.create().read(jpeg);
  }
}
