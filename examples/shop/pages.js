import { cartOf, productOf, products, recommended, search } from './catalogue.js';

/** What a path shows, as HTML; null where there is no such page. */
export function pageOf(url, { recommends }) {
  if (url.pathname === '/') return home();
  if (url.pathname === '/products') return list(url.searchParams.get('q') ?? '');
  if (url.pathname === '/cart') return cart(url.searchParams.get('ids') ?? '');
  const product = url.pathname.startsWith('/products/') ? productOf(url.pathname.slice(10)) : null;
  return product === null ? null : detail(product, recommends);
}

function home() {
  const offers = [...products].sort((a, b) => b.stock - a.stock).slice(0, 6);
  return page('Wood things', `<h2>Plenty of these</h2>${items(offers)}`);
}

function list(query) {
  const found = search(query);
  return page('Products', `<p>${found.length} found for “${escaped(query)}”</p>${items(found)}`);
}

function detail(product, recommends) {
  const others = recommends ? `<h2>Goes well with it</h2>${items(recommended(product))}` : '';
  return page(product.name, `<p>${price(product.priceCents)}, ${product.stock} in stock</p>${others}`);
}

function cart(ids) {
  const { lines, sumCents, taxCents } = cartOf(ids);
  const rows = lines.map(
    ({ name, count, priceCents }) => `<li>${count} × ${escaped(name)}: ${price(count * priceCents)}</li>`,
  );
  return page(
    'Your cart',
    `<ul>${rows.join('')}</ul><p>Sum ${price(sumCents)}, of it tax ${price(taxCents)}</p>`,
  );
}

function items(list) {
  const rows = list.map(
    ({ id, name, priceCents }) =>
      `<li><a href="/products/${id}">${escaped(name)}</a> ${price(priceCents)}</li>`,
  );
  return `<ul>${rows.join('')}</ul>`;
}

function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>\n`;
}

function price(cents) {
  return `${(cents / 100).toFixed(2)} €`;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
