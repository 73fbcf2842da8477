package io.github.vit4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.ViTImageProcessor.TargetSize;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.image.GeneratedImages;
import io.github.vit4j.image.GreyImage;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ViTImageProcessorTest {
  private static final Map<String, List<String>> CONFIGS =
      GeneratedImages.rows(ViTImageProcessorTest.class, "image-processor-configs.tsv").stream()
          .collect(Collectors.toMap(List::getFirst, row -> row));

  private static ObjectNode json(String text) {
    try {
      return Json.readObject(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ViTImageProcessor processor(String text) {
    return ViTImageProcessor.fromJson(json(text.replace('\'', '"')));
  }

  private static ObjectNode given(String config) {
    return json(Objects.requireNonNull(CONFIGS.get(config), config).get(1));
  }

  private static ViTImageProcessor named(String config) {
    return ViTImageProcessor.fromJson(given(config));
  }

  private static String sha256(Tensor tensor) {
    return GeneratedImages.sha256(tensor.data().toArray(ValueLayout.JAVA_BYTE));
  }

  private static String shape(Tensor tensor) {
    return LongStream.of(tensor.shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  @TestFactory
  Stream<DynamicTest> givesHuggingFacesPixelValues() {
    return GeneratedImages.rows(ViTImageProcessorTest.class, "image-processor.tsv").stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.get(0) + " " + row.get(1), () -> checkPixelValues(row)));
  }

  private static void checkPixelValues(List<String> row) {
    ViTImageProcessor processor = named(row.get(0));
    RgbImage image = picture(row.get(1));
    if (row.get(2).equals("refused")) {
      assertThatThrownBy(() -> processor.preprocess(image))
          .isInstanceOf(InvalidInputException.class);
      return;
    }
    Tensor pixelValues = processor.preprocess(image);
    assertThat(pixelValues.elementType()).isEqualTo(ElementType.FLOAT32);
    assertThat(shape(pixelValues)).isEqualTo(row.get(2));
    assertThat(sha256(pixelValues)).isEqualTo(row.get(3));
  }

  @TestFactory
  Stream<DynamicTest> givesHuggingFacesPixelValuesOfGrey() {
    return GeneratedImages.rows(ViTImageProcessorTest.class, "image-processor-grey.tsv").stream()
        .map(row -> DynamicTest.dynamicTest(String.join(" ", row), () -> checkGrey(row)));
  }

  private static void checkGrey(List<String> row) {
    int width = Integer.parseInt(row.get(2));
    int height = Integer.parseInt(row.get(3));
    if (row.getFirst().equals("convert-l")) {
      GreyImage converted = GreyImage.fromRgb(GeneratedImages.rgb(width, height));
      assertThat(GeneratedImages.sha256(converted.levels())).isEqualTo(row.get(5));
      return;
    }
    // The second of two channels.
    byte[] both = GeneratedImages.levels(width, height, 2);
    byte[] levels = new byte[width * height];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = both[2 * i + 1];
    }
    ViTImageProcessor processor = ViTImageProcessor.fromJson(json(row.get(1)));
    List<GreyImage> images = List.of(GreyImage.of(width, height, levels));
    if (row.get(4).equals("refused")) {
      assertThatThrownBy(() -> processor.preprocessGrey(images))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("image_mean has");
      return;
    }
    Tensor pixelValues = processor.preprocessGrey(images);
    assertThat(shape(pixelValues)).isEqualTo(row.get(4));
    assertThat(sha256(pixelValues)).isEqualTo(row.get(5));
  }

  @Test
  void picturesBecomeGreyForAModelOfOneChannel() {
    ViTImageProcessor processor = processor("{'image_mean': [0.5], 'image_std': [0.5]}");
    List<RgbImage> images = List.of(GeneratedImages.rgb(30, 20), GeneratedImages.rgb(9, 9));
    ViTConfig grey = ViTConfig.builder().numChannels(1).build();
    Tensor pixelValues = processor.preprocess(Arena.ofAuto(), images, grey);
    assertThat(pixelValues.shape()).containsExactly(2, 1, 224, 224);
    assertThat(sha256(pixelValues))
        .isEqualTo(
            sha256(processor.preprocessGrey(images.stream().map(GreyImage::fromRgb).toList())));
    RgbImage back = processor.toRgbImage(pixelValues.slice(0));
    assertThat(back.level(5, 6, 0)).isEqualTo(back.level(5, 6, 2));
  }

  private static RgbImage picture(String name) {
    if (name.contains("/")) {
      return ImageReader.create().read(GeneratedImages.photo(name));
    }
    String[] size = name.split("x", 2);
    return GeneratedImages.rgb(Integer.parseInt(size[0]), Integer.parseInt(size[1]));
  }

  @TestFactory
  Stream<DynamicTest> writesWhatHuggingFaceWrites() {
    return CONFIGS.values().stream()
        .map(row -> DynamicTest.dynamicTest(row.getFirst(), () -> checkWritten(row)));
  }

  private static void checkWritten(List<String> row) {
    ViTImageProcessor processor = ViTImageProcessor.fromJson(json(row.get(1)));
    ObjectNode written = processor.toJson();
    assertThat(ViTImageProcessor.fromJson(written)).isEqualTo(processor);
    ObjectNode saved = json(row.get(2));
    if (row.getFirst().equals("null-steps")) {
      // HuggingFace keeps null where ViT4J says false; both leave the step out.
      saved.put("do_resize", false).put("do_normalize", false);
    }
    saved.remove("default_to_square");
    // As text, because 1 and 1.0 are different nodes.
    assertThat(Json.toPrettyString(written)).isEqualTo(withDoubles(saved));
  }

  private static String withDoubles(ObjectNode saved) {
    return Json.toPrettyString(ViTImageProcessorTest.sortedLikePython(saved))
        .replace("\n    1,\n    1,\n    1\n", "\n    1.0,\n    1.0,\n    1.0\n");
  }

  private static ObjectNode sortedLikePython(ObjectNode node) {
    ObjectNode sorted = Json.object();
    node.properties().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> sorted.set(e.getKey(), e.getValue()));
    return sorted;
  }

  @Test
  void defaultsAreThoseOfHuggingFace() {
    assertThat(processor("{}")).isEqualTo(ViTImageProcessor.builder().build());
    assertThat(named("default")).isEqualTo(ViTImageProcessor.builder().build());
  }

  @Test
  void savesAndLoads(@TempDir Path directory) throws IOException {
    ViTImageProcessor processor =
        ViTImageProcessor.builder()
            .size(new TargetSize.ShortestEdge(256))
            .resample(Resampling.BICUBIC)
            .doCenterCrop(true)
            .cropSize(ImageSize.square(224))
            .build();
    Path target = directory.resolve("new/model");
    processor.savePretrained(target);
    processor.savePretrained(target);
    assertThat(ViTImageProcessor.fromPretrained(target)).isEqualTo(processor);
    assertThat(ViTImageProcessor.fromPretrained(target.resolve(ViTImageProcessor.FILE_NAME)))
        .isEqualTo(processor);
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files).as("no temporary file is left").hasSize(1);
    }
    assertThat(processor.toBuilder().build()).isEqualTo(processor);
  }

  @Test
  void failsToSaveWithOneLine(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> ViTImageProcessor.builder().build().savePretrained(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cannot write");
  }

  @Test
  void missingFileIsModelNotFound(@TempDir Path directory) {
    assertThatThrownBy(() -> ViTImageProcessor.fromPretrained(directory))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining(ViTImageProcessor.FILE_NAME);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'size': 0}",
        "{'size': -3}",
        "{'size': 8.0}",
        "{'size': 'big'}",
        "{'size': null}",
        "{'size': {'height': 8}}",
        "{'size': {'height': 8, 'width': 8, 'depth': 8}}",
        "{'size': {'height': 8.5, 'width': 8}}",
        "{'size': {'min_pixels': 8, 'max_pixels': 80}}",
        "{'size': [8]}",
        "{'size': 1000000000}",
        "{'size': 99999999999999}",
        "{'crop_size': {'shortest_edge': 8}}",
        "{'crop_size': 1000000}",
        "{'do_center_crop': true}",
        "{'resample': 6}",
        "{'resample': -1}",
        "{'resample': '2'}",
        "{'resample': null}",
        "{'do_resize': 1}",
        "{'do_resize': 'false'}",
        "{'do_pad': true}",
        "{'rescale_factor': 'x'}",
        "{'rescale_factor': null}",
        "{'rescale_factor': 1e999}",
        "{'image_mean': null}",
        "{'image_mean': []}",
        "{'image_mean': ['a', 0, 0]}",
        "{'image_mean': 1e300}",
        "{'image_std': [0.5, 0, 0.5]}",
        "{'image_std': 1e-60}",
        "{'do_convert_rgb': 3}",
        "{'image_processor_type': 'CLIPImageProcessor'}",
        "{'feature_extractor_type': 'Wav2Vec2FeatureExtractor'}",
      })
  void refusesWrongValues(String text) {
    assertThatThrownBy(() -> processor(text))
        .isInstanceOf(ConfigException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void valuesOfStepsThatAreOffMayBeNull() {
    ViTImageProcessor processor =
        processor(
            "{'do_resize': false, 'size': null, 'resample': null, 'do_rescale': false, 'rescale_factor': null, 'do_normalize': false, 'image_mean': null, 'image_std': null, 'crop_size': null}");
    assertThat(processor.preprocess(GeneratedImages.rgb(3, 2)).toFloatArray())
        .contains(GeneratedImages.rgb(3, 2).level(2, 1, 2));
  }

  @Test
  void refusesWhatHuggingFaceDoesNotResizeWith() {
    assertRefused(ConfigException.class, "{'size': {'longest_edge': 8}}", 4, 4);
  }

  @Test
  void refusesWrongNumberOfChannels() {
    assertRefused(InvalidInputException.class, "{'image_mean': [0.5]}", 4, 4);
    assertRefused(InvalidInputException.class, "{'image_std': [0.5, 0.5, 0.5, 0.5]}", 4, 4);
  }

  @Test
  void refusesToResizeToWhatNoMemoryHolds() {
    assertRefused(InvalidInputException.class, "{'size': {'shortest_edge': 224}}", 1, 1_000_000);
    assertRefused(
        InvalidInputException.class, "{'size': {'shortest_edge': 2000000000}}", 2, 1_000_000);
  }

  private static void assertRefused(
      Class<? extends ViTException> type, String config, int width, int height) {
    ViTImageProcessor processor = processor(config);
    RgbImage image = RgbImage.of(width, height, new byte[3 * width * height]);
    assertThatThrownBy(() -> processor.preprocess(image))
        .isInstanceOf(type)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default",
        "lanczos-384-imagenet",
        "rescale-only",
        "normalize-only",
        "no-resize-scalar",
        "odd-rescale-factor",
        "null-steps"
      })
  void pixelValuesBecomeTheResizedPictureAgain(String config) {
    ViTImageProcessor processor = named(config);
    // All levels are in it.
    RgbImage image = GeneratedImages.rgb(320, 240);
    ImageSize size = processor.outputSize(320, 240);
    RgbImage resized =
        processor.doResize()
            ? Resampler.resize(image, size.width(), size.height(), processor.resample())
            : image;
    RgbImage back = processor.toRgbImage(processor.preprocess(image).slice(0));
    assertThat(back.width()).isEqualTo(size.width());
    assertThat(back.rgb()).isEqualTo(resized.rgb());
  }

  @Test
  void pixelValuesBeyondTheLevelsAreClipped() {
    ViTImageProcessor processor = ViTImageProcessor.builder().build();
    float[] values = {-7, 7, Float.NaN, Float.POSITIVE_INFINITY, -1, 0.0001f};
    byte[] rgb = processor.toRgbImage(Tensor.of(values, 3, 1, 2)).rgb();
    // Planes of red, green and blue become pixels.
    assertThat(rgb).containsExactly(0, 0, 0, -1, -1, -128);
  }

  @ParameterizedTest
  @CsvSource({
    "'1,3,2,2', image of a batch",
    "'2,2,2', image of a batch",
    "'2,2', image of a batch"
  })
  void refusesPixelValuesThatAreNoPicture(String shape, String said) {
    long[] dimensions = Stream.of(shape.split(",", -1)).mapToLong(Long::parseLong).toArray();
    Tensor tensor =
        Tensor.of(new float[Math.toIntExact(Tensor.elementCount(dimensions))], dimensions);
    ViTImageProcessor processor = ViTImageProcessor.builder().build();
    assertThatThrownBy(() -> processor.toRgbImage(tensor))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(said);
  }

  @Test
  void batchIsItsPicturesInOrder() {
    List<RgbImage> images =
        List.of(
            GeneratedImages.rgb(30, 20), GeneratedImages.rgb(224, 224), GeneratedImages.rgb(1, 9));
    ViTImageProcessor processor = ViTImageProcessor.builder().build();
    try (Arena arena = Arena.ofConfined()) {
      Tensor batch = processor.preprocess(arena, images);
      assertThat(batch.shape()).containsExactly(3, 3, 224, 224);
      for (int i = 0; i < images.size(); i++) {
        assertThat(sha256(batch.slice(i))).isEqualTo(sha256(processor.preprocess(images.get(i))));
      }
    }
  }

  @Test
  void manyPicturesAndFilesAreThoseOneByOneInOrder(@TempDir Path directory) throws IOException {
    List<RgbImage> images = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RgbImage image = GeneratedImages.rgb(300 - 7 * i, 20 + 5 * i);
      images.add(image);
      files.add(Files.write(directory.resolve(i + ".png"), image.toPng()));
    }
    ViTImageProcessor processor =
        processor("{'size': 64, 'crop_size': 80, 'do_center_crop': true}");
    List<String> expected =
        images.stream().map(image -> sha256(processor.preprocess(image).slice(0))).toList();
    Tensor batch = processor.preprocess(images);
    assertThat(IntStream.range(0, 40).mapToObj(i -> sha256(batch.slice(i)))).isEqualTo(expected);
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      for (Arena arena : List.of(Arena.ofAuto(), confined, shared)) {
        Tensor read = processor.preprocessFiles(arena, ImageReader.create(), files);
        assertThat(read.shape()).containsExactly(40, 3, 80, 80);
        assertThat(IntStream.range(0, 40).mapToObj(i -> sha256(read.slice(i)))).isEqualTo(expected);
        Tensor decoded = processor.preprocess(arena, images);
        assertThat(sha256(decoded)).isEqualTo(sha256(read));
      }
    }
  }

  @Test
  void theFirstFileThatFailsIsReported(@TempDir Path directory) throws IOException {
    Path good = directory.resolve("good.png");
    Files.write(good, GeneratedImages.rgb(30, 20).toPng());
    Path large = directory.resolve("large.png");
    Files.write(large, GeneratedImages.rgb(300, 20).toPng());
    Path bad = Files.writeString(directory.resolve("bad.png"), "no image");
    Path missing = directory.resolve("missing.png");
    ViTImageProcessor processor = processor("{'do_resize': false}");
    ImageReader reader = ImageReader.create();
    Arena arena = Arena.ofAuto();
    assertThatThrownBy(
            () -> processor.preprocessFiles(arena, reader, List.of(good, missing, bad, good)))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("missing.png");
    assertThatThrownBy(() -> processor.preprocessFiles(arena, reader, List.of(good, large)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("300x20");
    assertThatThrownBy(() -> processor.preprocessFiles(arena, reader, List.of()))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void batchNeedsOneSize() {
    ViTImageProcessor processor = processor("{'size': {'shortest_edge': 8}}");
    List<RgbImage> images = List.of(GeneratedImages.rgb(8, 8), GeneratedImages.rgb(8, 16));
    assertThatThrownBy(() -> processor.preprocess(images))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("8x16");
    assertThatThrownBy(() -> processor.preprocess(List.of()))
        .isInstanceOf(InvalidInputException.class);
    assertThat(processor.preprocess(List.of(images.getFirst(), images.getFirst())).shape())
        .containsExactly(2, 3, 8, 8);
  }

  @Test
  void oldNameGivesTheSame(@TempDir Path directory) {
    ViTFeatureExtractor extractor = ViTFeatureExtractor.fromJson(given("old-feature-extractor"));
    RgbImage image = GeneratedImages.rgb(50, 40);
    String expected = sha256(ViTImageProcessor.builder().build().preprocess(image));
    assertThat(sha256(extractor.preprocess(image))).isEqualTo(expected);
    assertThat(sha256(extractor.preprocess(List.of(image)))).isEqualTo(expected);
    extractor.savePretrained(directory);
    assertThat(ViTFeatureExtractor.fromPretrained(directory).imageProcessor())
        .isEqualTo(extractor.imageProcessor());
    assertThat(extractor.toJson()).isEqualTo(extractor.imageProcessor().toJson());
  }
}
