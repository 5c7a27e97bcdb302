keep = [bytearray(8 << 20) for _ in range(4 * 256 // 8)]
print(len(keep))
