import attempts

for folder in ("/work", "/tmp", "/dev/shm"):

    def fill(folder=folder):
        with open(f"{folder}/fill", "wb") as file:
            for _ in range(400):
                file.write(bytes(1 << 20))

    attempts.tried(f"400 MB into {folder}", fill)
attempts.report()
