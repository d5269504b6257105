const kinds = ['Lamp', 'Chair', 'Shelf', 'Table', 'Clock', 'Mirror', 'Basket', 'Vase'];
const woods = ['oak', 'ash', 'birch', 'walnut', 'pine', 'beech'];

/** Everything on sale; prices in cents. */
export const products = kinds.flatMap((kind, i) =>
  woods.map((wood, j) => ({
    id: `p${i * woods.length + j + 1}`,
    name: `${kind}, ${wood}`,
    wood,
    priceCents: 1900 + ((i * 997 + j * 331) % 24_000),
    stock: (i * 7 + j * 5) % 40,
  })),
);

const byId = new Map(products.map((product) => [product.id, product]));

export function productOf(id) {
  return byId.get(id) ?? null;
}

/** Products whose name holds every word, cheapest first. */
export function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return products
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((left, right) => left.priceCents - right.priceCents);
}

/** Others in the same wood, nearest in price. */
export function recommended({ id, wood, priceCents }) {
  return products
    .filter((other) => other.wood === wood && other.id !== id)
    .sort((a, b) => Math.abs(a.priceCents - priceCents) - Math.abs(b.priceCents - priceCents))
    .slice(0, 3);
}

/** Lines and sum of a cart such as `p1,p7,p1`; unknown ids are left out. */
export function cartOf(ids) {
  const counts = new Map();
  for (const id of ids.split(',').slice(0, 50)) {
    if (byId.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const lines = [...counts].map(([id, count]) => ({ ...byId.get(id), count }));
  const sumCents = lines.reduce((sum, { priceCents, count }) => sum + priceCents * count, 0);
  return { lines, sumCents, taxCents: Math.round((sumCents * 19) / 119) };
}
