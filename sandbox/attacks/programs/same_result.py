import os
import random

print(hash("a"), sorted(os.environ.items()), random.Random(0).random(), {"b", "a", "c"}, os.listdir("/work"))
raise ValueError({"c", "d", "e"})
