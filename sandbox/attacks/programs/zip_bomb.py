import gzip
import shutil
import zipfile

import attempts

with zipfile.ZipFile("/work/bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
    with bomb.open("zeros", "w", force_zip64=True) as file:
        for _ in range(1024):
            file.write(bytes(1 << 20))
with gzip.open("/work/bomb.gz", "wb", 1) as file:
    for _ in range(256):
        file.write(bytes(1 << 20))


def unpack_gzip():
    with gzip.open("/work/bomb.gz") as source, open("/tmp/zeros", "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


attempts.tried("unpack the zip file", lambda: zipfile.ZipFile("/work/bomb.zip").extractall("/tmp"))
attempts.tried("unpack the gzip file", unpack_gzip)
attempts.report()
