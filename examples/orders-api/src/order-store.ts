/** Orders in memory: enough for an example, gone with the process. */

export interface Order {
  readonly id: string;
  readonly item: string;
  /** Subject of the token that placed it. */
  readonly placedBy: string;
}

export interface OrderStore {
  list(): readonly Order[];
  find(id: string): Order | undefined;
  add(item: string, placedBy: string): Order;
  /** The changed order; undefined if there is none of this id. */
  change(id: string, item: string): Order | undefined;
  /** Whether there was one. */
  remove(id: string): boolean;
}

const MOST_ORDERS = 1000;

export function createOrderStore(): OrderStore {
  const orders = new Map<string, Order>();
  let lastNumber = 0;
  const put = (order: Order): Order => {
    orders.set(order.id, order);
    return order;
  };
  const store: OrderStore = {
    list: () => [...orders.values()],
    find: (id) => orders.get(id),
    add(item, placedBy) {
      lastNumber += 1;
      // An example that runs for weeks must not fill its memory: the oldest order makes room.
      const [oldest] = orders.keys();
      if (orders.size >= MOST_ORDERS && oldest !== undefined) orders.delete(oldest);
      return put({ id: String(lastNumber), item, placedBy });
    },
    change(id, item) {
      const order = orders.get(id);
      return order === undefined ? undefined : put({ ...order, item });
    },
    remove: (id) => orders.delete(id),
  };
  store.add('coffee', 'the house');
  return store;
}
