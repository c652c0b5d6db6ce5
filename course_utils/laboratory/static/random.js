// Random numbers that are the same for the same seed in every browser (Chris Doty-Humphrey's sfc32).

/** Return a function that draws uniformly from [0, 1); `stream` keeps uses of one seed apart. */
export function createRandom(seed, stream = 0) {
  let a = seed | 0, b = stream | 0, c = 0x9e3779b9 | 0, count = 1;
  const next = () => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 20; warmUp++) next(); // small seeds look alike before that
  return next;
}

/** Turn two uniform numbers into two independent standard normal ones (Box and Muller). */
export function normalPair(u, v) {
  const radius = Math.sqrt(-2 * Math.log(1 - u));
  return [radius * Math.cos(2 * Math.PI * v), radius * Math.sin(2 * Math.PI * v)];
}

/** Shuffle in place; every order is equally likely (Fisher and Yates). */
export function shuffle(items, random) {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
  return items;
}
