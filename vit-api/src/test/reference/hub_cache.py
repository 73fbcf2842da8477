"""Reads and writes the cache of models with huggingface_hub's own code, for HubProcessesTest.

The hub and the cache are those of HF_ENDPOINT and HF_HUB_CACHE:

    hub_cache.py download REPOSITORY FILE    downloads a file and prints where it is
    hub_cache.py snapshot MODEL              downloads all files of a model and prints where they are
    hub_cache.py read SNAPSHOT               prints what the cache holds, without asking the hub
    hub_cache.py hold LOCK SECONDS           holds a lock for so long
    hub_cache.py try LOCK                    prints whether a lock is free or busy
    hub_cache.py share BLOB PREFIX           moves a blob to the store that repositories share
"""

import os
import sys
import time

import filelock
import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.utils import WeakFileLock
from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store


def repository(name):
    if name.startswith("datasets/"):
        return {"repo_id": name.removeprefix("datasets/"), "repo_type": "dataset"}
    return {"repo_id": name}


def download(name, file):
    print(huggingface_hub.hf_hub_download(filename=file, **repository(name)))


def snapshot(name):
    print(huggingface_hub.snapshot_download(**repository(name)))


def read(snapshot):
    for file in sorted(os.listdir(snapshot)):
        found = huggingface_hub.try_to_load_from_cache("google/vit-tiny", file)
        print(f"{file}: {found}")
        offline = huggingface_hub.hf_hub_download("google/vit-tiny", file, local_files_only=True)
        print(f"offline {file}: {offline}")
    missing = huggingface_hub.try_to_load_from_cache("some/model", "nothing.json", revision="v1")
    if missing is huggingface_hub._CACHED_NO_EXIST:
        print("nothing.json: known to be missing")
    info = huggingface_hub.scan_cache_dir()
    for repo in sorted(info.repos, key=lambda repo: repo.repo_id):
        print(
            f"repository {repo.repo_id} {repo.repo_type} {sorted(repo.refs)} {repo.nb_files} files"
            f" {repo.size_on_disk} bytes"
        )
    print(f"warnings: {len(info.warnings)}", *info.warnings)


def hold(lock, seconds):
    os.makedirs(os.path.dirname(lock), exist_ok=True)
    with WeakFileLock(lock):
        print("held", flush=True)
        time.sleep(float(seconds))


def try_lock(lock):
    try:
        with WeakFileLock(lock, timeout=0.5):
            print("free")
    except filelock.Timeout:
        print("busy")


def share(blob, prefix):
    shared = publish_blob_to_shared_store(
        blob_path=blob,
        xet_hash=prefix * 32,
        cache_dir=constants.HF_HUB_CACHE,
        expected_size=os.path.getsize(blob),
    )
    print("shared" if shared else "not shared")


if __name__ == "__main__":
    commands = {
        "download": download,
        "snapshot": snapshot,
        "read": read,
        "hold": hold,
        "try": try_lock,
        "share": share,
    }
    commands[sys.argv[1]](*sys.argv[2:])
