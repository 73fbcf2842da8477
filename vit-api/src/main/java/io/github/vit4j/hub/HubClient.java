package io.github.vit4j.hub;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.HubException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Downloads models and single files from the HuggingFace hub, into the cache that HuggingFace's
 * Python code uses: what Python downloaded is found, and the other way round.
 *
 * <p>Settings come from the environment as for Python: {@code HF_ENDPOINT}, {@code HF_TOKEN} (or
 * the file that {@code hf auth login} writes), {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code
 * HF_HUB_OFFLINE}, {@code HF_HUB_DOWNLOAD_TIMEOUT}, {@code HF_HUB_ETAG_TIMEOUT}, {@code
 * HF_HUB_DISABLE_SYMLINKS}, and the proxies of {@code https_proxy} and the like or of {@code
 * -Dhttps.proxyHost}. The token goes to the endpoint alone, never to where it redirects.
 *
 * <p>Downloads go on where they stopped, are tried again after failures that may pass, and are
 * compared with the size and the hash that the hub announces before they get their name in the
 * cache. When the hub cannot be reached, the commit that the cache holds is taken, with a warning
 * in the log.
 *
 * <p>Immutable and thread-safe. Nothing has to be closed; there is no network before the first
 * question that the cache does not answer.
 */
public final class HubClient {
  /** The revision that is meant when none is given. */
  public static final String DEFAULT_REVISION = "main";

  /** Between a model's id and a revision: {@code namespace/name@revision}. */
  static final String REVISION_MARK = "@";

  private final HubSettings settings;
  private final Supplier<HttpClient> client;
  private final HubHttp http;

  private HubClient(HubSettings settings, Supplier<HttpClient> client) {
    this.settings = settings;
    this.client = client;
    this.http = new HubHttp(settings, client);
  }

  /**
   * A client with the settings of the process's environment.
   *
   * @return a client
   * @throws HubException INVALID if a variable holds what cannot be
   */
  public static HubClient fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  /**
   * {@link #fromEnvironment()}, with other variables.
   *
   * @param variables in place of {@link System#getenv()}
   * @return a client
   * @throws HubException INVALID if a variable holds what cannot be
   */
  public static HubClient fromEnvironment(Map<String, String> variables) {
    return builder(variables).build();
  }

  /**
   * A builder that starts from the process's environment.
   *
   * @return a builder
   * @throws HubException INVALID if a variable holds what cannot be
   */
  public static Builder builder() {
    return builder(System.getenv());
  }

  /**
   * A builder that starts from these variables.
   *
   * @param variables in place of {@link System#getenv()}
   * @return a builder
   * @throws HubException INVALID if a variable holds what cannot be
   */
  public static Builder builder(Map<String, String> variables) {
    return new Builder(new HubEnvironment(variables));
  }

  /**
   * The same client, which tells that listener how far downloads have come.
   *
   * @param listener in place of the one it has
   * @return a client that shares this one's connections
   */
  public HubClient withListener(DownloadListener listener) {
    return new HubClient(
        new HubSettings(
            settings.endpoint(),
            settings.token(),
            settings.cache(),
            settings.offline(),
            settings.symlinks(),
            settings.connectTimeout(),
            settings.answerTimeout(),
            settings.stallTimeout(),
            settings.retries(),
            settings.retryDelay(),
            settings.parallel(),
            listener),
        client);
  }

  /**
   * The address of the hub.
   *
   * @return without a slash at its end
   */
  public URI endpoint() {
    return settings.endpoint();
  }

  /**
   * What is in the cache.
   *
   * @return a view on the folder
   */
  public HubCache cache() {
    return new HubCache(settings.cache());
  }

  /**
   * {@link #model(String, String)}, at the revision {@code main}.
   *
   * @param id {@code namespace/name}
   * @return the folder in the cache that holds its files
   * @throws HubException if a file cannot be had
   */
  public Path model(String id) {
    return model(id, DEFAULT_REVISION);
  }

