import io
import json
import tarfile
import zipfile

with open("bait.json") as file:
    token = json.load(file)["token"]
NAMES = (f"../../../../../../tmp/{token}", f"/tmp/{token}", f"/etc/{token}", f"a/../../../{token}")
with tarfile.open("out.tar", "w") as tar:
    link = tarfile.TarInfo("way")
    link.type, link.linkname = tarfile.SYMTYPE, "/tmp"
    tar.addfile(link)
    for name in (*NAMES, f"way/{token}"):
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
with zipfile.ZipFile("out.zip", "w") as archive:
    for name in NAMES:
        archive.writestr(name, "x")
for archive in ("data.json", "other.json"):
    import os
    import shutil

    os.unlink(archive)
    shutil.copy("out.tar", archive)
