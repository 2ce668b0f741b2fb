/** An Envoy bootstrap, as JSON. */
export type Bootstrap = Readonly<Record<string, unknown>>;

/** What a client's proxy does with its connections. */
export interface ClientTtl {
  /** Undefined: connections are not bounded. */
  readonly milliseconds: number | undefined;
  /** Share of the TTL by which a connection may live longer. */
  readonly jitter: number;
}

/** Where a client's proxy leads to; each place has a listener of that name. */
export interface Upstreams {
  readonly terminating: number;
  readonly replacement: number;
}

const loopback = '127.0.0.1';

/** The proxy beside the application of the Pod that ends: one inbound listener that hands TCP on to it. */
export function serverBootstrap(admin: string, applicationPort: number): Bootstrap {
  return bootstrap(
    admin,
    [{ ...listener('inbound', 'application', {}), traffic_direction: 'INBOUND' }],
    [cluster('application', applicationPort)],
  );
}

/**
 * The proxies of all clients in one: a client that has not yet learned of the deletion uses the listener `terminating`,
 * one that has uses `replacement`.
 */
export function clientBootstrap(admin: string, upstreams: Upstreams, ttl: ClientTtl): Bootstrap {
  const bound =
    ttl.milliseconds === undefined
      ? {}
      : {
          max_downstream_connection_duration: `${String(ttl.milliseconds / 1000)}s`,
          max_downstream_connection_duration_jitter_percentage: { value: ttl.jitter * 100 },
        };
  const places = Object.entries(upstreams) as readonly (readonly [string, number])[];
  return bootstrap(
    admin,
    places.map(([name]) => listener(name, name, bound)),
    places.map(([name, port]) => cluster(name, port)),
  );
}

function bootstrap(
  admin: string,
  listeners: readonly unknown[],
  clusters: readonly unknown[],
): Bootstrap {
  return {
    node: { id: 'drain', cluster: 'bench' },
    admin: { address: { pipe: { path: admin } } },
    static_resources: { listeners, clusters },
  };
}

function listener(name: string, to: string, settings: object): Bootstrap {
  const proxy = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    stat_prefix: name,
    cluster: to,
    ...settings,
  };
  return {
    name,
    address: socketAddress(0),
    filter_chains: [
      { filters: [{ name: 'envoy.filters.network.tcp_proxy', typed_config: proxy }] },
    ],
  };
}

function cluster(name: string, port: number): Bootstrap {
  const endpoint = { endpoint: { address: socketAddress(port) } };
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
  };
}

function socketAddress(port: number): Bootstrap {
  return { socket_address: { address: loopback, port_value: port } };
}
