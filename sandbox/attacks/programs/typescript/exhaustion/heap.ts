const kept: string[][] = [];
for (let i = 0; ; i++) kept.push(Array.from({ length: 10_000 }, (_, n) => `${i}-${n}`));
