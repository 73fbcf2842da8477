package io.github.vit4j;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.hub.ModelWriter;
import io.github.vit4j.image.GreyImage;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * HuggingFace's {@code ViTImageProcessor}: pictures to the pixel values that a ViT takes. Bit for
 * bit what {@code AutoImageProcessor.from_pretrained(directory, backend="pil")} of transformers 5
 * gives (image_processing_backends.py {@code PilBackend}, image_transforms.py): resize in uint8
 * with Pillow's arithmetic, centre crop, multiplication with the rescale factor in float64 rounded
 * to float32, then {@code (x - mean) / std} in float32, channels first.
 *
 * <p>Thread-safety: immutable; one processor serves any number of threads.
 *
 * @param imageProcessorType {@code ViTImageProcessor}; {@code DeiTImageProcessor}, which has other
 *     defaults only; or {@code TimmWrapperImageProcessor}, which rounds differently where a centre
 *     crop has no exact middle
 * @param doResize whether to resize to {@code size}
 * @param size what to resize to
 * @param resample Pillow's filter
 * @param doCenterCrop whether to cut {@code cropSize} out of the middle, padding with black where
 *     the picture is smaller
 * @param cropSize what to crop to; null only without {@code doCenterCrop}
 * @param doRescale whether to multiply levels with {@code rescaleFactor}
 * @param rescaleFactor usually 1/255
 * @param doNormalize whether to subtract {@code imageMean} and divide by {@code imageStd}
 * @param imageMean mean of each channel, after rescaling
 * @param imageStd standard deviation of each channel, after rescaling
 * @param doConvertRgb whether grey pictures become RGB; null counts as false
 * @param additionalFields further fields of the file, written back as they are
 */
