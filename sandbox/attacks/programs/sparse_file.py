import os

import attempts


def sparse(folder):
    with open(f"{folder}/sparse", "wb") as file:
        file.truncate(1 << 40)


def allocated(folder):
    with open(f"{folder}/allocated", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 40)


for folder in ("/work", "/tmp", "/dev/shm"):
    attempts.tried(f"1 TB in {folder}", lambda folder=folder: sparse(folder))
    attempts.tried(f"1 TB set aside in {folder}", lambda folder=folder: allocated(folder))
attempts.report()
