import os
import sys
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(600)", open("token").read()])
    os._exit(0)
os.wait()
time.sleep(0.1)
print("ended")