public record ViTImageProcessor(
    String imageProcessorType,
    boolean doResize,
    TargetSize size,
    Resampling resample,
    boolean doCenterCrop,
    @Nullable ImageSize cropSize,
    boolean doRescale,
    double rescaleFactor,
    boolean doNormalize,
    ChannelValues imageMean,
    ChannelValues imageStd,
    @Nullable Boolean doConvertRgb,
    Map<String, JsonNode> additionalFields) {
  /** The name of the file in a model directory. */
  public static final String FILE_NAME = ModelFiles.PREPROCESSOR_CONFIG;

  /** The most pixels that a picture may have after resizing or cropping: 8192 x 8192. */
  public static final long MAX_OUTPUT_PIXELS = 1L << 26;

  private static final int CHANNELS = 3;

  /** Never started: asked about, whether it may use memory. */
  private static final Thread OTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

  /** The forms that {@code size} has in HuggingFace's files. */
  public sealed interface TargetSize {
    /**
     * {@code {"height": h, "width": w}}, also written as one number or {@code [h, w]}: exactly
     * this.
     *
     * @param size height and width in pixels
     */
    record Exact(ImageSize size) implements TargetSize {}

    /**
     * {@code {"shortest_edge": n}}: keeps the aspect ratio, the longer side rounded down.
     *
     * @param shortestEdge the shorter side in pixels
     */
    record ShortestEdge(int shortestEdge) implements TargetSize {}

    /**
     * {@code {"shortest_edge": n, "longest_edge": m}}: keeps the aspect ratio; smaller than n where
     * the longer side would exceed m.
     *
     * @param shortestEdge what the shorter side is to be, in pixels
     * @param longestEdge the most that the longer side may be, in pixels
     */
    record ShortestAndLongestEdge(int shortestEdge, int longestEdge) implements TargetSize {}

    /**
     * {@code {"longest_edge": m}}: a valid field, but HuggingFace's processor refuses to resize
     * with it, and so does this one.
     *
     * @param longestEdge the longer side in pixels
     */
    record LongestEdge(int longestEdge) implements TargetSize {}

    /**
     * {@code {"max_height": h, "max_width": w}}: the largest of the aspect ratio that fits in.
     *
     * @param maxHeight rows at most
     * @param maxWidth columns at most
     */
    record Within(int maxHeight, int maxWidth) implements TargetSize {}
  }

  /**
   * A number for each channel.
   *
   * @param values in the order red, green, blue; a single one if {@code isScalar}
   * @param isScalar whether one number stands for all channels
   */
  public record ChannelValues(List<Double> values, boolean isScalar) {
    /** Copies the list. */
    public ChannelValues {
      values = List.copyOf(values);
      if (values.isEmpty() || (isScalar && values.size() != 1)) {
        throw new IllegalArgumentException(values.size() + " values");
      }
    }

    /**
     * {@return one number for all channels}
     *
     * @param value the number
     */
    public static ChannelValues of(double value) {
      return new ChannelValues(List.of(value), true);
    }

    /**
     * {@return a number for each channel}
     *
     * @param values in the order red, green, blue; at least one
     * @throws IllegalArgumentException if there are none
     */
    public static ChannelValues of(List<Double> values) {
      return new ChannelValues(values, false);
    }

    float get(int channel) {
      return values.get(isScalar ? 0 : channel).floatValue();
    }
  }

  /**
   * Checks that the fields fit together.
   *
   * @throws ConfigException if they do not
   */
  public ViTImageProcessor {
    Objects.requireNonNull(imageProcessorType, "imageProcessorType");
    Objects.requireNonNull(resample, "resample");
    additionalFields = Collections.unmodifiableMap(new LinkedHashMap<>(additionalFields));
    if (doCenterCrop && cropSize == null) {
      throw new ConfigException("do_center_crop is true, but there is no crop_size; add one");
    }
    checkPixels("crop_size", cropSize);
    if (size instanceof TargetSize.Exact exact) {
      checkPixels("size", exact.size());
    }
    if (!Double.isFinite(rescaleFactor)) {
      throw new ConfigException("rescale_factor must be a number, got " + rescaleFactor);
    }
    checkFinite("image_mean", imageMean);
    checkFinite("image_std", imageStd);
    for (double std : imageStd.values()) {
      if ((float) std == 0) {
        throw new ConfigException("image_std must not be zero, got " + imageStd.values());
      }
    }
  }

  private static void checkPixels(String field, @Nullable ImageSize size) {
    if (size != null && (long) size.height() * size.width() > MAX_OUTPUT_PIXELS) {
      throw new ConfigException(
          "%s is %s, more than %d pixels".formatted(field, size, MAX_OUTPUT_PIXELS));
    }
  }

  private static void checkFinite(String field, ChannelValues values) {
    for (double value : values.values()) {
      if (!Float.isFinite((float) value)) {
        throw new ConfigException(
            "%s must hold float32 numbers, got %s".formatted(field, values.values()));
      }
    }
  }

  /** {@return a builder that holds the defaults of HuggingFace's {@code ViTImageProcessor}} */
  public static Builder builder() {
    return new Builder(ViTImageProcessorJson.VIT);
  }

  /** {@return a builder that holds the fields of this processor} */
  public Builder toBuilder() {
    return new Builder(imageProcessorType)
        .doResize(doResize)
        .size(size)
        .resample(resample)
        .doCenterCrop(doCenterCrop)
        .cropSize(cropSize)
        .doRescale(doRescale)
        .rescaleFactor(rescaleFactor)
        .doNormalize(doNormalize)
        .imageMean(imageMean)
        .imageStd(imageStd)
        .doConvertRgb(doConvertRgb)
        .additionalFields(additionalFields);
  }

  /**
   * Reads {@code preprocessor_config.json} of a model directory, or the file itself. In a directory
   * also what transformers 5 nests in {@code processor_config.json}, and what timm says in {@code
   * config.json}.
   *
   * @param directoryOrFile a model directory, or a {@value #FILE_NAME} under any name
   * @return the processor that the file describes
   * @throws ModelNotFoundException if there is no such file
   * @throws ConfigException if it is not a ViT's image processor
   */
  public static ViTImageProcessor fromPretrained(Path directoryOrFile) {
    boolean elsewhere =
        Files.exists(directoryOrFile.resolve("processor_config.json"))
            || !Files.exists(directoryOrFile.resolve(FILE_NAME));
    if (elsewhere && Files.exists(directoryOrFile.resolve(ViTConfig.FILE_NAME))) {
      return fromPretrained(ModelFiles.of(directoryOrFile));
    }
    Path file =
        Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(FILE_NAME) : directoryOrFile;
    try {
      return fromJson(Json.readObject(file));
    } catch (NoSuchFileException e) {
      throw new ModelNotFoundException("no " + FILE_NAME + " at " + file, e);
    } catch (IOException e) {
      throw new ConfigException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    } catch (ConfigException e) {
      throw new ConfigException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * The processor that a model comes with. Guessing one would give silently wrong numbers, so a
   * model without {@code preprocessor_config.json} has none, unless it is timm's.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @return the processor that the model's files describe
   * @throws ModelNotFoundException if there is no such model
   * @throws ConfigException if the model has no settings of a ViT's image processor
   */
  public static ViTImageProcessor fromPretrained(String model) {
    return fromPretrained(ModelFiles.resolve(model));
  }

  /**
   * {@link #fromPretrained(String)}, with the revision and the hub of these options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @param options of which only those count
   * @return the processor
   * @throws ModelNotFoundException if there is no such model
   * @throws ConfigException if the model has no settings of a ViT's image processor
   */
  public static ViTImageProcessor fromPretrained(String model, LoadOptions options) {
    return fromPretrained(options.resolve(model));
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already.
   *
   * @param files of the model
   * @return the processor that they describe
   * @throws ConfigException if the model has no settings of a ViT's image processor
   */
  public static ViTImageProcessor fromPretrained(ModelFiles files) {
    return fromJson(
        files
            .preprocessorConfig()
            .orElseThrow(
                () ->
                    new ConfigException(
                        "%s holds no %s, so how to prepare images is not known; put one there"
                            .formatted(files.name(), FILE_NAME))));
  }

  /**
   * Reads the JSON of HuggingFace's {@code preprocessor_config.json}, of transformers 4 or 5, also
   * of the old feature extractors. A field that is absent has HuggingFace's default; as there, a
   * step whose {@code do_} field is null is off.
   *
   * @param json the whole object; not changed
   * @return the processor that it describes
   * @throws ConfigException if a field has the wrong type or an impossible value, or if the
   *     processor is not that of a ViT (or DeiT)
   */
  public static ViTImageProcessor fromJson(ObjectNode json) {
    return ViTImageProcessorJson.read(json);
  }

  /**
   * {@return the JSON that HuggingFace's {@code save_pretrained} writes: sorted, defaults included}
   */
  public ObjectNode toJson() {
    return ViTImageProcessorJson.write(this);
  }

  /** {@return {@link #toJson()} as text, laid out as Python does} */
  public String toJsonString() {
    return Json.toPrettyString(toJson());
  }

  /**
   * Writes {@code preprocessor_config.json}. A file that is there is replaced in one step.
   *
   * @param directory created where it is missing
   * @throws ConfigException if it cannot be written
   */
  public void savePretrained(Path directory) {
    ModelWriter.writeJson(directory.resolve(FILE_NAME), toJson());
  }

  /**
   * {@return the size that a picture has after resizing and cropping}
   *
   * @param width columns of the picture
   * @param height rows of the picture
   * @throws ConfigException if {@code size} has a form that HuggingFace does not resize with
   * @throws InvalidInputException if the result would have no pixels or more than {@link
   *     #MAX_OUTPUT_PIXELS}
   */
  public ImageSize outputSize(int width, int height) {
    ImageSize resized = resizedSize(width, height);
    return doCenterCrop ? Objects.requireNonNull(cropSize) : resized;
  }

  private ImageSize resizedSize(int width, int height) {
    if (!doResize) {
      return new ImageSize(height, width);
    }
    long[] heightAndWidth =
        switch (size) {
          case TargetSize.Exact exact -> new long[] {exact.size().height(), exact.size().width()};
          case TargetSize.ShortestEdge edge -> shortestEdge(width, height, edge.shortestEdge());
          case TargetSize.ShortestAndLongestEdge edges -> withAspectRatio(width, height, edges);
          case TargetSize.Within within -> within(width, height, within);
          case TargetSize.LongestEdge edge ->
              throw new ConfigException(
                  "size {\"longest_edge\": %d} alone is nothing that HuggingFace's ViTImageProcessor resizes to; use height and width, or add shortest_edge"
                      .formatted(edge.longestEdge()));
        };
    long newHeight = heightAndWidth[0];
    long newWidth = heightAndWidth[1];
    // Each below 2^31 times 2^31, so that the product cannot overflow before it is refused.
    boolean tooLarge =
        newHeight > MAX_OUTPUT_PIXELS
            || newWidth > MAX_OUTPUT_PIXELS
            || newHeight * newWidth > MAX_OUTPUT_PIXELS;
    if (newHeight < 1 || newWidth < 1 || tooLarge) {
      throw new InvalidInputException(
          "an image of %dx%d pixels would be resized to %dx%d, expected 1 to %d pixels; crop the image first"
              .formatted(width, height, newWidth, newHeight, MAX_OUTPUT_PIXELS));
    }
    return new ImageSize((int) newHeight, (int) newWidth);
  }

  /** {@code get_resize_output_image_size} of image_transforms.py. */
  private static long[] shortestEdge(int width, int height, int edge) {
    int shorter = Math.min(width, height);
    int longer = Math.max(width, height);
    long newLonger = (long) ((double) ((long) edge * longer) / shorter);
    return width <= height ? new long[] {newLonger, edge} : new long[] {edge, newLonger};
  }

  /** {@code get_size_with_aspect_ratio} of image_transforms.py. */
  private static long[] withAspectRatio(
      int width, int height, TargetSize.ShortestAndLongestEdge edges) {
    double shorter = Math.min(width, height);
    double longer = Math.max(width, height);
    long edge = edges.shortestEdge();
    // What the longer side is computed from: not rounded where the limit has shortened the edge.
    double exactEdge = edge;
    if (longer / shorter * edge > edges.longestEdge()) {
      exactEdge = edges.longestEdge() * shorter / longer;
      edge = (long) Math.rint(exactEdge);
    }
    if ((height <= width && height == edge) || (width <= height && width == edge)) {
      return new long[] {height, width};
    }
    return width < height
        ? new long[] {(long) (exactEdge * height / width), edge}
        : new long[] {edge, (long) (exactEdge * width / height)};
  }

  /** {@code get_image_size_for_max_height_width} of image_utils.py. */
  private static long[] within(int width, int height, TargetSize.Within within) {
    double scale =
        Math.min((double) within.maxHeight() / height, (double) within.maxWidth() / width);
    return new long[] {(long) (height * scale), (long) (width * scale)};
  }

  /**
   * The pixel values of one picture.
   *
   * @param image a picture of any size
   * @return float32 [1, 3, height, width], see {@link #outputSize}
   * @throws InvalidInputException if the picture or the number of channels in {@code image_mean} or
   *     {@code image_std} does not fit
   * @throws ConfigException if {@code size} has a form that HuggingFace does not resize with
   */
  public Tensor preprocess(RgbImage image) {
    return preprocess(List.of(image));
  }

  /**
   * The pixel values of several pictures, which may have different sizes if they have the same one
   * after resizing and cropping. Computed on all cores of the common pool.
   *
   * @param images n pictures, at least one
   * @return float32 [n, 3, height, width], in the order of {@code images}
   * @throws InvalidInputException if there are none, if they do not have one size in the end, or as
   *     {@link #preprocess(RgbImage)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocess(List<RgbImage> images) {
    return preprocess(Arena.ofAuto(), images);
  }

  /**
   * {@link #preprocess(List)}, into memory from {@code arena}; on the calling thread alone if that
   * is confined to it.
   *
   * @param arena where the memory of the result comes from; closing it releases the result
   * @param images n pictures, at least one
   * @return float32 [n, 3, height, width], in the order of {@code images}
   * @throws InvalidInputException as {@link #preprocess(List)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocess(Arena arena, List<RgbImage> images) {
    return preprocessLevels(arena, images.stream().map(Levels::of).toList());
  }

  /**
   * The pixel values of grey pictures, as HuggingFace makes them of pictures in mode "L": one
   * channel, unless {@code do_convert_rgb} is true.
   *
   * @param images n pictures, at least one
   * @return float32 [n, 1, height, width] ([n, 3, height, width] with {@code do_convert_rgb}), in
   *     the order of {@code images}
   * @throws InvalidInputException as {@link #preprocess(List)}; {@code image_mean} and {@code
   *     image_std} must be a number or have one for the one channel
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocessGrey(List<GreyImage> images) {
    return preprocessGrey(Arena.ofAuto(), images);
  }

  /**
   * {@link #preprocessGrey(List)}, into memory from {@code arena}.
   *
   * @param arena where the memory of the result comes from; closing it releases the result
   * @param images n pictures, at least one
   * @return float32 [n, 1, height, width] ([n, 3, height, width] with {@code do_convert_rgb}), in
   *     the order of {@code images}
   * @throws InvalidInputException as {@link #preprocessGrey(List)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocessGrey(Arena arena, List<GreyImage> images) {
    boolean toRgb = Boolean.TRUE.equals(doConvertRgb);
    return preprocessLevels(
        arena,
        images.stream().map(image -> toRgb ? Levels.of(image.toRgb()) : Levels.of(image)).toList());
  }

  /**
   * The pixel values that a model takes: of one channel, after Pillow's {@code convert("L")}, for a
   * model whose {@code num_channels} is 1, else those of {@link #preprocess(Arena, List)}.
   *
   * @param arena where the memory of the result comes from; closing it releases the result
   * @param images n pictures, at least one
   * @param model tells the number of channels
   * @return float32, as {@link #preprocessGrey(Arena, List)} gives it for one channel, else [n, 3,
   *     height, width]; in the order of {@code images}
   * @throws InvalidInputException as {@link #preprocess(List)} or {@link #preprocessGrey(List)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocess(Arena arena, List<RgbImage> images, ViTConfig model) {
    return model.numChannels() == 1
        ? preprocessGrey(arena, images.stream().map(GreyImage::fromRgb).toList())
        : preprocess(arena, images);
  }

  /**
   * {@link #preprocess(Arena, List, ViTConfig)} of one picture, into memory that is there, such as
   * one entry of a batch. On the calling thread.
   *
   * @param image a picture of any size
   * @param model tells the number of channels
   * @param pixelValues float32 [channels, height, width], which is overwritten
   * @return whether the picture's pixel values have that shape; if not, nothing is written
   * @throws InvalidInputException as {@link #preprocess(RgbImage)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public boolean preprocessInto(RgbImage image, ViTConfig model, Tensor pixelValues) {
    Levels levels =
        model.numChannels() == 1 && !Boolean.TRUE.equals(doConvertRgb)
            ? Levels.of(GreyImage.fromRgb(image))
            : Levels.of(model.numChannels() == 1 ? GreyImage.fromRgb(image).toRgb() : image);
    ImageSize output = outputSize(levels.width, levels.height);
    if (pixelValues.elementType() != ElementType.FLOAT32
        || !pixelValues.hasShape(levels.channels, output.height(), output.width())) {
      return false;
    }
    float[] values = values(resize(levels), output, valueOfLevel(levels.channels), cropsAsTimm());
    MemorySegment.copy(
        values, 0, pixelValues.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
    return true;
  }

  /** A picture of one channel or three, interleaved. */
  private static final class Levels {
    final int width;
    final int height;
    final int channels;
    final byte[] data;

    Levels(int width, int height, int channels, byte[] data) {
      this.width = width;
      this.height = height;
      this.channels = channels;
      this.data = data;
    }

    static Levels of(RgbImage image) {
      return new Levels(image.width(), image.height(), CHANNELS, image.rgb());
    }

    static Levels of(GreyImage image) {
      return new Levels(image.width(), image.height(), 1, image.levels());
    }
  }

  private Tensor preprocessLevels(Arena arena, List<Levels> images) {
    if (images.isEmpty()) {
      throw new InvalidInputException("no images to preprocess; give at least one");
    }
    ImageSize output = commonOutputSize(images);
    int channels = images.getFirst().channels;
    float[][] valueOfLevel = valueOfLevel(channels);
    int height = output.height();
    int width = output.width();
    Tensor pixelValues =
        Tensor.allocate(arena, ElementType.FLOAT32, images.size(), channels, height, width);
    MemorySegment data = pixelValues.data();
    long bytes = (long) Float.BYTES * channels * height * width;
    IntStream indices = IntStream.range(0, images.size());
    // A confined arena's memory belongs to this thread alone.
    if (images.size() > 1 && data.isAccessibleBy(OTHER_THREAD)) {
      indices = indices.parallel();
    }
    indices.forEach(
        i -> {
          float[] values = values(resize(images.get(i)), output, valueOfLevel, cropsAsTimm());
          MemorySegment.copy(
              values, 0, data, ValueLayout.JAVA_FLOAT_UNALIGNED, i * bytes, values.length);
        });
    return pixelValues;
  }

  /**
   * The pixel values of image files, decoded and resized on all cores of the common pool. No more
   * than one decoded picture a core is in memory at a time.
   *
   * @param arena where the memory of the result comes from; closing it releases the result
   * @param reader decodes the files
   * @param files n image files, at least one
   * @return float32 [n, 3, height, width], in the order of {@code files}, the same as of the
   *     pictures one by one
   * @throws ImageException if a file cannot be read; the first in order is reported
   * @throws InvalidInputException as {@link #preprocess(List)}
   * @throws ConfigException as {@link #preprocess(RgbImage)}
   */
  public Tensor preprocessFiles(Arena arena, ImageReader reader, List<Path> files) {
    if (files.isEmpty()) {
      throw new InvalidInputException("no images to preprocess; give at least one");
    }
    float[][] valueOfLevel = valueOfLevel(CHANNELS);
    List<Prepared> results =
        files.parallelStream().map(file -> prepare(reader, file, valueOfLevel)).toList();
    for (Prepared result : results) {
      if (result.failure != null) {
        throw result.failure;
      }
    }
    Prepared first = results.getFirst();
    for (Prepared result : results) {
      requireOneSize(
          first.width, first.height, first.output, result.width, result.height, result.output);
    }
    ImageSize output = first.output;
    Tensor pixelValues =
        Tensor.allocate(
            arena, ElementType.FLOAT32, files.size(), CHANNELS, output.height(), output.width());
    long offset = 0;
    for (Prepared result : results) {
      float[] values = result.values;
      MemorySegment.copy(
          values, 0, pixelValues.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, values.length);
      offset += (long) Float.BYTES * values.length;
    }
    return pixelValues;
  }

  /** What became of a file. */
  private static final class Prepared {
    final int width;
    final int height;
    final ImageSize output;
    final float[] values;
    final @Nullable ViTException failure;

    Prepared(
        int width, int height, ImageSize output, float[] values, @Nullable ViTException failure) {
      this.width = width;
      this.height = height;
      this.output = output;
      this.values = values;
      this.failure = failure;
    }
  }

  private Prepared prepare(ImageReader reader, Path file, float[][] valueOfLevel) {
    try {
      RgbImage image = reader.read(file);
      ImageSize output = outputSize(image.width(), image.height());
      float[] values = values(resize(Levels.of(image)), output, valueOfLevel, cropsAsTimm());
      return new Prepared(image.width(), image.height(), output, values, null);
    } catch (ViTException e) {
      // Kept, so that the first in order is thrown and not the first in time.
      return new Prepared(1, 1, ImageSize.square(1), new float[0], e);
    }
  }

  /**
   * The picture that pixel values stand for: what the model sees, or what it reconstructs. Undoes
   * {@code normalize} and {@code rescale}, rounds to the nearest level and clips to 0..255; levels
   * that this processor made come back exactly.
   *
   * @param pixelValues float32 [1 or 3, height, width], of which one channel becomes grey
   * @return a picture of that height and width
   * @throws InvalidInputException if it has another shape, if {@code image_mean} or {@code
   *     image_std} do not fit its channels, or if {@code rescale_factor} is 0
   */
  public RgbImage toRgbImage(Tensor pixelValues) {
    long[] shape = pixelValues.shape();
    if (shape.length != 3 || (shape[0] != 1 && shape[0] != CHANNELS)) {
      throw new InvalidInputException(
          "pixel values of %s are no picture; give [1 or 3, height, width], one image of a batch"
              .formatted(pixelValues));
    }
    if (shape[1] < 1 || shape[2] < 1 || shape[1] * shape[2] > MAX_OUTPUT_PIXELS) {
      throw new InvalidInputException(
          "pixel values of %s are no picture; give 1 to %d pixels"
              .formatted(pixelValues, MAX_OUTPUT_PIXELS));
    }
    if (doRescale && rescaleFactor == 0) {
      throw new InvalidInputException("rescale_factor is 0, which no picture can be got back from");
    }
    int channels = (int) shape[0];
    if (doNormalize) {
      checkChannels("image_mean", imageMean, channels);
      checkChannels("image_std", imageStd, channels);
    }
    float[] values = pixelValues.toFloatArray();
    int pixels = values.length / channels;
    byte[] rgb = new byte[CHANNELS * pixels];
    for (int c = 0; c < CHANNELS; c++) {
      int channel = channels == 1 ? 0 : c;
      double std = doNormalize ? imageStd.get(channel) : 1;
      double mean = doNormalize ? imageMean.get(channel) : 0;
      double factor = doRescale ? rescaleFactor : 1;
      for (int i = 0; i < pixels; i++) {
        double level = (values[channel * pixels + i] * std + mean) / factor;
        rgb[CHANNELS * i + c] = (byte) Math.clamp(Math.round(level), 0, 255);
      }
    }
    return RgbImage.of((int) shape[2], (int) shape[1], rgb);
  }

  private ImageSize commonOutputSize(List<Levels> images) {
    Levels first = images.getFirst();
    ImageSize common = outputSize(first.width, first.height);
    for (Levels image : images) {
      ImageSize other = outputSize(image.width, image.height);
      requireOneSize(first.width, first.height, common, image.width, image.height, other);
    }
    return common;
  }

  private static void requireOneSize(
      int width, int height, ImageSize output, int width2, int height2, ImageSize output2) {
    if (!output2.equals(output)) {
      throw new InvalidInputException(
          "images of %dx%d and %dx%d pixels become %s and %s (height*width), expected one size for a batch; preprocess them one by one or set size to a height and a width"
              .formatted(width, height, width2, height2, output, output2));
    }
  }

  private Levels resize(Levels image) {
    ImageSize to = resizedSize(image.width, image.height);
    try {
      if (image.channels == 1) {
        byte[] data =
            Resampler.resizeGrey(
                image.data, image.width, image.height, to.width(), to.height(), resample);
        return new Levels(to.width(), to.height(), 1, data);
      }
      RgbImage rgb = RgbImage.of(image.width, image.height, image.data);
      return Levels.of(Resampler.resize(rgb, to.width(), to.height(), resample));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "an image of %dx%d pixels is too long to resize to %s (height*width); crop it first"
              .formatted(image.width, image.height, to),
          e);
    }
  }

  /**
   * What each level 0..255 becomes in each channel: {@code rescale} and {@code normalize} of
   * image_transforms.py.
   */
  private float[][] valueOfLevel(int channels) {
    if (doNormalize) {
      checkChannels("image_mean", imageMean, channels);
      checkChannels("image_std", imageStd, channels);
    }
    float[][] values = new float[channels][256];
    for (int channel = 0; channel < channels; channel++) {
      for (int level = 0; level < 256; level++) {
        float value = doRescale ? (float) (level * rescaleFactor) : level;
        values[channel][level] =
            doNormalize ? (value - imageMean.get(channel)) / imageStd.get(channel) : value;
      }
    }
    return values;
  }

  private static void checkChannels(String field, ChannelValues values, int channels) {
    if (!values.isScalar() && values.values().size() != channels) {
      throw new InvalidInputException(
          "%s has %d numbers, but %s has %d channels; give one number for each"
              .formatted(
                  field,
                  values.values().size(),
                  channels == 1 ? "a grey image" : "an RGB image",
                  channels));
    }
  }

  /**
   * The middle of {@code image}, channels first; {@code center_crop} of image_transforms.py, which
   * pads with level 0.
   */
  private static float[] values(
      Levels image, ImageSize output, float[][] valueOfLevel, boolean cropsAsTimm) {
    int channels = image.channels;
    float[] values = new float[channels * output.height() * output.width()];
    int top = cropStart(image.height, output.height(), cropsAsTimm);
    int left = cropStart(image.width, output.width(), cropsAsTimm);
    // The columns of the output that lie inside the image.
    int begin = Math.clamp(-(long) left, 0, output.width());
    int end = Math.clamp((long) image.width - left, begin, output.width());
    int to = 0;
    for (int channel = 0; channel < channels; channel++) {
      float[] valueOf = valueOfLevel[channel];
      for (int y = top; y < top + output.height(); y++, to += output.width()) {
        if (y < 0 || y >= image.height) {
          Arrays.fill(values, to, to + output.width(), valueOf[0]);
          continue;
        }
        Arrays.fill(values, to, to + begin, valueOf[0]);
        int from = channels * (y * image.width + left + begin) + channel;
        look(valueOf, image.data, from, channels, values, to + begin, to + end);
        Arrays.fill(values, to + end, to + output.width(), valueOf[0]);
      }
    }
    return values;
  }

  private static void look(
      float[] valueOf, byte[] levels, int from, int step, float[] values, int begin, int end) {
    for (int i = begin, p = from; i < end; i++, p += step) {
      values[i] = valueOf[levels[p] & 0xff];
    }
  }

  private boolean cropsAsTimm() {
    return imageProcessorType.equals(ViTImageProcessorJson.TIMM);
  }

  /**
   * Where the crop starts: floor((size - crop) / 2), below zero where there is padding. timm crops
   * with torchvision, whose {@code center_crop} (functional.py) rounds halves to even, and pads
   * less before than after.
   */
  private static int cropStart(int size, int crop, boolean asTimm) {
    if (!asTimm) {
      return Math.floorDiv(size - crop, 2);
    }
    return size < crop ? -((crop - size) / 2) : (int) Math.rint((size - crop) / 2.0);
  }

  /** Collects the fields of a {@link ViTImageProcessor}; not safe for several threads. */
  public static final class Builder {
    private final String imageProcessorType;
    private boolean doResize = true;
    private TargetSize size;
    private Resampling resample;
    private boolean doCenterCrop;
    private @Nullable ImageSize cropSize;
    private boolean doRescale = true;
    private double rescaleFactor = 1 / 255.0;
    private boolean doNormalize = true;
    private ChannelValues imageMean = ChannelValues.of(List.of(0.5, 0.5, 0.5));
    private ChannelValues imageStd = ChannelValues.of(List.of(0.5, 0.5, 0.5));
    private @Nullable Boolean doConvertRgb;
    private final Map<String, JsonNode> additionalFields = new LinkedHashMap<>();

    Builder(String imageProcessorType) {
      this.imageProcessorType = imageProcessorType;
      boolean deit = imageProcessorType.equals(ViTImageProcessorJson.DEIT);
      this.size = new TargetSize.Exact(ImageSize.square(deit ? 256 : 224));
      this.resample = deit ? Resampling.BICUBIC : Resampling.BILINEAR;
      this.doCenterCrop = deit;
      this.cropSize = deit ? ImageSize.square(224) : null;
    }

    /**
     * Sets whether pictures are resized to {@code size}.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder doResize(boolean value) {
      doResize = value;
      return this;
    }

    /**
     * Sets what pictures are resized to.
     *
     * @param value 224 x 224 by default
     * @return this builder
     */
    public Builder size(TargetSize value) {
      size = value;
      return this;
    }

    /**
     * {@link #size(TargetSize)} with exactly that many rows and columns.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @return this builder
     */
    public Builder size(int height, int width) {
      return size(new TargetSize.Exact(new ImageSize(height, width)));
    }

    /**
     * Sets the filter that pictures are resized with.
     *
     * @param value {@link Resampling#BILINEAR} by default
     * @return this builder
     */
    public Builder resample(Resampling value) {
      resample = value;
      return this;
    }

    /**
     * Sets whether the middle is cut out after resizing.
     *
     * @param value false by default; true needs a crop size
     * @return this builder
     */
    public Builder doCenterCrop(boolean value) {
      doCenterCrop = value;
      return this;
    }

    /**
     * Sets the size of what is cut out.
     *
     * @param value height and width in pixels; null, the default, for none
     * @return this builder
     */
    public Builder cropSize(@Nullable ImageSize value) {
      cropSize = value;
      return this;
    }

    /**
     * Sets whether levels are multiplied with the rescale factor.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder doRescale(boolean value) {
      doRescale = value;
      return this;
    }

    /**
     * Sets what levels are multiplied with.
     *
     * @param value finite; 1/255 by default
     * @return this builder
     */
    public Builder rescaleFactor(double value) {
      rescaleFactor = value;
      return this;
    }

    /**
     * Sets whether the mean is subtracted and the result divided by the standard deviation.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder doNormalize(boolean value) {
      doNormalize = value;
      return this;
    }

    /**
     * Sets the mean that is subtracted, after rescaling.
     *
     * @param value 0.5 for each of three channels by default
     * @return this builder
     */
    public Builder imageMean(ChannelValues value) {
      imageMean = value;
      return this;
    }

    /**
     * Sets the standard deviation that is divided by.
     *
     * @param value without zeros; 0.5 for each of three channels by default
     * @return this builder
     */
    public Builder imageStd(ChannelValues value) {
      imageStd = value;
      return this;
    }

    /**
     * Sets whether grey pictures become RGB.
     *
     * @param value null, the default, is not written to the file and counts as false
     * @return this builder
     */
    public Builder doConvertRgb(@Nullable Boolean value) {
      doConvertRgb = value;
      return this;
    }

    /**
     * Adds fields that ViT4J does not read.
     *
     * @param fields by name; written back as they are
     * @return this builder
     */
    public Builder additionalFields(Map<String, JsonNode> fields) {
      additionalFields.putAll(fields);
      return this;
    }

    /**
     * {@return the processor}
     *
     * @throws ConfigException if the fields do not fit together
     */
    public ViTImageProcessor build() {
      return new ViTImageProcessor(
          imageProcessorType,
          doResize,
          size,
          resample,
          doCenterCrop,
          cropSize,
          doRescale,
          rescaleFactor,
          doNormalize,
          imageMean,
          imageStd,
          doConvertRgb,
          additionalFields);
    }
  }
}
