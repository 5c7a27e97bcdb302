import os

os.write(1, bytes(range(256)) + b"\x1b[31m\x1b]0;title\x07\xed\xa0\x80\xf8\x88\x80\x80\x80" + "\u202e".encode())
os.write(2, b"\0" * 1000 + b"\x9b2J")