  /**
   * Downloads a model whole: {@code config.json}, {@code preprocessor_config.json} if it has one,
   * and its weights ({@code model.safetensors}, else its shards, else {@code pytorch_model.bin},
   * else its shards, else {@code model.onnx}), several files at once. What is in the cache is not
   * downloaded again.
   *
   * @param id {@code namespace/name}
   * @param revision a branch, a tag or a commit
   * @return the folder in the cache that holds them; a model directory in HuggingFace's form
   * @throws HubException if a file cannot be had
   */
  public Path model(String id, String revision) {
    HubRevision files = revision(RepositoryId.model(id), revision);
    // First what tells whether it is a model at all.
    Path config = files.get(ViTConfig.FILE_NAME);
    List<String> names = new ArrayList<>(WeightFiles.of(files));
    // Whether it has this one is not known when only the cache can be asked.
    if (files.isReachable()
        ? files.find(ModelFiles.PREPROCESSOR_CONFIG).isPresent()
        : files.holds(ModelFiles.PREPROCESSOR_CONFIG)) {
      names.add(ModelFiles.PREPROCESSOR_CONFIG);
    }
    files.getAll(names);
    return Objects.requireNonNull(config.getParent());
  }

  /**
   * {@link #modelFile(String, String, String)}, at the revision {@code main}.
   *
   * @param id {@code namespace/name}
   * @param file its name in the repository, folders separated by {@code /}
   * @return where it is in the cache
   * @throws HubException if it cannot be had
   */
  public Path modelFile(String id, String file) {
    return modelFile(id, DEFAULT_REVISION, file);
  }

  /**
   * Downloads one file of a model's repository, as {@code hf_hub_download} does.
   *
   * @param id {@code namespace/name}
   * @param revision a branch, a tag or a commit
   * @param file its name in the repository, folders separated by {@code /}
   * @return where it is in the cache
   * @throws HubException if it cannot be had
   */
  public Path modelFile(String id, String revision, String file) {
    return revision(RepositoryId.model(id), revision).getSingle(file);
  }

  /**
   * {@link #datasetFile(String, String, String)}, at the revision {@code main}.
   *
   * @param id {@code namespace/name}
   * @param file its name in the repository, folders separated by {@code /}
   * @return where it is in the cache
   * @throws HubException if it cannot be had
   */
  public Path datasetFile(String id, String file) {
    return datasetFile(id, DEFAULT_REVISION, file);
  }

  /**
   * Downloads one file of a dataset's repository, as {@code hf_hub_download} with {@code
   * repo_type="dataset"} does.
   *
   * @param id {@code namespace/name}
   * @param revision a branch, a tag or a commit
   * @param file its name in the repository, folders separated by {@code /}
   * @return where it is in the cache
   * @throws HubException if it cannot be had
   */
  public Path datasetFile(String id, String revision, String file) {
    return revision(RepositoryId.dataset(id), revision).getSingle(file);
  }

  private HubRevision revision(RepositoryId repository, String revision) {
    return new HubRevision(settings, http, repository, revision);
  }

  /**
   * The files of a model, each downloaded when it is first needed.
   *
   * @param id {@code namespace/name}
   * @param revision a branch, a tag or a commit
   * @return the files, of which none is asked for yet
   * @throws HubException INVALID if one of them cannot be
   */
  public ModelFiles files(String id, String revision) {
    return new HubModel(revision(RepositoryId.model(id), revision));
  }

  /** Endpoint and cache; not the token. */
  @Override
  public String toString() {
    return settings.toString();
  }

  /** Makes clients; not thread-safe. */
  public static final class Builder {
    private static final Duration TIMEOUT = Duration.ofSeconds(10); // constants.py
    private static final int RETRIES = 5; // _nb_retries of http_get
    private static final int PARALLEL = 8; // max_workers of snapshot_download

    private final HubEnvironment environment;
    private URI endpoint;
    private Optional<String> token;
    private Path cache;
    private boolean offline;
    private Duration answerTimeout;
    private Duration stallTimeout;
    private int retries = RETRIES;
    private Duration retryDelay = Duration.ofSeconds(1);
    private int parallel = PARALLEL;
    private DownloadListener listener = DownloadListener.NONE;

