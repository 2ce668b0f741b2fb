/** What decides how Istio has to treat a database's connections. */
export interface DatabaseKind {
  /** For people: `PostgreSQL`. */
  readonly name: string;
  /** The server greets before the client has sent a byte; `documented`: Istio's documentation counts it so. */
  readonly serverFirst: boolean | 'documented';
  /** TLS starts inside a connection that began in plaintext, so that its first bytes hold no SNI. */
  readonly upgradesToTls: boolean;
  /** Ports that speak HTTP or gRPC are not listed: Istio knows what to do with them. */
  readonly ports: readonly number[];
  /** Ports, between members too, that are numbers of other things as well: they count beside other evidence only. */
  readonly otherPorts: readonly number[];
  /** Last segments of image names, or the last two where one says too little (`mssql/server`). */
  readonly images: readonly string[];
  /** Words by which port names and labels tell it. */
  readonly words: readonly string[];
  /** Labels that operators set on their Pods: `key`, or `key=value`. */
  readonly labels: readonly string[];
}

const clientFirst = { serverFirst: false, upgradesToTls: false, otherPorts: [], labels: [] };
const serverFirst = { serverFirst: true, upgradesToTls: true };

/** The databases that are recognised without configuration. Sources: their documentation and operators' labels. */
export const databaseKinds: readonly DatabaseKind[] = [
  {
    ...clientFirst,
    name: 'PostgreSQL',
    upgradesToTls: true,
    ports: [5432, 6432],
    otherPorts: [5433],
    images: [
      'postgres',
      'postgresql',
      'postgresql-repmgr',
      'postgis',
      'timescaledb',
      'timescaledb-ha',
      'pgvector',
      'pgvecto-rs',
      'citus',
      'spilo',
      'spilo-14',
      'spilo-15',
      'spilo-16',
      'spilo-17',
      'crunchy-postgres',
      'pgbouncer',
      'pgpool',
      'alloydbomni',
      'percona-distribution-postgresql',
    ],
    words: ['postgres', 'postgresql', 'pg', 'psql', 'pgsql', 'pgbouncer'],
    labels: [
      'cnpg.io/cluster',
      'application=spilo',
      'postgres-operator.crunchydata.com/cluster',
      'stackgres.io/cluster',
    ],
  },
  {
    ...serverFirst,
    name: 'MySQL',
    ports: [3306],
    otherPorts: [3307, 4000, 4006, 4444, 4567, 4568, 6033, 6446, 6447, 15306, 33060, 33061, 33062],
    images: [
      'mysql',
      'mysql-server',
      'mysql/community-server',
      'mysql/enterprise-server',
      'mariadb',
      'mariadb-galera',
      'percona',
      'percona-server',
      'percona-xtradb-cluster',
      'maxscale',
      'proxysql',
      'vtgate',
      'tidb',
    ],
    words: ['mysql', 'maria', 'mariadb', 'galera', 'pxc'],
    labels: [
      'app.kubernetes.io/name=percona-xtradb-cluster',
      'mysql.oracle.com/cluster',
      'app.kubernetes.io/name=mysql-innodbcluster-mysql-server',
      'k8s.mariadb.com/role',
    ],
  },
  {
    ...clientFirst,
    name: 'MongoDB',
    serverFirst: 'documented',
    ports: [27017, 27018, 27019],
    images: [
      'mongo',
      'mongodb',
      'mongodb-community-server',
      'mongodb-enterprise-server',
      'percona-server-mongodb',
      'ferretdb',
    ],
    words: ['mongo', 'mongodb', 'mongos', 'mongod'],
    labels: ['app.kubernetes.io/name=percona-server-mongodb'],
  },
  {
    ...clientFirst,
    name: 'Redis',
    ports: [6379, 16379, 26379],
    otherPorts: [6380],
    images: [
      'redis',
      'redis-cluster',
      'redis-sentinel',
      'redis-stack',
      'redis-stack-server',
      'valkey',
      'keydb',
      'dragonfly',
    ],
    words: ['redis', 'valkey', 'keydb'],
    labels: ['redis-cr-name', 'redis_setup_type'],
  },
  {
    ...clientFirst,
    name: 'Cassandra',
    ports: [9042],
    otherPorts: [7000, 7001, 7199, 9142, 9160, 19042],
    images: ['cassandra', 'dse-server', 'cass-management-api', 'scylla', 'scylla-enterprise'],
    words: ['cassandra', 'cql', 'scylla'],
    labels: ['cassandra.datastax.com/cluster', 'scylla/cluster'],
  },
  {
    ...clientFirst,
    name: 'Kafka',
    ports: [9092],
    otherPorts: [9091, 9093, 9094, 9095, 29092],
    images: ['kafka', 'kafka-native', 'cp-kafka', 'cp-server', 'redpanda'],
    words: ['kafka', 'redpanda'],
    labels: ['strimzi.io/broker-role=true', 'strimzi.io/component-type=kafka'],
  },
  {
    ...clientFirst,
    name: 'ZooKeeper',
    ports: [2181],
    otherPorts: [2888, 3888],
    images: ['zookeeper', 'cp-zookeeper'],
    words: ['zookeeper'],
    labels: ['strimzi.io/component-type=zookeeper'],
  },
  {
    ...clientFirst,
    name: 'Elasticsearch',
    ports: [],
    otherPorts: [9300],
    images: ['elasticsearch', 'opensearch'],
    words: [],
    labels: ['common.k8s.elastic.co/type=elasticsearch', 'opster.io/opensearch-cluster'],
  },
  {
    ...clientFirst,
    name: 'CockroachDB',
    upgradesToTls: true,
    ports: [26257],
    images: ['cockroach'],
    words: ['cockroachdb', 'cockroach', 'crdb'],
    labels: ['crdb.io/cluster'],
  },
  {
    ...clientFirst,
    name: 'SQL Server',
    upgradesToTls: true,
    ports: [1433],
    otherPorts: [1434, 5022],
    images: ['mssql/server', 'azure-sql-edge', 'mssql/rhel/server'],
    words: ['mssql', 'sqlserver', 'tds'],
    labels: [],
  },
  {
    ...clientFirst,
    name: 'Oracle Database',
    ports: [1521],
    otherPorts: [1522, 2484],
    images: [
      'database/enterprise',
      'database/free',
      'database/express',
      'oracle-free',
      'oracle-xe',
    ],
    words: ['sqlnet', 'oracledb'],
    labels: [],
  },
  {
    ...clientFirst,
    name: 'etcd',
    ports: [],
    images: ['etcd'],
    words: [],
    labels: ['app.kubernetes.io/name=etcd'],
  },
  {
    ...clientFirst,
    name: 'Memcached',
    ports: [11211],
    images: ['memcached'],
    words: ['memcached', 'memcache'],
    labels: [],
  },
  {
    ...clientFirst,
    name: 'ClickHouse',
    ports: [],
    otherPorts: [9000, 9009, 9440],
    images: ['clickhouse', 'clickhouse-server', 'clickhouse-keeper'],
    words: ['clickhouse'],
    labels: ['clickhouse.altinity.com/chi'],
  },
  {
    ...clientFirst,
    name: 'Neo4j',
    ports: [7687],
    images: ['neo4j'],
    words: ['bolt', 'neo4j'],
    labels: [],
  },
  {
    ...clientFirst,
    name: 'Db2',
    ports: [],
    otherPorts: [50_000, 50_001],
    images: ['db2', 'db2_community/db2'],
    words: ['db2'],
    labels: [],
  },
];
