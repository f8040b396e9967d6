/** What loads ask for; `RUN` stands for what tells one load from another. */
export function allocation(serial: number): object {
  const pod = { namespace: 'shop', name: `shop-${serial}`, uid: `00000000-0000-4000-8000-${serial}` };
  return { node: 'n1', network: 'realip', containerId: `RUN-${serial}`, ifname: 'eth0', pod };
}

/** A put of etcd's: a record of an allocation's size under a key of its own. */
export function record(serial: number): { readonly key: string; readonly value: string } {
  const value = JSON.stringify({ ...allocation(serial), address: '10.9.1.7', generation: serial });
  return { key: `/realip/${performance.now()}/${serial}`, value };
}

/** The same as the JSON gateway takes it, in base64. */
export function put(serial: number): object {
  const { key, value } = record(serial);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return { key: base64(key), value: base64(value) };
}

/** So many items, none of which another serial's have. */
export function itemsOf<Item>(serial: number, size: number, itemOf: (serial: number) => Item): Item[] {
  return Array.from({ length: size }, (_, i) => itemOf(serial * size + i));
}

/** Makes bodies of `:batch` with so many allocations. */
export function batchOf(size: number): (serial: number) => object {
  return (serial) => ({ allocate: itemsOf(serial, size, allocation) });
}

/** Makes bodies of the gateway's transactions with so many puts. */
export function transactionOf(size: number): (serial: number) => object {
  return (serial) => ({ success: itemsOf(serial, size, (each) => ({ requestPut: put(each) })) });
}