    private Builder(HubEnvironment environment) {
      this.environment = environment;
      this.endpoint = environment.endpoint();
      this.token = environment.token();
      this.cache = environment.cacheDirectory();
      this.offline = environment.offline();
      this.answerTimeout = environment.seconds("HF_HUB_ETAG_TIMEOUT", TIMEOUT);
      this.stallTimeout = environment.seconds("HF_HUB_DOWNLOAD_TIMEOUT", TIMEOUT);
    }

    /**
     * The hub, or a mirror of it.
     *
     * @param value an http or https address
     * @return this builder
     * @throws HubException INVALID if it is not an http or https address
     */
    public Builder endpoint(String value) {
      endpoint = HubEnvironment.endpoint("the endpoint", value);
      return this;
    }

    /**
     * The token that is sent to the endpoint.
     *
     * @param value as {@code HF_TOKEN} holds it
     * @return this builder
     * @throws HubException INVALID if it holds characters that no token has
     */
    public Builder token(String value) {
      token = Optional.of(HubEnvironment.token("the client's settings", value));
      return this;
    }

    /**
     * The folder that holds {@code models--…}.
     *
     * @param value made if it is not there
     * @return this builder
     */
    public Builder cacheDirectory(Path value) {
      cache = value.toAbsolutePath().normalize();
      return this;
    }

    /**
     * Whether to use nothing but the cache.
     *
     * @param value true if the hub is not to be asked
     * @return this builder
     */
    public Builder offline(boolean value) {
      offline = value;
      return this;
    }

    /**
     * How long to wait for a connection and for an answer; 10 seconds by default.
     *
     * @param value more than zero
     * @return this builder
     */
    public Builder answerTimeout(Duration value) {
      answerTimeout = positive(value);
      return this;
    }

    /**
     * How long to wait for the next part of an answer; 10 seconds by default.
     *
     * @param value more than zero
     * @return this builder
     */
    public Builder stallTimeout(Duration value) {
      stallTimeout = positive(value);
      return this;
    }

    /**
     * How often what may pass is tried again; 5 times by default.
     *
     * @param value at least 0
     * @return this builder
     */
    public Builder retries(int value) {
      if (value < 0) {
        throw new IllegalArgumentException("retries must not be negative, got " + value);
      }
      retries = value;
      return this;
    }

    /**
     * The pause before the first of these, doubled each time; 1 second by default.
     *
     * @param value more than zero
     * @return this builder
     */
    public Builder retryDelay(Duration value) {
      retryDelay = positive(value);
      return this;
    }

    /**
     * How many files are downloaded at once; 8 by default.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder parallel(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("parallel must be at least 1, got " + value);
      }
      parallel = value;
      return this;
    }

    /**
     * Is told how far downloads have come.
     *
     * @param value called from several threads
     * @return this builder
     */
    public Builder listener(DownloadListener value) {
      listener = value;
      return this;
    }

    private static Duration positive(Duration value) {
      if (!value.isPositive()) {
        throw new IllegalArgumentException("a timeout must be more than zero, got " + value);
      }
      return value;
    }

    /**
     * A client with these settings.
     *
     * @return a client; the builder may be used again
     */
    public HubClient build() {
      HubSettings settings =
          new HubSettings(
              endpoint,
              token,
              cache,
              offline,
              !environment.isTrue("HF_HUB_DISABLE_SYMLINKS"),
              answerTimeout,
              answerTimeout,
              stallTimeout,
              retries,
              retryDelay,
              parallel,
              listener);
      return new HubClient(settings, new LazyClient(settings, environment));
    }
  }

  /** Made at the first request: its threads are not needed offline. */
  private static final class LazyClient implements Supplier<HttpClient> {
    private final HubSettings settings;
    private final HubEnvironment environment;
    private Optional<HttpClient> made = Optional.empty();

    LazyClient(HubSettings settings, HubEnvironment environment) {
      this.settings = settings;
      this.environment = environment;
    }

    @Override
    public synchronized HttpClient get() {
      HttpClient client = made.orElseGet(() -> HubHttp.newClient(settings, environment));
      made = Optional.of(client);
      return client;
    }
  }
}
