import json
import os

with open("bait.json") as file:
    bait = json.load(file)
for name, target in (("data.json", bait["files"][0]), ("other.json", "/etc/passwd")):
    os.unlink(name)
    os.symlink(target, name)
os.symlink("/proc/1/mem", "result.txt")
os.symlink(".", "loop")
