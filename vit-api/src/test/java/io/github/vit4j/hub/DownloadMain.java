package io.github.vit4j.hub;

/** Downloads a model in a process of its own, with the settings of its environment. */
final class DownloadMain {
  private DownloadMain() {}

  /** Downloads the model named by the argument and prints where it is. */
  public static void main(String[] args) {
    System.out.println(HubFixture.inAHurry(HubClient.builder()).build().model(args[0]));
  }
}
