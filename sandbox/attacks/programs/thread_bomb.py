import threading

stop = threading.Event()
made = 0
try:
    while made < 20_000:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
    why = "None"
except RuntimeError:
    why = "EAGAIN"
stop.set()
print(made, why)
